"""The application: Typer commands, each of which parses, calls one method of `Collection` and prints.

Invariant: of the commands only the one that is asked for is imported and built. Modules that define commands do without
`from __future__ import annotations`: at every start Typer would compile each annotation from its text, twice.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from inspect import getdoc
from typing import Annotated, Any

import typer

from llmquiz import __version__
from llmquiz.cli.context import boundary, out

# A command `name` is the function of that name (`name_` where Python has the word) in this module of the package, its
# examples are NAME_EXAMPLES there, and its class, where it is no plain one, stands in CLASSES.
COMMANDS = {
    "study": "study",
    "add": "authoring",
    "list": "listing",
    "search": "listing",
    "show": "listing",
    "history": "listing",
    "stats": "looking",
    "topics": "looking",
    "due": "looking",
    "undo": "undoing",
    "redo": "undoing",
    "suspend": "marking",
    "unsuspend": "marking",
    "bury": "marking",
    "unbury": "marking",
    "flag": "marking",
    "unflag": "marking",
    "edit": "editing",
    "remove": "editing",
    "rename": "editing",
    "check": "authoring",
    "trust": "trusting",
    "sync": "carrying",
    "merge": "carrying",
    "export": "carrying",
    "config": "settings",
    "schema": "authoring",
    "backup": "backups",
    "backups": "backups",
    "restore": "backups",
    "doctor": "doctor",
}


class Group(typer.core.TyperGroup):
    """The error boundary, and the nearest command for a mistyped one (Typer's own)."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command inside the boundary: exits and errors are the same wherever the application is called from."""
        with boundary():
            return super().invoke(ctx)


def wanted(argv: Sequence[str], environ: Mapping[str, str]) -> Collection[str]:
    """Return the commands that have to be built: the one that is named, none without arguments, else all."""
    if "_LLMQUIZ_COMPLETE" in environ:
        return COMMANDS
    if not argv:
        return ()
    return (argv[0],) if argv[0] in COMMANDS else COMMANDS


def build(names: Collection[str] = COMMANDS.keys()) -> typer.Typer:
    """Return the application with some of its commands."""
    app = typer.Typer(
        cls=Group,
        no_args_is_help=False,
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Every day: [bold]llmquiz study[/bold]. Asked something new in an interview: [bold]llmquiz add[/bold].",
    )
    app.callback()(main)
    for name in names:
        module = import_module(f"llmquiz.cli.{COMMANDS[name]}")
        function = getattr(module, name, None) or getattr(module, f"{name}_")
        kind = getattr(module, "CLASSES", {}).get(name)
        app.command(name, cls=kind, help=_flowing(function), epilog=getattr(module, f"{name.upper()}_EXAMPLES"))(function)
    return app


def _flowing(function: Callable[..., Any]) -> str:
    """Return the docstring of a command with each paragraph on one line: the terminal breaks it, not our sources' margin."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (getdoc(function) or "").split("\n\n"))


def _version(value: bool) -> None:  # noqa: FBT001  Typer hands it over by position
    if value:
        out(f"llmquiz {__version__}")
        raise typer.Exit


def main(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version.")] = False,  # noqa: ARG001
) -> None:
    """Practise interview questions on large language models, with spaced repetition.

    Without a command: where you stand today, and what to type next.
    """
    if ctx.invoked_subcommand is None:
        from llmquiz.cli import today

        today.glance()
