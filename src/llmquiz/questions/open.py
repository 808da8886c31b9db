"""Open questions: answered aloud or in writing, graded by oneself against a rubric of points.

Invariant: a suggestion is made only from points that somebody ticked; without a tick there is none.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar, NamedTuple

from llmquiz.questions.base import COMMON, Question
from llmquiz.questions.fields import Field, ListType, PointType, TextType
from llmquiz.questions.text import Text, say, word


class Point(NamedTuple):
    """One line of the rubric; the answer fails without it where `must` is set."""

    text: Text
    must: bool


class Open(Question):
    """A question to talk about."""

    __slots__ = ()
    kind: ClassVar[str] = "open"
    fields: ClassVar[tuple[Field, ...]] = (
        *COMMON,
        Field("short", TextType(), "what to say in the first 30 seconds"),
        Field("answer", TextType(), "the whole answer, in Markdown; LaTeX between $...$", required=True),
        Field("points", ListType(PointType()), "the rubric: what an interviewer ticks; `must: true` where the answer fails without it"),
        Field("pitfalls", ListType(TextType()), "wrong answers that interviewers hear, and why each is wrong"),
    )

    @property
    def points(self) -> tuple[Point, ...]:
        """The rubric, in the order of the file."""
        return tuple(_point(p) for p in self.body.get("points", ()))

    def answer_in(self, lang: str) -> str:
        """Return short answer, answer, pitfalls and sources in one language, as Markdown."""
        parts = []
        if "short" in self.body:
            parts.append(f"**{word('short', lang)}**\n\n{say(self.body['short'], lang)}")
            parts.append(f"**{word('answer', lang)}**")
        parts.append(say(self.body["answer"], lang))
        if pitfalls := self.body.get("pitfalls"):
            parts.append(f"**{word('pitfalls', lang)}**\n\n" + "\n".join(f"- {say(p, lang)}" for p in pitfalls))
        parts.append(self.sources_in(lang))
        return "\n\n".join(p for p in parts if p)


def _point(raw: Text | dict[str, object]) -> Point:
    if isinstance(raw, str):
        return Point(raw, must=False)
    text = raw["text"] if "text" in raw else {k: v for k, v in raw.items() if k != "must"}
    return Point(text, must=bool(raw.get("must", False)))  # type: ignore[arg-type]


def suggest(points: tuple[Point, ...], ticked: AbstractSet[int]) -> int | None:
    """Suggest a grade from the points that were said (indices into `points`).

    All = 5; every `must` and more than half of the others = 4; every `must` = 3; a `must` missed = 2, or 1 where fewer
    than half of the points were said. None without a tick.
    """
    said = {i for i in ticked if 0 <= i < len(points)}
    if not said:
        return None
    if len(said) == len(points):
        return 5
    must = {i for i, p in enumerate(points) if p.must}
    if not must <= said:
        return 2 if len(said) * 2 >= len(points) else 1
    others = len(points) - len(must)
    return 4 if len(said - must) * 2 > others else 3
