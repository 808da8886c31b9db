"""`llmquiz trust`: which bank files may have their code run.

Invariant: nothing is trusted before the learner has been told what would run and has said yes.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmquiz.cli.context import collection, interactive, out, out_json
from llmquiz.cli.options import JsonOption
from llmquiz.disk import there
from llmquiz.errors import LlmquizError
from llmquiz.render import clean

if TYPE_CHECKING:
    from llmquiz.collection import Collection

TRUST_EXAMPLES = """[bold]Examples[/bold]

llmquiz trust my-bank   every file of a folder that has code questions

llmquiz trust ~/bank/coding.yaml --yes

llmquiz trust --list

llmquiz trust --list --json | jq -r '.[].path'

llmquiz trust --forget my-bank"""


def trust(
    paths: Annotated[list[Path] | None, typer.Argument(help="Bank files or folders.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show the files that are trusted.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Trust these files no longer.")] = False,
    json: JsonOption = False,
) -> None:
    """Let the code of bank files run.

    Studying or checking a code question runs the code of its file on your machine. The shipped questions are trusted; those
    of any other file stay locked until you say so here, and again when the file has changed. Read the file first: the
    fence around the code stops accidents, not malice.
    """
    from llmquiz import proving

    with collection(refresh=False) as opened:
        if list_:
            _list(proving.allowed(opened), json=json)
            return
        if json:
            msg = "--json goes with --list: trusting is a question to you, not an answer"
            raise LlmquizError(msg)
        if not paths:
            msg = "no file given: name bank files or folders, or --list"
            raise LlmquizError(msg)
        for path in paths:
            if not there(path) and not forget:
                msg = f"{path}: no such file or folder"
                raise LlmquizError(msg)
        if forget:
            for name in (gone := proving.forget(opened, paths)):
                out(f"no longer trusted: {clean(name)}")
            if not gone:
                out("none of them was trusted")
            return
        _trust(opened, paths, yes=yes)


def _list(allowed: list[tuple[str, bool]], *, json: bool) -> None:
    """Show the files that were trusted, each with whether it is locked again."""
    if json:
        out_json([{"path": name, "locked": not same} for name, same in allowed])
        return
    for name, same in allowed:
        out(clean(name) if same else f"{clean(name)}   changed since or gone: locked")


def _trust(opened: "Collection", paths: list[Path], *, yes: bool) -> None:
    """Show what would run, ask, and remember."""
    from llmquiz import proving

    found = proving.claims(opened, paths)
    if not found:
        out("no code questions there: nothing to trust")
    for claim in found:
        count = f"{len(claim.cards)} code question{'s' if len(claim.cards) > 1 else ''}"
        out(f"{clean(str(claim.path))}: {count}: {', '.join(claim.cards)}")
        if claim.trusted:
            out("trusted already")
            continue
        out("Studying one runs its tests with your code; checking runs its solutions too. The fence stops accidents, not malice.")
        sys.stdout.flush()
        if not yes and not interactive():
            msg = "nobody can answer here: read the file, then give --yes"
            raise LlmquizError(msg)
        if yes or typer.confirm("Trust this file?"):
            proving.allow(opened, claim)
            out("trusted, until the file changes")
        else:
            out("not trusted")
