"""The types that a field of a question can have: each checks a value and describes itself as JSON Schema.

Invariant: checking never raises for a bad value; it returns faults, each a path into the value and a message that says
what is wrong and what would be right. The path is what the loader turns into a line and a column. A value that is fine,
as nearly all of a large bank are, costs one call a field: no path is built for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

LANGUAGES = ("en", "zh")
FEW = 40  # names, and characters of a value, that a message may list
SLUG = r"[a-z0-9\u4e00-\u9fff][a-z0-9._\u4e00-\u9fff-]*\Z"  # compiled when first used: its ranges cost 3 ms


class Key(str):
    """The last step of a path that means the key itself, not its value."""

    __slots__ = ()


Path = tuple[str | int, ...]
Fault = tuple[Path, str]
Faults = Sequence[Fault]
Schema = dict[str, Any]
FINE: Faults = ()


def wrong(message: str) -> Faults:
    """Return the one fault that a value has as a whole."""
    return [((), message)]


def within(step: str | int, faults: Faults) -> Faults:
    """Return the faults of a part as those of the whole, in which the part stands at `step`."""
    return [((step, *path), message) for path, message in faults]


class Type(Protocol):
    """What a value has to be."""

    def check(self, value: object) -> Faults:
        """Return a fault for each thing that is wrong with `value`, `FINE` for nothing."""
        ...

    def schema(self) -> Schema:
        """Describe the type as JSON Schema (draft 2020-12)."""
        ...


def shown(value: object) -> str:
    """Say a value as a YAML author would recognise it, shortened to `FEW` characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"{str(value).lower()} (a true/false value)"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return repr(text if len(text) <= FEW else text[: FEW - 3] + "...")


class TextType:
    """A plain string, or a map of languages to strings."""

    def check(self, value: object) -> Faults:
        """Accept a non-empty string, or a map whose keys are `LANGUAGES` and whose values are non-empty strings."""
        if not isinstance(value, dict):
            return FINE if isinstance(value, str) and value and not value.isspace() else STRING.check(value)
        if not value:
            return wrong(f"empty: give a text, or one for each language ({', '.join(LANGUAGES)})")
        faults: list[Fault] = []
        for lang, text in value.items():
            if lang not in LANGUAGES:
                faults.append(((Key(lang),), f"unknown language {shown(lang)}: known are {', '.join(LANGUAGES)}"))
            elif found := STRING.check(text):
                faults += within(lang, found)
        return faults

    def schema(self) -> Schema:
        """Describe it."""
        one = STRING.schema()
        by_lang = dict.fromkeys(LANGUAGES, one)
        return {"oneOf": [one, {"type": "object", "properties": by_lang, "additionalProperties": False, "minProperties": 1}]}


TEXT = TextType()


class StringType(NamedTuple):
    """A string that is not empty; `pattern` (with `hint` in words) narrows it."""

    pattern: str = ""
    hint: str = ""

    def check(self, value: object) -> Faults:
        """Accept a string; a number, date or true/false is told to wear quotes."""
        if not isinstance(value, str):
            bare = value is None or isinstance(value, (dict, list))
            return wrong(f"{shown(value)} where text is meant{'' if bare else ': put it in quotes'}")
        if not value or value.isspace():
            return wrong("empty text")
        if self.pattern and not _compiled(self.pattern).match(value):
            return wrong(f"{shown(value)} is not {self.hint}")
        return FINE

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "string", "minLength": 1} | ({"pattern": "^" + self.pattern.replace(r"\Z", "$")} if self.pattern else {})


