"""The review log in the folder: every device's events in a file of its own.

Invariant: after `exchange` the log has every event that a file in the folder has, and the folder has every event of the
log. What is remembered between two times only saves work: it can be dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from llmquiz.errors import LlmquizError
from llmquiz.log import Log
from llmquiz.log.lines import Event, from_line, to_lines
from llmquiz.log.merge import lacking, merge
from llmquiz.sync import device
from llmquiz.sync.files import SUFFIX, append, listing, read, whole

Memory = dict[str, tuple[int, str]]  # file name -> up to which byte all was well, and the digest of what is before it


class Exchanged(NamedTuple):
    """What went out of the log and came into it, by the names of events; problems; what else to say; the device's name."""

    sent: Counter[str]
    came: Counter[str]
    problems: list[str]
    notes: list[str]
    device: str


class _Folder(NamedTuple):
    lines: set[str]
    events: list[Event]
    own: list[Event]
    problems: list[str]


def exchange(log: Log, folder: Path, home: Path, memory: Memory) -> Exchanged:
    """Take in what the files of the folder have, and append to this device's own file what none of them has.

    `memory` is brought up to date.
    """
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
    merged = merge(log, there.events)
    new = [line for line in to_lines(log) if line not in there.lines]
    append(folder / f"{name}{SUFFIX}", new, from_line)
    sent = Counter(from_line(line).name for line in new)
    return Exchanged(sent, merged.added, there.problems + merged.rivals, notes, name)


def _read(folder: Path, name: str, memory: Memory) -> _Folder:
    paths, problems = listing(folder)
    out = _Folder(set(), [], [], problems)
    for path in paths:
        try:
            raw = whole(path)
        except LlmquizError as error:
            problems.append(str(error))
            continue
        start = _known(raw, *memory.get(path.name, (0, "")))
        reading = read(path, raw, from_line, start)
        memory[path.name] = reading.offset, _digest(raw[: reading.offset])
        out.lines.update(line.rstrip("\r") for line in raw.decode("utf-8", "replace").split("\n"))
        out.events.extend(reading.found)
        out.own.extend(reading.found if path.name == f"{name}{SUFFIX}" else ())
        problems += reading.problems
    _forget(memory, paths)
    return out


def _known(raw: bytes, offset: int, digest: str) -> int:
    """Return up to which byte a file is as it was when it was read the last time."""
    return offset if offset <= len(raw) and _digest(raw[:offset]) == digest else 0


def _digest(raw: bytes) -> str:
    return blake2b(raw, digest_size=16).hexdigest()


def _forget(memory: Memory, paths: Sequence[Path]) -> None:
    for gone in memory.keys() - {p.name for p in paths}:
        del memory[gone]
