"""One card in full, and reviews as a table, for a terminal.

Invariant: what was typed as an answer is shown whole and as text: it is not read as Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from llmquiz.model import Review, Whole
from llmquiz.questions import TYPE, Open, Point, say
from llmquiz.questions.code import Code
from llmquiz.render import View, clean, duration, inline
from llmquiz.render.code import source
from llmquiz.render.markdown import BilingualText, Markdown


def whole_card(card: Whole, title: str, view: View) -> RenderableType:
    """Return question, answer, points, sources, memory, history and follow-ups of a card; `title` is its topic's."""
    return Group(*_parts(card, title, view))


def _parts(card: Whole, title: str, view: View) -> Iterator[RenderableType]:
    words = view.words
    q = card.question.asked("an example") if card.question.way == TYPE else card.question
    about = [title, words("at_level", level=q.level), *q.tags, *(words(m) for m in card.marks)]
    yield Text(q.id, "bold cyan")
    yield BilingualText(clean(" · ".join(about)), "dim")
    yield BilingualText(clean(card.path), "dim")
    yield Text()
    if q is not card.question:
        yield Text(words("one_draw"), "dim")
    yield Markdown(q.front(view.lang))
    yield from (Text(f"{i}. {inline(o)}") for i, o in enumerate(q.options(view.lang), 1))
    if isinstance(q, Code):
        yield from (Text(), Text(words("starter"), "bold"), source(q.starter))
        yield from (Text(), Text(words("tests", names=", ".join(q.test_names))))
    yield from (Text(), Markdown(q.back(view.lang)))
    if isinstance(q, Open) and q.points:
        yield from (Text(), Text(words("points"), "bold"))
        yield _list((f"{i}.", _point(p, view)) for i, p in enumerate(q.points, 1))
    if card.follow_ups:
        yield from (Text(), Text(words("follow_ups"), "bold"))
        yield _list((f"{f.id}", inline(f.front(view.lang))) for f in card.follow_ups)
    yield from (Text(), Text(words("memory"), "bold"), Padding(_memory(card, view), (0, 0, 0, 1)))
    if card.history:
        yield from (Text(), Text(words("history"), "bold"), _history(card, view))


def _point(point: Point, view: View) -> str:
    must = f" ({view.words('must')})" if point.must else ""
    return inline(say(point.text, view.lang)).replace("\n\n", " / ") + must


def _list(items: Iterable[tuple[str, str]]) -> Table:
    """Return labelled texts, each text hanging beside its label."""
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=True)
    table.add_column(no_wrap=True, style="cyan")
    table.add_column()
    for label, text in items:
        table.add_row(f" {label}", BilingualText(text))
    return table


def _memory(card: Whole, view: View) -> RenderableType:
    m = card.memory
    if m is None:
        return Text(view.words("new"))
    values = {"due": m.due, "interval": m.interval, "ease": f"{m.ease / 100:.2f}", "repetitions": m.repetitions, "lapses": m.lapses}
    return BilingualText(view.words("memory_line", **values))


def _history(card: Whole, view: View) -> Table:
    table = _table(view, ("day", "grade", "mode", "time", "interval", "answer"))
    for r, days in zip(card.history, card.intervals, strict=True):
        table.add_row(*_cells(r, view), view.words("days", n=days) if days is not None else "", BilingualText(clean(r.answer)))
    return table


def reviews_table(reviews: Sequence[Review], view: View) -> Table:
    """Return reviews as a table, in their order."""
    table = _table(view, ("day", "grade", "mode", "time", "id", "answer"))
    for r in reviews:
        table.add_row(*_cells(r, view), Text(clean(r.card), "cyan"), BilingualText(clean(r.answer)))
    return table


def _cells(r: Review, view: View) -> tuple[Text, ...]:
    grade = Text(f"{int(r.grade)} {view.words(f'grade{int(r.grade)}')}", "" if r.grade.passed else "red")
    return Text(r.day.isoformat()), grade, Text(view.words(r.mode)), Text(duration(r.seconds))


def _table(view: View, names: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in names:
        right = name in ("time", "interval")
        table.add_column(view.words(name), justify="right" if right else "left", no_wrap=name != "answer", overflow="fold")
    return table
