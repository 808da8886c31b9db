"""Cards that a query found, as a table for a terminal.

Invariant: an id is never cut, so that it can be copied; what does not fit is the end of the question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from llmquiz.log.search import Hit
from llmquiz.questions import say
from llmquiz.render import View, clean, inline

WIDE, WIDEST = 100, 120  # columns of a terminal from which more fields are shown


def cards_table(hits: Sequence[Hit], view: View, sort: str = "") -> Table:
    """Return cards as a table: ids whole, questions cut to what is left of the width."""
    names = _columns(hits, view.width, sort)
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold", expand=True)
    for name in names:
        if name == "question":
            table.add_column(view.words(name), no_wrap=True, overflow="ellipsis", ratio=1)
        else:
            table.add_column(view.words(name), justify="right" if name in NUMBERS else "left", no_wrap=True, overflow="fold")
    for hit in hits:
        table.add_row(*(CELLS[name](hit, view) for name in names))
    table.caption = view.words("found_one") if len(hits) == 1 else view.words("found", n=len(hits))
    table.caption_justify = "left"
    return table


def _columns(hits: Sequence[Hit], width: int, sort: str) -> list[str]:
    wide = {"interval", "ease", "lapses"} if width >= WIDE else {sort} & {"ease", "lapses"}
    there = {"id", "level", "due", "question"} | wide | ({"topic"} if width >= WIDEST else set())
    if any(h.marks for h in hits):
        there.add("marks")
    return [n for n in CELLS if n in there]


def _due(hit: Hit, view: View) -> Text:
    if hit.memory is None:
        return Text(view.words("new"), "dim")
    return Text(hit.memory.due.isoformat(), "red" if hit.memory.due <= view.day else "")


def _lapses(hit: Hit, _: View) -> Text:
    lapses = hit.memory.lapses if hit.memory else 0
    return Text(str(lapses or ""), "yellow")


NUMBERS = ("level", "interval", "ease", "lapses")
CELLS: dict[str, Callable[[Hit, View], Text]] = {
    "id": lambda hit, _: Text(hit.id, "cyan"),
    "topic": lambda hit, _: Text(clean(hit.topic)),
    "level": lambda hit, _: Text(str(hit.level)),
    "due": _due,
    "interval": lambda hit, view: Text(view.words("days", n=hit.memory.interval) if hit.memory else ""),
    "ease": lambda hit, _: Text(f"{hit.memory.ease / 100:.2f}" if hit.memory else ""),
    "lapses": _lapses,
    "marks": lambda hit, view: Text(" ".join(view.words(m) for m in hit.marks), "yellow"),
    "question": lambda hit, view: Text(" ".join(inline(say(hit.text, view.lang)).split())),
}
