"""The types that a field of a question can have: each checks a value and describes itself as JSON Schema.

Invariant: checking never raises for a bad value; it yields faults, each a path into the value and a message that says
what is wrong and what would be right. The path is what the loader turns into a line and a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

LANGUAGES = ("en", "zh")
FEW = 40  # names, and characters of a value, that a message may list
SLUG = r"[a-z0-9\u4e00-\u9fff][a-z0-9._\u4e00-\u9fff-]*\Z"  # compiled when first used: its ranges cost 3 ms


class Key(str):
    """The last step of a path that means the key itself, not its value."""

    __slots__ = ()


Path = tuple[str | int, ...]
Fault = tuple[Path, str]
Schema = dict[str, Any]


class Type(Protocol):
    """What a value has to be."""

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Yield a fault for each thing that is wrong with `value`, which stands at `path`."""
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

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Accept a non-empty string, or a map whose keys are `LANGUAGES` and whose values are non-empty strings."""
        if isinstance(value, Mapping):
            if not value:
                yield path, f"empty: give a text, or one for each language ({', '.join(LANGUAGES)})"
            for lang, text in value.items():
                if lang not in LANGUAGES:
                    yield (*path, Key(lang)), f"unknown language {shown(lang)}: known are {', '.join(LANGUAGES)}"
                else:
                    yield from StringType().check(text, (*path, lang))
        else:
            yield from StringType().check(value, path)

    def schema(self) -> Schema:
        """Describe it."""
        one = StringType().schema()
        by_lang = dict.fromkeys(LANGUAGES, one)
        return {"oneOf": [one, {"type": "object", "properties": by_lang, "additionalProperties": False, "minProperties": 1}]}


class StringType(NamedTuple):
    """A string that is not empty; `pattern` (with `hint` in words) narrows it."""

    pattern: str = ""
    hint: str = ""

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Accept a string; a number, date or true/false is told to wear quotes."""
        if not isinstance(value, str):
            if value is None or isinstance(value, (Mapping, list)):
                yield path, f"{shown(value)} where text is meant"
            else:
                yield path, f"{shown(value)} where text is meant: put it in quotes"
        elif not value.strip():
            yield path, "empty text"
        elif self.pattern and not re.match(self.pattern, value):
            yield path, f"{shown(value)} is not {self.hint}"

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "string", "minLength": 1} | ({"pattern": "^" + self.pattern.replace(r"\Z", "$")} if self.pattern else {})


class IntType(NamedTuple):
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Accept an int that is no bool."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            yield path, f"{shown(value)} is not a whole number from {self.low} to {self.high}"

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class BoolType:
    """`true` or `false`."""

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Accept a bool."""
        if not isinstance(value, bool):
            yield path, f"{shown(value)} is not true or false"

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "boolean"}


class ListType(NamedTuple):
    """A list of one type."""

    item: Type

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Accept a list whose items all pass."""
        if not isinstance(value, list):
            yield path, f"{shown(value)} where a list is meant"
            return
        for i, item in enumerate(value):
            yield from self.item.check(item, (*path, i))

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
        self.known = {f.name: f for f in fields}

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Accept a mapping with the required keys and no unknown ones."""
        if not isinstance(value, Mapping):
            yield path, f"{shown(value)} where a mapping ({', '.join(self.known)}) is meant"
            return
        for name, item in value.items():
            if name in self.known:
                yield from self.known[name].type.check(item, (*path, name))
            else:
                yield (*path, Key(name)), unknown("key", name, self.known)
        for f in self.fields:
            if f.required and f.name not in value:
                yield path, f"{self.noun} has no `{f.name}`: {f.help}" if f.help else f"{self.noun} has no `{f.name}`"
        if self.one_of and not any(k in value for k in self.one_of):
            yield path, f"{self.noun} has none of {', '.join(f'`{k}`' for k in self.one_of)}: give at least one"

    def schema(self) -> Schema:
        """Describe it."""
        properties = {f.name: f.type.schema() | ({"description": f.help} if f.help else {}) for f in self.fields}
        out: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required := [f.name for f in self.fields if f.required]:
            out["required"] = required
        if self.one_of:
            out["anyOf"] = [{"required": [k]} for k in self.one_of]
        return out


class PointType:
    """A point of the rubric: a text, or a map of languages with `must: true` where the answer fails without it."""

    def check(self, value: object, path: Path) -> Iterator[Fault]:
        """Accept a text, or a mapping of `text` or languages with an optional `must`."""
        if isinstance(value, Mapping) and ("must" in value or "text" in value):
            if "must" in value:
                yield from BoolType().check(value["must"], (*path, "must"))
            rest = {k: v for k, v in value.items() if k not in ("must", "text")}
            if "text" in value:
                yield from StringType().check(value["text"], (*path, "text"))
                for name in rest:
                    yield (*path, Key(name)), f"`{name}` beside `text`: give either one text or one for each language"
            else:
                yield from TextType().check(rest, path)
        else:
            yield from TextType().check(value, path)

    def schema(self) -> Schema:
        """Describe it."""
        one = StringType().schema()
        properties = {"must": {"type": "boolean"}, "text": one, **dict.fromkeys(LANGUAGES, one)}
        return {"oneOf": [one, {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}]}


def texts(value: object, type_: object, path: Path) -> Iterator[tuple[Path, str | Mapping[str, str]]]:
    """Yield every text in a value of a type, plain or by language, with the steps to it; other strings are none."""
    if isinstance(value, str):
        if isinstance(type_, (TextType, PointType)):
            yield path, value
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from texts(item, type_.item if isinstance(type_, ListType) else None, (*path, i))
    elif isinstance(value, Mapping):
        if said := {lang: value[lang] for lang in LANGUAGES if lang in value}:
            yield path, said
            return
        for name, item in value.items():
            yield from texts(item, _of(type_, name), (*path, name))


def _of(type_: object, name: str) -> object:
    """Return the type of one key of a mapping; `text` of a point is a text."""
    if isinstance(type_, MapType):
        return type_.known[name].type if name in type_.known else None
    return TextType() if name == "text" and isinstance(type_, PointType) else None


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Say that a name is unknown, with the nearest known one; difflib's ratio of 0.6 or more counts as near."""
    from difflib import get_close_matches

    names = [str(k) for k in known]
    near = get_close_matches(str(name), names, n=1)
    if near:
        return f"unknown {what} {shown(name)}: did you mean `{near[0]}`?"
    few = f": known are {', '.join(names)}" if 0 < len(names) <= FEW else ""
    return f"unknown {what} {shown(name)}{few}"
