"""The reviews of a year as a field of days: a column a week, a row a weekday.

Invariant: each weight has a sign of its own, so that the field can be read without colour; it fits into 80 columns, and
on fewer shows fewer weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from llmquiz.render import View
from llmquiz.stats import monday

SIGNS = "·░▒▓█"
COLUMNS = 53  # weeks
MARGIN = 5  # cells for the names of the weekdays
WIDE = MARGIN + 2 * COLUMNS


def heatmap(counts: Sequence[tuple[date, int]], day: date, view: View) -> RenderableType:
    """Return the field of the weeks up to `day`, with months above, weekdays on the left and a legend below."""
    by_day = dict(counts)
    most = max(by_day.values(), default=0)
    columns = min(COLUMNS, view.width - MARGIN)
    start = monday(day) - timedelta(weeks=columns - 1)
    step = 2 if view.width > WIDE else 1
    lines = [_months(start, columns, step, view)]
    for row, name in enumerate(view.words("weekdays").split()):
        line = Text(_padded(name if row % 2 == 0 else "", MARGIN))
        for column in range(columns):
            at = start + timedelta(weeks=column, days=row)
            if at <= day:
                weight = _weight(by_day.get(at, 0), most)
                line.append(SIGNS[weight] * step if weight else SIGNS[0].ljust(step), "green" if weight else "dim")
        lines.append(line)
    return Group(*lines, Text(" " * MARGIN + view.words("legend", signs=" ".join(SIGNS), most=most), "dim"))


def _weight(n: int, most: int) -> int:
    return -(-n * (len(SIGNS) - 1) // most) if n else 0


def _months(start: date, columns: int, step: int, view: View) -> Text:
    names = view.words("months").split()
    out = " " * MARGIN
    for column in range(columns):
        at = start + timedelta(weeks=column)
        begins = at.month != (at - timedelta(weeks=1)).month if column else at.month == (at + timedelta(weeks=3)).month
        name = names[at.month - 1]
        if begins and cell_len(out) <= MARGIN + column * step <= view.width - cell_len(name):
            out = _padded(out, MARGIN + column * step) + name
    return Text(out, "dim")


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - cell_len(text))