STRING = StringType()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class IntType(NamedTuple):
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int

    def check(self, value: object) -> Faults:
        """Accept an int that is no bool."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            return wrong(f"{shown(value)} is not a whole number from {self.low} to {self.high}")
        return FINE

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class BoolType:
    """`true` or `false`."""

    def check(self, value: object) -> Faults:
        """Accept a bool."""
        return FINE if isinstance(value, bool) else wrong(f"{shown(value)} is not true or false")

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "boolean"}


class ListType(NamedTuple):
    """A list of one type."""

    item: Type

    def check(self, value: object) -> Faults:
        """Accept a list whose items all pass."""
        if not isinstance(value, list):
            return wrong(f"{shown(value)} where a list is meant")
        faults: list[Fault] = []
        for i, item in enumerate(value):
            if found := self.item.check(item):
                faults += within(i, found)
        return faults

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "array", "items": self.item.schema()}


class Field(NamedTuple):
    """One key of a mapping: its name, its type and whether it must be there; `help` is what an editor shows."""

    name: str
    type: Type
    help: str = ""
    required: bool = False


class MapType:
    """A mapping with known keys; of the keys in `one_of` at least one must be there."""

    def __init__(self, fields: tuple[Field, ...], one_of: tuple[str, ...] = (), noun: str = "item") -> None:
        """Index the fields by name; `noun` is what messages call the mapping."""
        self.fields, self.one_of, self.noun = fields, one_of, noun
        self.known = {f.name: f.type for f in fields}
        self.required = [f for f in fields if f.required]
        self.telling = {f.name: f.type for f in fields if _tells(f.type)}

    def check(self, value: object) -> Faults:
        """Accept a mapping with the required keys and no unknown ones."""
        if not isinstance(value, dict):
            return wrong(f"{shown(value)} where a mapping ({', '.join(self.known)}) is meant")
        faults: list[Fault] = []
        known = self.known
        for name, item in value.items():
            if name not in known:
                faults.append(((Key(name),), unknown("key", name, known)))
            elif found := known[name].check(item):
                faults += within(name, found)
        for f in self.required:
            if f.name not in value:
                faults += wrong(f"{self.noun} has no `{f.name}`: {f.help}" if f.help else f"{self.noun} has no `{f.name}`")
        if self.one_of and not any(k in value for k in self.one_of):
            faults += wrong(f"{self.noun} has none of {', '.join(f'`{k}`' for k in self.one_of)}: give at least one")
        return faults

    def schema(self) -> Schema:
        """Describe it."""
        properties = {f.name: f.type.schema() | ({"description": f.help} if f.help else {}) for f in self.fields}
        out: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required := [f.name for f in self.required]:
            out["required"] = required
        if self.one_of:
            out["anyOf"] = [{"required": [k]} for k in self.one_of]
        return out


class PointType:
    """A point of the rubric: a text, or a map of languages with `must: true` where the answer fails without it."""

    def check(self, value: object) -> Faults:
        """Accept a text, or a mapping of `text` or languages with an optional `must`."""
        if not isinstance(value, dict) or ("must" not in value and "text" not in value):
            return TEXT.check(value)
        faults = [*within("must", BoolType().check(value["must"]))] if "must" in value else []
        rest = {k: v for k, v in value.items() if k not in ("must", "text")}
        if "text" not in value:
            return [*faults, *TEXT.check(rest)]
        faults += within("text", STRING.check(value["text"]))
        return faults + [((Key(name),), f"`{name}` beside `text`: give either one text or one for each language") for name in rest]

    def schema(self) -> Schema:
        """Describe it."""
        one = STRING.schema()
        properties = {"must": {"type": "boolean"}, "text": one, **dict.fromkeys(LANGUAGES, one)}
        return {"oneOf": [one, {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}]}


def texts(value: Any, type_: object) -> list[tuple[Path, str | Mapping[str, str]]]:
    """Return every text in a value that passes a type, plain or by language, with the steps to it; other strings are none."""
    if isinstance(type_, MapType):
        parts: Iterable[tuple[str | int, Any, object]] = [(k, item, type_.telling[k]) for k, item in value.items() if k in type_.telling]
    elif isinstance(type_, ListType) and _tells(type_.item):
        parts = [(i, item, type_.item) for i, item in enumerate(value)]
    elif isinstance(type_, PointType) and isinstance(value, dict) and "text" in value:
        return [(("text",), value["text"])]
    elif _tells(type_):
        return [((), value if isinstance(value, str) else {lang: value[lang] for lang in LANGUAGES if lang in value})]
    else:
        return []
    out: list[tuple[Path, str | Mapping[str, str]]] = []
    for step, item, of in parts:
        if isinstance(item, str):  # as most are, of large banks
            out.append(((step,), item))
        else:
            out += [((step, *where), text) for where, text in texts(item, of)]
    return out


def _tells(type_: object) -> bool:
    """Whether there can be a text in a value of a type."""
    if isinstance(type_, ListType):
        return _tells(type_.item)
    return bool(type_.telling) if isinstance(type_, MapType) else isinstance(type_, (TextType, PointType))


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Say that a name is unknown, with the nearest known one; difflib's ratio of 0.6 or more counts as near."""
    from difflib import get_close_matches

    names = [str(k) for k in known]
    near = get_close_matches(str(name), names, n=1)
    if near:
        return f"unknown {what} {shown(name)}: did you mean `{near[0]}`?"
    few = f": known are {', '.join(names)}" if 0 < len(names) <= FEW else ""
    return f"unknown {what} {shown(name)}{few}"
