"""The review log in the folder: every device's events in a file of its own.

Invariant: after `exchange` the log has every event that a file in the folder has, and the folder has every event of the
log. What is remembered between two times only saves work: it can be dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from llmquiz.errors import LlmquizError
from llmquiz.log import Log
from llmquiz.log.lines import Event, from_line, parsed, to_lines
from llmquiz.log.merge import Before, lacking, merge
from llmquiz.sync import device
from llmquiz.sync.files import SUFFIX, append, encoded, listing, read, whole

SIZE = "select (select count(*) from reviews) + (select count(*) from undos) + (select count(*) from marks) + (select count(*) from rivals)"


class Memory(NamedTuple):
    """What is remembered of a folder when it and the log were equal.

    `size` is how many events the log had; `files` has by name up to which byte all was well, and the digest of what is
    before it.
    """

    size: int = 0
    files: Mapping[str, tuple[int, str]] = {}


class Exchanged(NamedTuple):
    """What went out of the log and came into it, by the names of events; problems; what else to say; the device's name."""

    sent: Counter[str]
    came: Counter[str]
    problems: list[str]
    notes: list[str]
    device: str
    memory: Memory


class _Folder(NamedTuple):
    files: dict[str, tuple[int, str]]
    raw: dict[str, bytes]
    events: list[Event]
    own: list[Event]
    problems: list[str]


def exchange(log: Log, folder: Path, home: Path, memory: Memory, before: Before | None = None) -> Exchanged:
    """Take in what the files of the folder have, and append to this device's own file what none of them has.

    `before` is called with the number of events that will come in, where there are any, before they do.
    """
    if _size(log) < memory.size:  # the log lost events, as by a repair: the files have them
        memory = Memory()
    where = device.place(home)
    name = device.named(log, where)
    if name and not log.meta(f"device@{where}") and (folder / f"{name}{SUFFIX}").exists():
        name = ""
    there = _read(folder, name, memory)
    notes = []
    if not name or lacking(log, there.own):  # a copy of this home, or a newer state of it, wrote to our file
        old, name = name or log.meta("device"), device.fresh()
        if old:
            notes.append(f"this home is `{name}` from now on: it is a copy of `{old}`, or was moved or restored")
    device.take(log, where, name)
    merged = merge(log, there.events, before)
    now = Memory(_size(log), there.files)
    new = [] if now == memory else _lacking(there.raw.values(), log)
    append(folder / f"{name}{SUFFIX}", new, from_line)
    _read_too(folder / f"{name}{SUFFIX}", there, new)
    sent = Counter(str(parsed(line)["event"]) for line in new)
    return Exchanged(sent, merged.added, there.problems + merged.rivals, notes, name, now)


def _lacking(files: Iterable[bytes], log: Log) -> list[str]:
    """Return the lines of the log that no file has."""
    there = {line.rstrip("\r") for raw in files for line in raw.decode("utf-8", "replace").split("\n")}
    return [line for line in to_lines(log) if line not in there]


def _read_too(path: Path, there: _Folder, new: Sequence[str]) -> None:
    """Note that our own file is known with what was just added, if that is all that was."""
    before = there.raw.get(path.name, b"")
    if new and there.files.get(path.name, _state(b"")) == _state(before):
        after = whole(path)
        if after == before + encoded(new):
            there.files[path.name] = _state(after)


def _size(log: Log) -> int:
    size: int = log.reading(SIZE)[0][0]  # rows are only ever added: equal sizes are equal logs
    return size


def _read(folder: Path, name: str, memory: Memory) -> _Folder:
    paths, problems = listing(folder)
    out = _Folder({}, {}, [], [], problems)
    for path in paths:
        try:
            raw = whole(path)
        except LlmquizError as error:
            problems.append(str(error))
            continue
        start = _known(raw, *memory.files.get(path.name, (0, "")))
        reading = read(path, raw, from_line, start)
        out.files[path.name] = _state(raw[: reading.offset])
        out.raw[path.name] = raw
        out.events.extend(reading.found)
        out.own.extend(reading.found if path.name == f"{name}{SUFFIX}" else ())
        problems += reading.problems
    return out


def _known(raw: bytes, offset: int, digest: str) -> int:
    """Return up to which byte a file is as it was when it was read the last time."""
    return offset if _state(raw[:offset]) == (offset, digest) else 0


def _state(raw: bytes) -> tuple[int, str]:
    return len(raw), blake2b(raw, digest_size=16).hexdigest()
