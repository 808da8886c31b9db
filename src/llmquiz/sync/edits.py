"""Versions of the things that a learner edits on several machines: questions, titles of topics, settings.

Invariant: pure; a version is a line that names the versions it was made from, so that the set of all versions, in any order
and any number, says the same on every device: what a thing is now, and which edits nobody has seen together yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from llmquiz.config import TRAVELS
from llmquiz.log.lines import VERSION, LineError, parsed

QUESTION, TITLE, SETTING = "question", "title", "setting"
Thing = tuple[str, str]  # (QUESTION, id), (TITLE, topic) or (SETTING, name)
Value = Any  # as JSON has it: {"topic": ..., "text": ...}, a title, a setting; None where the thing is not there


class Edit(NamedTuple):
    """A version of a thing, made from the versions `after` (their digests, sorted)."""

    thing: Thing
    value: Value
    after: tuple[str, ...] = ()


class Base(NamedTuple):
    """What a device remembers of a thing since the last sync: its digest here, and the versions that it came from."""

    value: str
    versions: tuple[str, ...]


class Outcome(NamedTuple):
    """What is to be done with a thing: versions to add, what it is from now on, what was displaced, what to remember."""

    new: list[Edit]
    value: Value
    displaced: list[Value]
    base: Base


def to_line(edit: Edit) -> str:
    """Return the line of a version."""
    what, name = edit.thing
    value = dict(sorted(edit.value.items())) if isinstance(edit.value, dict) else edit.value
    fields = {"v": VERSION, "event": "edit", "what": what, "name": name, "value": value, "after": list(edit.after)}
    return json.dumps(fields, ensure_ascii=False)


def from_line(line: str) -> Edit:
    """Return the version of a line; raises LineError."""
    fields = parsed(line)
    what, name, after = (fields.get(key) for key in ("what", "name", "after"))
    if (
        fields.get("event") != "edit"
        or not isinstance(what, str)
        or what not in VALUES
        or not isinstance(name, str)
        or "value" not in fields
    ):
        msg = "no edit of a question, a title or a setting"
        raise LineError(msg)
    if not isinstance(after, list) or not all(isinstance(a, str) and re.fullmatch(r"[0-9a-f]{32}", a) for a in after):
        msg = "no edit: `after` has to be a list of digests"
        raise LineError(msg)
    if fields["value"] is not None and not VALUES[what](name, fields["value"]):
        msg = f"no edit: not a value for the {what} `{name}`"
        raise LineError(msg)
    edit = Edit((what, name), fields["value"], tuple(after))
    if re.search("[\ud800-\udfff]", to_line(edit)):
        msg = "no edit: half a character"
        raise LineError(msg)
    return edit


def is_topic(name: object) -> bool:
    """Whether a text can be the name of a bank file in the folder of questions, and of nothing outside it."""
    return isinstance(name, str) and re.fullmatch(r"[^./\\:\x00-\x1f][^/\\:\x00-\x1f]{0,99}", name) is not None


def _question(_: str, value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"topic", "text"} and is_topic(value["topic"]) and isinstance(value["text"], str)


def is_title(name: str, value: object) -> bool:
    """Whether a value can be the title of a topic."""
    texts = value.values() if isinstance(value, dict) else [value]
    return is_topic(name) and all(isinstance(text, str) for text in texts)


def _setting(name: str, value: object) -> bool:
    return name in TRAVELS and isinstance(value, (str, int))


VALUES: Mapping[str, Callable[[str, object], bool]] = {QUESTION: _question, TITLE: is_title, SETTING: _setting}


def digest(text: str) -> str:
    """Return what tells a text from others."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def digest_of(value: Value) -> str:
    """Return what tells a value from others."""
    return digest(json.dumps(value, ensure_ascii=False, sort_keys=True))


class Versions:
    """The versions that are known of every thing."""

    def __init__(self, edits: Iterable[Edit] = ()) -> None:
        """Take in some versions."""
        self.by_thing: dict[Thing, dict[str, Edit]] = {}
        self.seen: set[str] = set()  # versions that another one was made from
        for edit in edits:
            self.add(edit)

    def add(self, edit: Edit) -> bool:
        """Take in a version; False where it was known."""
        there = self.by_thing.setdefault(edit.thing, {})
        name = digest(to_line(edit))
        self.seen.update(edit.after)
        if name in there:
            return False
        there[name] = edit
        return True

    def values(self, thing: Thing) -> list[Value]:
        """Return every value that a thing ever had."""
        return [e.value for e in self.by_thing.get(thing, {}).values()]

    def heads(self, thing: Thing) -> dict[str, Edit]:
        """Return the versions of a thing that no other was made from, by digest, sorted."""
        return {name: e for name, e in sorted(self.by_thing.get(thing, {}).items()) if name not in self.seen}

    def knows(self, name: str) -> bool:
        """Whether a version is there, or another one was made from it."""
        return name in self.seen or any(name in there for there in self.by_thing.values())


def reconcile(known: Versions, thing: Thing, here: Value, base: Base | None) -> Outcome:
    """Return what becomes of a thing that is `here` on this device; `known` gets the versions that are new.

    One side changed: that is taken. Both did, differently: the smaller of the two values is taken, on every device, and
    the other one displaced; a thing that is there displaces one that was removed.
    """
    new = []
    if _edited(known, thing, here, base):
        edit = Edit(thing, here, base.versions if base else ())
        new += [edit] if known.add(edit) else []
    heads = known.heads(thing)
    values = _distinct(e.value for e in heads.values())
    if len(values) > 1:
        merged = Edit(thing, values[0], tuple(heads))
        new += [merged] if known.add(merged) else []
        heads = known.heads(thing)
    value = values[0] if values else here
    return Outcome(new, value, [v for v in values[1:] if v is not None], Base(digest_of(value), tuple(heads)))


def _edited(known: Versions, thing: Thing, here: Value, base: Base | None) -> bool:
    """Whether a thing was changed on this device since the last sync, or the folder does not have it."""
    if here in [e.value for e in known.heads(thing).values()]:
        return False
    if base is None:
        return here is not None and here not in known.values(thing)
    if base.value != digest_of(here):
        return True
    return here is not None and not all(known.knows(name) for name in base.versions)


def _distinct(values: Iterable[Value]) -> Sequence[Value]:
    """Return different values, smallest first, a removed thing last."""
    by_text = {json.dumps(v, ensure_ascii=False, sort_keys=True): v for v in values}
    return [by_text[text] for text in sorted(by_text, key=lambda text: (by_text[text] is None, text))]
