"""What can be saved of a log: of the damaged database, the newest good backup, its JSON lines, and files that are named.

Invariant: the result has every event of every source, and only what can be an event; where two sources differ under one
key, the one that was checked counts, unless one says that the log had both.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from llmquiz.backup import Backups
from llmquiz.backup.swap import sound
from llmquiz.errors import LlmquizError
from llmquiz.log import Log
from llmquiz.log.carve import Found, checked, rival
from llmquiz.log.carve import events as carved
from llmquiz.log.lines import COLUMNS, KEYS, Event, LineError, NewerLineError, from_line
from llmquiz.log.merge import Merged, add, key
from llmquiz.log.store import UNREADABLE, look
from llmquiz.schedulers import Scheduler

COUNTED = "select sum(reviews) from days"
DEVICE = "select value from meta where name = 'device'"
Key = tuple[str, tuple[object, ...]]


class Source(NamedTuple):
    """Where events come from, those that it has, and the keys under which it says that the log had several."""

    name: str
    events: frozenset[Event]
    shared: frozenset[Key]


class Salvaged(NamedTuple):
    """What was found: by source, the most trusted first, and all of it together.

    `device` is the id of the device, "" where it cannot be read; `expected` how many live reviews the damaged database
    says that it had, None where it does not say.
    """

    sources: tuple[Source, ...]
    events: tuple[Event, ...]
    device: str
    expected: int | None

    def lines(self, live: int) -> Iterator[str]:
        """Say in numbers what was recovered, from where, and what may be missing; `live` are the live reviews now."""
        for source in self.sources:
            others = set().union(*(s.events for s in self.sources if s is not source))
            reviews, only = _reviews(source.events), len(source.events - others)
            yield f"{source.name}: {reviews} reviews, {len(source.events) - reviews} undos and marks; only there: {only}"
        yield f"recovered: {_reviews(self.events)} reviews, {live} of them not taken back"
        if self.expected is None:
            last = max((e.stamp for e in self.events), default="never")
            yield f"what was graded after the newest that was recovered ({last}) may be missing: no count of it can be read"
        elif live < self.expected:
            yield f"missing: {self.expected - live} reviews, by the day counts of the damaged database"
        else:
            yield "nothing is missing, by the day counts of the database"


def salvage(database: Path, backups: Backups, lines: Sequence[Path] = ()) -> Salvaged:
    """Read all that can be read; nothing is changed. Raises LlmquizError where a file of `lines` cannot be read."""
    sources = [*_of_backups(backups), *(_of_lines(str(p), p) for p in lines)]
    device: Any = None
    expected: Any = None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        if database.exists():
            for end in ("", "-wal"):
                if (path := Path(f"{database}{end}")).exists():
                    shutil.copyfile(path, f"{copy}{end}")
            raw, wal = copy.read_bytes(), _raw(Path(f"{copy}-wal"))  # before SQLite takes the one in the other
            sources.append(_of_rows("the database, by SQLite", _rows(copy)))
            if not sound(database):
                sources.append(_of_rows("the database, page by page", carved(raw, wal)))
            expected, device = _one(copy, COUNTED), _one(copy, DEVICE)
    if not device and (newest := next((b for b in backups.all() if b.good), None)):
        device = _one(newest.database, DEVICE)
    return Salvaged(tuple(sources), tuple(_together(sources)), device or "", expected)


def _together(sources: Sequence[Source]) -> Iterator[Event]:
    """Yield the events of all sources: under a key those of the first that has it; those of all where one says that there were several."""
    shared = frozenset[Key]().union(*(s.shared for s in sources))
    first: dict[Key, Source] = {}
    once: set[Event] = set()
    for source in sources:
        for event in source.events - once:
            k = key(event)
            if k in shared or first.setdefault(k, source) is source:
                once.add(event)
                yield event


def _of_rows(name: str, rows: Iterable[Found]) -> Source:
    found = frozenset(rows)
    return Source(name, frozenset(f.event for f in found), frozenset(key(f.event) for f in found if f.beside))


def _of_lines(name: str, path: Path) -> Source:
    events = frozenset(read_lines(path)[0])
    several = Counter(key(event) for event in events)
    return Source(name, events, frozenset(k for k, n in several.items() if n > 1))


def _of_backups(backups: Backups) -> Iterator[Source]:
    """Yield what the newest good backup has, and the newest JSON lines that are as they were."""
    good = [b for b in backups.all() if b.good and not b.changed()]
    for backup in good[:1]:
        yield _of_rows(f"backup {backup.name}", _rows(backup.database, copy=True))
    for backup in [b for b in good if b.lines.exists()][:1]:
        yield _of_lines(f"JSON lines of backup {backup.name}", backup.lines)


def read_lines(path: Path) -> tuple[list[Event], int]:
    """Return the events of a file of JSON lines and how many of its lines are none; a torn last line is one of them."""
    out, unread = [], 0
    try:
        if path.is_char_device():
            raise OSError(errno.EINVAL, "it is a device")  # noqa: TRY301  told below, as whatever else cannot be read
        with path.open("rb") as file:
            for raw in file:
                try:
                    out.append(from_line(raw.decode()))
                except NewerLineError as error:
                    msg = f"{path}: {error}"
                    raise LlmquizError(msg) from error
                except (LineError, UnicodeDecodeError):
                    unread += 1
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise LlmquizError(msg) from error
    return out, unread


def _rows(database: Path, *, copy: bool = False) -> Iterator[Found]:
    """Yield the events that SQLite can read, of each table from the first on and from the last back."""
    with contextlib.closing(look(database) if copy else sqlite3.connect(database, isolation_level=None)) as db:
        db.text_factory = lambda raw: raw.decode(errors="surrogateescape")  # one broken text is not to end it all
        for direction in ("", " desc"):
            for table, columns in COLUMNS.items():
                order = ", ".join(f"{c}{direction}" for c in KEYS[table])  # as they stand on disk
                for row in _read(db, f"select {', '.join(columns)} from {table} order by {order}"):  # noqa: S608
                    if event := checked(Event(table, row)):
                        yield Found(event)
            for row in _read(db, f"select stamp, line from rivals order by stamp{direction}, line{direction}"):  # noqa: S608
                if found := rival(*row):
                    yield found


def _read(db: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows until one cannot be read."""
    with contextlib.suppress(*UNREADABLE):
        yield from db.execute(sql)


def _one(database: Path, sql: str) -> Any:
    """Return one value, None where it cannot be read."""
    with contextlib.suppress(*UNREADABLE), contextlib.closing(look(database)) as db:
        row = db.execute(sql).fetchone()
        return row[0] if row else None
    return None


def _raw(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def rebuild(path: Path, salvaged: Salvaged, scheduler: Scheduler) -> int:
    """Make a new database of what was salvaged; return how many live reviews it has."""
    with contextlib.closing(Log(path, scheduler)) as log:
        with log.writing() as db:
            for event in salvaged.events:
                add(db, event, Merged(Counter(), []))
            if salvaged.device:
                log.set_meta("device", salvaged.device)
        log.rebuild()
        live: int = log.reading("select count(*) from live_reviews")[0][0]
    return live


def _reviews(events: Iterable[Event]) -> int:
    return sum(e.table == "reviews" for e in events)
