"""The types of a numeric question's fields: numbers, names that the author chooses, and what a parameter is drawn from.

Invariant: a value that passes can be drawn from: a list or range with at least one finite number in it.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from llmquiz.questions.fields import FINE, Fault, Faults, Field, Key, ListType, MapType, Schema, Type, shown, unknown, within, wrong

NAME = r"[a-z][a-z0-9_]+"
LARGEST = 1e30
SCALES = ("linear", "log2")


class NumberType(NamedTuple):
    """A number from `low` to `high`, both included."""

    low: float
    high: float

    def check(self, value: object) -> Faults:
        """Accept an int or a float that is no bool."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.low <= value <= self.high:
            return wrong(f"{shown(value)} is not a number from {self.low:g} to {self.high:g}")
        return FINE

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "number", "minimum": self.low, "maximum": self.high}


class OneOfType(NamedTuple):
    """One of a few strings; `what` says what they are."""

    names: tuple[str, ...]
    what: str

    def check(self, value: object) -> Faults:
        """Accept a known one; the nearest is offered for another."""
        return FINE if value in self.names else wrong(unknown(self.what, value, self.names))

    def schema(self) -> Schema:
        """Describe it."""
        return {"enum": list(self.names)}


class NamesType(NamedTuple):
    """A mapping of names that the author chooses (two or more lower-case letters, digits, underscores) to one type."""

    item: Type

    def check(self, value: object) -> Faults:
        """Accept a mapping whose names are well-formed and whose values pass."""
        if not isinstance(value, dict):
            return wrong(f"{shown(value)} where a mapping of names is meant")
        faults: list[Fault] = []
        for name, item in value.items():
            if not re.fullmatch(NAME, name):
                faults.append(((Key(name),), f"{shown(name)} is no name: two or more lower-case letters, digits or _, a letter first"))
            faults += within(name, self.item.check(item))
        return faults

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "object", "propertyNames": {"pattern": f"^{NAME}$"}, "additionalProperties": self.item.schema()}


class ParamType(NamedTuple):
    """What a parameter is drawn from: a list of numbers, or a range with `from`, `to`, and `step` or `scale: log2`."""

    one: NumberType = NumberType(-LARGEST, LARGEST)

    def check(self, value: object) -> Faults:
        """Accept a list of numbers, or a range that has a number in it."""
        if isinstance(value, list):
            return ListType(self.one).check(value) if value else wrong("empty: give the numbers to draw from")
        faults = self._range().check(value)
        if isinstance(value, dict) and not faults:
            if not value["from"] <= value["to"]:
                return wrong("`from` is above `to`")
            if value.get("scale") == "log2" and value["from"] <= 0:
                return wrong("`from` has to be above 0 on a log2 scale")
            if (value["to"] - value["from"]) / value.get("step", 1) > LARGEST:
                return wrong("too many numbers to draw from")
        return faults

    def _range(self) -> MapType:
        ends = (Field("from", self.one, required=True), Field("to", self.one, required=True))
        steps = (Field("step", NumberType(1e-9, LARGEST)), Field("scale", OneOfType(SCALES, "scale")))
        return MapType((*ends, *steps), noun="range")

    def schema(self) -> Schema:
        """Describe it."""
        return {"oneOf": [{"type": "array", "items": self.one.schema(), "minItems": 1}, self._range().schema()]}


def pick(of: Any, at: float) -> float:
    """Return one of the numbers of a parameter; `at` from 0 up to 1 says which."""
    if isinstance(of, list):
        return of[int(at * len(of))]  # type: ignore[no-any-return]
    low, high = of["from"], of["to"]
    if of.get("scale") == "log2":
        doublings = 0
        while low * 2 ** (doublings + 1) <= high:
            doublings += 1
        return low * 2 ** int(at * (doublings + 1))  # type: ignore[no-any-return]
    step = of.get("step", 1)
    count = int((high - low) / step + 1e-9) + 1
    value = low + step * int(at * count)
    return value if isinstance(value, int) else round(value, 9)
