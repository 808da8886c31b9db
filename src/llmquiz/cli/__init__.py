"""The command line.

Invariant: what is typed every day without options is not parsed, as there is nothing to parse, and Typer is not imported for
it, which is half of a start; everything else is Typer's (`app.py`), these command lines included where they come to it.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module

PLAIN = {
    (): ("today", "glance"),
    ("due",): ("today", "due"),
    ("due", "--count"): ("today", "due_count"),
    ("study",): ("studying", "study"),
}  # a command line: the function of that name in this module of the package


def run(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run a command line; exits with 0 done, 1 data or request at fault, 2 wrong usage, 130 interrupted, 128 + n for signal n."""
    from llmquiz.cli.context import boundary

    with boundary():
        if tuple(argv) in PLAIN and "_LLMQUIZ_COMPLETE" not in environ:
            module, name = PLAIN[tuple(argv)]
            getattr(import_module(f"llmquiz.cli.{module}"), name)()
            return
        from llmquiz.cli.app import build, wanted

        build(wanted(argv, environ))()
