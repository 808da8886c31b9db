"""Commands that mark cards: suspend, bury, flag, and each of them taken back.

Invariant: all cards that were named are marked or none; a mark is a row that is added to the log, nothing is deleted.
"""

from pathlib import Path
from typing import Annotated

import typer

from llmquiz.cli.context import Clock, collection, out, tell
from llmquiz.cli.options import BankOption, complete_id, complete_query

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of questions.", autocompletion=complete_id)]
QueryOption = Annotated[
    str | None,
    typer.Option("--query", metavar="QUERY", help="And every card that this means, as in `llmquiz list`.", autocompletion=complete_query),
]


def _examples(name: str, query: str) -> str:
    return f"[bold]Examples[/bold]\n\nllmquiz {name} moe-basics\n\nllmquiz {name} --query '{query}'"


SUSPEND_EXAMPLES = _examples("suspend", "topic:diffusion-generation")
UNSUSPEND_EXAMPLES = _examples("unsuspend", "is:suspended")
BURY_EXAMPLES = _examples("bury", "is:due level:5")
UNBURY_EXAMPLES = _examples("unbury", "is:buried")
FLAG_EXAMPLES = _examples("flag", "is:leech")
UNFLAG_EXAMPLES = _examples("unflag", "is:flagged")


def suspend(ids: Ids = None, query: QueryOption = None, bank: BankOption = None) -> None:
    """Suspend cards: they are not asked until `unsuspend`."""
    _mark(ids, query, bank, "suspended", "suspended", on=True)


def unsuspend(ids: Ids = None, query: QueryOption = None, bank: BankOption = None) -> None:
    """Ask suspended cards again; their dates are as they were."""
    _mark(ids, query, bank, "suspended", "no longer suspended", on=False)


def bury(ids: Ids = None, query: QueryOption = None, bank: BankOption = None) -> None:
    """Bury cards: they are not asked before tomorrow."""
    _mark(ids, query, bank, "buried", "buried until tomorrow", on=True)


def unbury(ids: Ids = None, query: QueryOption = None, bank: BankOption = None) -> None:
    """Ask buried cards today after all."""
    _mark(ids, query, bank, "buried", "no longer buried", on=False)


def flag(ids: Ids = None, query: QueryOption = None, bank: BankOption = None) -> None:
    """Flag cards, for you to find again with `is:flagged`."""
    _mark(ids, query, bank, "flagged", "flagged", on=True)


def unflag(ids: Ids = None, query: QueryOption = None, bank: BankOption = None) -> None:
    """Take the flag off cards."""
    _mark(ids, query, bank, "flagged", "no longer flagged", on=False)


def _mark(ids: list[str] | None, query: str | None, bank: list[Path] | None, mark: str, done: str, *, on: bool) -> None:
    from llmquiz.query import parse

    wanted = parse(query or "")
    if not ids and not wanted:
        msg = "no card named: give ids, or --query QUERY"
        raise typer.BadParameter(msg)
    clock = Clock()
    with collection(bank or ()) as opened:
        marked = opened.mark_all(ids or (), wanted, mark, clock.now(), on=on)
    for card, changed in marked:
        out(f"{card}: {done}" if changed else f"{card}: {'already' if on else 'was not'} {mark}")
    if not marked:
        tell("no card matches")
