"""Numeric questions: numbers drawn anew for every review, so that only the method can be learnt.

Invariant: a draw satisfies every `where`; question, worked solution and judgement all speak of the same draw.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from llmquiz.errors import LlmquizError
from llmquiz.questions.base import COMMON, TYPE, Question, Verdict
from llmquiz.questions.fields import Fault, Field, ListType, MapType, Path, StringType, TextType
from llmquiz.questions.formula import NAMES, FormulaError, evaluate, holds
from llmquiz.questions.params import LARGEST, NamesType, NumberType, OneOfType, ParamType, pick
from llmquiz.questions.quantity import UNITS, near, read
from llmquiz.questions.readable import number, show
from llmquiz.questions.text import Text, say, word

DRAW = "draw"  # where a question that is asked keeps its numbers, in its body
TRIES = 1000  # draws that may break a `where` before it is given up
FACTOR = 2  # within this factor of the answer the method is nearly right
SMALLEST = 1e-15  # of a sane answer
Draw = dict[str, float]
_PLACE = re.compile(r"\{([a-z][a-z0-9_]+)\}")


MISTAKE = MapType(
    (
        Field("formula", StringType(), "what the wrong method gives", required=True),
        Field("why", TextType(), "what went wrong", required=True),
    ),
    noun="mistake",
)


class Numeric(Question):
    """A question whose answer is a number."""

    __slots__ = ()
    kind: ClassVar[str] = "numeric"
    way: ClassVar[str] = TYPE
    fields: ClassVar[tuple[Field, ...]] = (
        *COMMON,
        Field(
            "params",
            NamesType(ParamType()),
            "what is drawn: a list of numbers, or {from, to, step} or {from, to, scale: log2}",
            required=True,
        ),
        Field("where", ListType(StringType()), "conditions; a draw that breaks one is drawn again"),
        Field("let", NamesType(StringType()), "intermediate values, in order; formulas and texts may use them"),
        Field("formula", StringType(), "the answer, in `unit`", required=True),
        Field("unit", OneOfType(tuple(UNITS), "unit"), "what the answer is in", required=True),
        Field("tolerance", NumberType(0, 0.5), "relative; 0 for exactly right. Default 0.05"),
        Field("mistakes", ListType(MISTAKE), "wrong methods; an answer that matches one is told which"),
        Field("answer", TextType(), "the worked solution; {name} and {result} show this draw's numbers", required=True),
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Find names that are taken, and formulas that have no value in the first draws."""
        taken = {*NAMES, "result"}
        for field in ("params", "let"):
            for name in raw.get(field, {}):
                if name in taken:
                    yield (field, name), f"`{name}` is taken: choose another name"
                taken.add(name)
        yield from cls("", "", raw).trial(2)

    @property
    def unit(self) -> str:
        """What the answer is in."""
        return str(self.body["unit"])

    @property
    def tolerance(self) -> float:
        """How far off an answer is still right, relative."""
        return float(self.body.get("tolerance", 0.05))

    # draws

    def asked(self, seed: str) -> Numeric:
        """Return the question with numbers drawn; raises LlmquizError where none can be drawn."""
        try:
            values = self._values(self.draw(seed))
        except FormulaError as error:
            msg = f"`{self.id}` cannot be asked: {error}"
            raise LlmquizError(msg) from error
        return Numeric(self.id, self.topic, {**self.body, DRAW: values})

    def draw(self, seed: str) -> Draw:
        """Draw the parameters until every `where` holds; raises FormulaError."""
        from random import Random  # noqa: TID251  its seed is the argument

        rng = Random(seed)  # noqa: S311  numbers to calculate with, no secret
        for _ in range(TRIES):
            drawn = {name: pick(of, rng.random()) for name, of in self.body["params"].items()}
            if all(holds(condition, drawn) for condition in self.body.get("where", ())):
                return drawn
        msg = f"no draw of {TRIES} satisfies `where`"
        raise FormulaError(msg)

    def _values(self, drawn: Draw) -> Draw:
        """Return the drawn parameters with what `let` and `formula` make of them."""
        values = dict(drawn)
        for name, formula in self.body.get("let", {}).items():
            values[name] = evaluate(formula, values)
        values["result"] = evaluate(self.body["formula"], values)
        return values

    def _mistakes(self, values: Draw) -> list[tuple[float, Text]]:
        return [(evaluate(m["formula"], values), m["why"]) for m in self.body.get("mistakes", ())]

    def trial(self, count: int) -> Iterator[Fault]:
        """Draw `count` times; yield the first fault: no value, no sane answer, or a mistake that cannot be told from the answer."""
        for i in range(count):
            where: Path = ("where",)
            try:
                drawn = self.draw(f"trial {i}")
                where = ("formula",)
                values = self._values(drawn)
                where = ("mistakes",)
                wrong = [value for value, _ in self._mistakes(values)]
            except FormulaError as error:
                yield where, str(error)
                return
            if fault := self._fault(values["result"], wrong):
                numbers = ", ".join(f"{k} = {number(v)}" for k, v in drawn.items())
                yield fault[0], f"{fault[1]} where {numbers}"
                return

    def _fault(self, result: float, wrong: list[float]) -> Fault | None:
        if not SMALLEST <= result <= LARGEST:
            return ("formula",), f"the answer is {number(result)}, no sane one,"
        if self.unit == "fraction" and result > 1:
            return ("formula",), f"the answer is {number(result)}, no fraction,"
        for i, value in enumerate(wrong):
            if near(value, result, self.tolerance):
                return ("mistakes", i, "formula"), f"the mistake gives {number(value)}, which counts as right,"
        return None

    # faces

    def _fill(self, text: str, lang: str) -> str:
        """Put this draw's numbers into a text; a question that is not asked keeps its names."""
        values = self.body.get(DRAW)
        if values is None:
            return text

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name == "result":
                return show(values[name], self.unit, lang)
            return number(values[name]) if name in values else found[0]

        return _PLACE.sub(value, text)

    def front(self, lang: str) -> str:
        """Return the question with this draw's numbers."""
        return self._fill(say(self.text, lang), lang)

    def answer_in(self, lang: str) -> str:
        """Return the worked solution with this draw's numbers, the mistakes, and the sources."""
        parts = [self._fill(say(self.body["answer"], lang), lang)]
        if mistakes := self.body.get("mistakes"):
            parts.append(f"**{word('pitfalls', lang)}**\n\n" + "\n".join(f"- {self._fill(say(m['why'], lang), lang)}" for m in mistakes))
        return "\n\n".join([*parts, *filter(None, [self.sources_in(lang)])])

    # judgement

    def judge(self, said: str, lang: str, *, slow: bool = False) -> Verdict:  # noqa: ARG002  arithmetic takes the time it takes
        """Judge a number: within tolerance 5; a listed mistake 2; within a factor of 2 3; else 1."""
        values: Draw = self.body[DRAW]
        drawn = {name: values[name] for name in self.body["params"]}
        stored = f"{said.strip() or '-'} {json.dumps(drawn)}"  # what was said, and of which numbers
        if not said.strip():
            return Verdict(1, _both(self._shown("The answer is {}.", "答案是 {}。", values["result"])), stored)
        value = read(said, self.unit)
        grade, en, zh = self._judged(value, values)
        heard = self._shown("You said {}. ", "你答的是 {}。", value)
        return Verdict(grade, _both((heard[0] + en, heard[1] + zh)), stored)

    def _judged(self, value: float, values: Draw) -> tuple[int, str, str]:
        right = values["result"]
        if near(value, right, self.tolerance):
            return 5, "Right.", "正确。"
        for wrong, why in self._mistakes(values):
            if near(value, wrong, self.tolerance):
                return 2, self._fill(say(why, "en"), "en"), self._fill(say(why, "zh"), "zh")
        if right / FACTOR <= value <= right * FACTOR:
            return 3, *self._shown("Close: it is {}.", "接近：应为 {}。", right)
        return 1, *self._shown("It is {}.", "应为 {}。", right)

    def _shown(self, en: str, zh: str, value: float) -> tuple[str, str]:
        return en.format(show(value, self.unit, "en")), zh.format(show(value, self.unit, "zh"))


def _both(said: tuple[str, str]) -> Text:
    return {"en": said[0], "zh": said[1]}
