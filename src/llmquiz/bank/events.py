"""YAML text to plain values, straight from libyaml's events, each value with its place.

Invariant: nothing in a file makes this raise or run away: syntax errors, duplicate keys, anchors, tags, deep nesting and
control characters come back as problems, and reading stops at the first one that leaves the rest without meaning.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from llmquiz.questions.fields import Key, Path

DEEPEST = 20
Place = tuple[int, int]  # 1-based line and column
Found = tuple[Place, str]
START: Place = (1, 1)
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SMALL = {str(n): n for n in range(100)}  # levels, mostly: one in every question, and the way through the resolver is long
FIRST_OF_TYPED = yaml.SafeLoader.yaml_implicit_resolvers  # the first characters that a number, date, ... can have
STRING, MERGE, NUMBERS = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge", ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class Map(dict[str, Any]):
    """A mapping that knows the places of itself, of its keys and of its values; `marks` are those of each key and its value in turn."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Any) -> None:
        """Start empty at a mark."""
        self.mark = mark
        self.marks: list[Any] = []

    @property
    def keys_at(self) -> dict[str, Any]:
        """The mark of each key."""
        return dict(zip(self, self.marks[::2], strict=True))

    @property
    def values_at(self) -> dict[str, Any]:
        """The mark of each value."""
        return dict(zip(self, self.marks[1::2], strict=True))


class Seq(list[Any]):
    """A list that knows the places of itself and of its items; `flow` where it is written in brackets."""

    __slots__ = ("flow", "items_at", "mark")

    def __init__(self, mark: Any, *, flow: bool) -> None:
        """Start empty at a mark."""
        self.mark = mark
        self.flow = flow
        self.items_at: list[Any] = []


def place(mark: Any) -> Place:
    """Return the 1-based line and column of a YAML mark."""
    return mark.line + 1, mark.column + 1


def locate(value: object, path: Path) -> Place:
    """Return the place of what stands at `path` in a value that `parse` built: as near as there is one."""
    here = place(value.mark) if isinstance(value, (Map, Seq)) else START
    for step in path:
        if isinstance(value, Map) and step in value:
            here = place(value.keys_at[step] if isinstance(step, Key) else value.values_at[step])  # type: ignore[index]
            value = value[step]  # type: ignore[index]
        elif isinstance(value, Seq) and isinstance(step, int) and step < len(value):
            here = place(value.items_at[step])
            value = value[step]
        else:
            break
    return here


def parse(raw: bytes) -> tuple[Any, list[Found]]:
    """Return the value of a YAML document (None where it has none) and what is wrong with the text."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        at = (before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        return None, [(at, f"not UTF-8: byte 0x{raw[error.start]:02x}. Save the file as UTF-8")]
    found: list[Found] = []
    try:
        return _Builder(raw.removeprefix(BOM_UTF8), found).document(), found  # as bytes: a text would be encoded again
    except _StopError:
        pass
    except yaml.MarkedYAMLError as error:
        said = ": ".join(x for x in (error.context, error.problem) if x)
        mark = error.problem_mark or error.context_mark
        found.append((place(mark) if mark else START, f"not YAML: {said}"))
    except yaml.reader.ReaderError as error:
        forbidden = _ordinal(error.character)
        where = max(0, text.find(chr(forbidden)))  # the first is where it stopped; its own offset is one in libyaml's buffer
        at = (text.count("\n", 0, where) + 1, where - text.rfind("\n", 0, where))
        found.append((at, f"character U+{forbidden:04X} is not allowed in YAML: write it as an escape in double quotes"))
    return None, found


def _ordinal(character: Any) -> int:
    return character if isinstance(character, int) else ord(character)


class _StopError(Exception):
    """The rest of the document has no meaning."""


class _Builder:
    """One pass over the events of one document."""

    def __init__(self, raw: bytes, found: list[Found]) -> None:
        self.loader = LOADER(raw)
        self.get = self.loader.get_event
        self.found = found

    def document(self) -> Any:
        """Return the value of the first document; a second one is a problem."""
        get = self.get
        get()
        if isinstance(get(), StreamEndEvent):
            return None
        value = self._value(get())
        get()
        extra = get()
        if isinstance(extra, DocumentStartEvent):
            self.found.append((place(extra.start_mark), "a second document (`---`): a bank file has one"))
        return value

    def _value(self, event: Any, depth: int = 0) -> Any:
        """Build the value that begins with `event`."""
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is not MappingStartEvent and kind is not SequenceStartEvent:
            self._alias(event)
        self._plain(event)
        if depth > DEEPEST:
            self._stop(event, f"nested deeper than {DEEPEST} levels")
        return self._mapping(event, depth + 1) if kind is MappingStartEvent else self._list(event, depth + 1)

    def _list(self, start: Any, depth: int) -> Seq:
        out = Seq(start.start_mark, flow=bool(start.flow_style))
        get, marks = self.get, out.items_at
        while type(event := get()) is not SequenceEndEvent:
            out.append(self._scalar(event) if type(event) is ScalarEvent else self._value(event, depth))
            marks.append(event.start_mark)
        return out

    def _mapping(self, start: Any, depth: int) -> Map:
        out = Map(start.start_mark)
        get, marks = self.get, out.marks
        while type(key := get()) is not MappingEndEvent:
            if type(key) is not ScalarEvent:
                self._stop(key, "a list, mapping or alias as a key: keys are plain words")
            name = key.value
            if key.anchor is not None or key.tag is not None or name == "<<":
                self._plain(key)
            event = get()
            value = self._scalar(event) if type(event) is ScalarEvent else self._value(event, depth)
            if name in out:
                first = place(out.keys_at[name])[0]
                self.found.append((place(key.start_mark), f"duplicate key `{name}`: first given in line {first}"))
                continue
            out[name] = value
            marks += (key.start_mark, event.start_mark)
        return out

    def _scalar(self, event: Any) -> Any:
        value = event.value
        if event.anchor is not None or event.tag is not None or value == "<<":
            self._plain(event)
        if value[:1] not in FIRST_OF_TYPED or not event.implicit[0]:
            return value
        if value in SMALL:
            return SMALL[value]
        tag = self.loader.resolve(yaml.ScalarNode, value, event.implicit)
        if tag == STRING or (tag in NUMBERS and ":" in value):  # 12:30 is no number to us
            return value
        if tag == MERGE:
            self._stop(event, "a merge key (`<<`): bank files do not use them")
        try:
            return self.loader.construct_object(yaml.ScalarNode(tag, value, event.start_mark, event.end_mark))
        except (ValueError, yaml.YAMLError):  # 2026-13-45 looks like a date
            return value

    def _plain(self, event: Any) -> None:
        """Refuse anchors and tags: a bank does not need them, and a bomb cannot be written without them."""
        if event.anchor is not None:
            self._stop(event, f"an anchor (`&{event.anchor}`): bank files do not use them; write the text twice")
        if event.tag is not None and event.tag != "!":
            self._stop(event, f"a tag (`{event.tag}`): bank files do not use them")
        if isinstance(event, ScalarEvent) and event.value == "<<" and event.implicit[0]:
            self._stop(event, "a merge key (`<<`): bank files do not use them")

    def _alias(self, event: Any) -> None:
        if isinstance(event, AliasEvent):
            self._stop(event, f"an alias (`*{event.anchor}`): bank files do not use them; write the text twice")
        self._stop(event, f"unexpected {type(event).__name__}")

    def _stop(self, event: Any, message: str) -> None:
        self.found.append((place(event.start_mark), message))
        raise _StopError
