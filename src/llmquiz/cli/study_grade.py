"""The second half of a card: the points that were said, then the grade.

Invariant: no grade is taken without a key that says it, and none above what a question that grades itself has given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from llmquiz.cli.keyboard import ON
from llmquiz.cli.study_ways import Go
from llmquiz.model import Grade
from llmquiz.questions import say
from llmquiz.render import clean
from llmquiz.render.wrap import KEYS_APART, rows, wrap, wrap_keys

if TYPE_CHECKING:
    from llmquiz.cli.study_keys import KeyScreen


def tick(screen: KeyScreen, points: list[tuple[str, bool]]) -> Go | None:
    """Let digits turn points on and off; None when the learner goes on to the grade."""
    while True:
        screen.terminal.block(*_point_lines(screen, points))
        key = screen.key()
        if key in ON:
            return None
        if key.isdecimal() and 1 <= int(key) <= len(points):
            screen.ticked ^= {int(key) - 1}
        elif (go := screen.common(key, back=True)) is not None:
            return go


def _point_lines(screen: KeyScreen, points: list[tuple[str, bool]]) -> list[str]:
    """Return the lines of the rubric: number, tick, text."""
    t, words = screen.terminal, screen.words
    lines = [t.style(x, "bold") for x in wrap(words("points"), t.width)]
    for i, (text, must) in enumerate(points):
        mark = "x" if i in screen.ticked else " "
        said = f"{text} ({words('must')})" if must else text
        first, *rest = wrap(said, t.measure, " " * 6)
        style = ("green",) if i in screen.ticked else ()
        lines += [t.style(f"{i + 1} [{mark}] {first[6:]}", *style), *(t.style(x, *style) for x in rest)]
    return [*lines, *(t.style(x, "dim") for x in wrap_keys(words("points_hint") + _tall(screen), t.width))]


def _tall(screen: KeyScreen) -> str:
    """Return the key that shows the answer from its top, where that is above the screen."""
    return KEYS_APART + screen.words("tall_hint") if screen.tall else ""


def take_grade(screen: KeyScreen, suggested: int | None) -> Go:
    """Read the grade: a digit, or Enter for the suggestion."""
    t, words = screen.terminal, screen.words
    t.keep()
    t.write("")
    lines = _grade_lines(screen, suggested)
    note = ""
    while True:
        t.block(*lines, *(t.style(x, "yellow") for x in wrap(note, t.width) if note))
        note = ""
        screen.sitting.prepare()
        key = screen.key()
        if key in ON and suggested is None:
            note = words("no_points")
        elif key in ON and suggested is not None:
            return _graded(screen, Grade(suggested))
        elif key.isdecimal():
            if int(key) <= screen.sitting.highest:
                return _graded(screen, Grade(int(key)))
            known = int(key) in tuple(Grade)
            note = words("not_higher", said=key, grade=int(screen.sitting.highest)) if known else words("bad_grade", said=key)
        elif (go := screen.common(key, back=True)) is not None:
            return go


def _grade_lines(screen: KeyScreen, suggested: int | None) -> list[str]:
    """Return the lines of the grade: each that may be given with the interval it leads to, the suggestion marked."""
    t, words, sitting = screen.terminal, screen.words, screen.sitting
    parts = [
        f"{'>' if int(g) == suggested else ' '}{int(g)} {words(f'grade{int(g)}')} {interval}".rstrip()
        for g, interval in zip(Grade, sitting.intervals(), strict=True)
        if g <= sitting.highest
    ]
    chosen = next((p for p in parts if p.startswith(">")), "")
    gap = next((" " * n for n in (3, 2, 1) if cell_len((" " * n).join(parts)) <= t.width), "   ")  # closer together where one row is enough
    styled = [r.replace(chosen, t.style(chosen, "reverse")) if chosen else r for r in rows(parts, t.width, gap)]
    name = "verdict_hint" if sitting.verdict else "grade_hint" if suggested is None else "grade_hint_suggested"
    asked = clean(say(sitting.verdict.note, words.lang)) if sitting.verdict else words("grade")
    hint = wrap_keys(words(name, grade=suggested) + _tall(screen), t.width)
    return [*(t.style(x, "bold") for x in wrap(asked, t.width)), *styled, *(t.style(x, "dim") for x in hint)]


def _graded(screen: KeyScreen, grade: Grade) -> Go:
    screen.sitting.grade(grade, screen.answer)
    return Go.NEXT
