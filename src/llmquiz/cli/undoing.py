"""Commands that take grades back and bring them back: undo, redo.

Invariant: each says what every card was before and is now; nothing is deleted: both are entries in the review log.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from llmquiz.cli.context import Clock, collection, out
from llmquiz.cli.options import MANY, BankOption, complete_id

if TYPE_CHECKING:
    from llmquiz.model import Memory, Undone

UNDO_EXAMPLES = """[bold]Examples[/bold]

llmquiz undo   the latest grade

llmquiz undo 3   the latest three

llmquiz undo --card moe-basics   the latest of that card

llmquiz undo --back 5   the fifth of `llmquiz history`, and no other"""
REDO_EXAMPLES = """[bold]Examples[/bold]

llmquiz redo   after one undo too many

llmquiz redo 3

llmquiz redo --card moe-basics"""

CountArgument = Annotated[int, typer.Argument(min=1, max=MANY, help="How many reviews.")]
CardOption = Annotated[str, typer.Option("--card", "-c", metavar="ID", help="Only reviews of this card.", autocompletion=complete_id)]


def undo(
    count: CountArgument = 1,
    card: CardOption = "",
    back: Annotated[
        int, typer.Option("--back", metavar="N", min=1, max=MANY, help="Begin with the N-th newest, as `history` lists them.")
    ] = 1,
    bank: BankOption = None,
) -> None:
    """Take back the latest grade, or the latest COUNT grades, and say what each card was before and is now.

    They stay in the log, marked as undone; `redo` brings them back, also after you quit.
    """
    clock = Clock()
    with collection(bank or ()) as opened:
        taken = opened.undo(clock.now(), count, card, back)
    _tell("taken back", taken, count, _nothing_to_take_back(card, back))


def _nothing_to_take_back(card: str, back: int) -> str:
    if back > 1:
        return f"nothing to take back: there are fewer than {back} grades{f' of `{card}`' if card else ''}"
    return f"nothing to take back: {f'`{card}`' if card else 'no card'} has {'not ' if card else ''}been graded yet"


def redo(count: CountArgument = 1, card: CardOption = "", bank: BankOption = None) -> None:
    """Bring back the grade that was taken back last, or the last COUNT, and say what each card was before and is now.

    A grade whose card has been graded again since then stays taken back.
    """
    clock = Clock()
    with collection(bank or ()) as opened:
        brought = opened.redo(clock.now(), count, card)
    nothing = "nothing to bring back: no grade was taken back, or its card has been graded since"
    _tell("brought back", brought, count, nothing)


def _tell(did: str, some: "Sequence[Undone]", count: int, nothing: str) -> None:
    """Say what was done to each review, and where there were fewer than asked for."""
    from llmquiz.errors import LlmquizError

    if not some:
        raise LlmquizError(nothing)
    for review, before, after in some:
        was, now = (_said(m) for m in (before, after))
        out(f"{did}: {review.card}, grade {int(review.grade)} of {review.day}; was {was}; now {now}")
    if len(some) < count:
        out(f"there were only {len(some)}")


def _said(memory: "Memory | None") -> str:
    return f"due {memory.due}, interval {memory.interval}d, ease {memory.ease / 100:.2f}" if memory else "new"
