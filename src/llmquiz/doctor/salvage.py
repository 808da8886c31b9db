"""What can be saved of a log: of the damaged database, the newest good backup, its JSON lines, and files that are named.

Invariant: the result has every event of every source, and only what can be an event; where two sources differ under one
key, the one that was checked counts.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from llmquiz.backup import Backups
from llmquiz.backup.swap import sound
from llmquiz.errors import LlmquizError
from llmquiz.log import Log
from llmquiz.log.carve import checked
from llmquiz.log.carve import events as carved
from llmquiz.log.lines import COLUMNS, Event, LineError, NewerLineError, from_line
from llmquiz.log.store import look
from llmquiz.schedulers import Scheduler

KEYS = {"reviews": 2, "undos": 3, "marks": 3}  # how many of the first columns are the key
COUNTED = "select sum(reviews) from days"
DEVICE = "select value from meta where name = 'device'"
ORDERS = {"reviews": ("card", "at"), "undos": ("card", "at", "stamped"), "marks": ("card", "mark", "stamped")}  # on disk


class Source(NamedTuple):
    """Where events come from, and those that it has."""

    name: str
    events: frozenset[Event]


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
    sources = [*_of_backups(backups), *(Source(str(p), frozenset(read_lines(p)[0])) for p in lines)]
    device: Any = None
    expected: Any = None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        if database.exists():
            for end in ("", "-wal"):
                if (path := Path(f"{database}{end}")).exists():
                    shutil.copyfile(path, f"{copy}{end}")
            raw, wal = copy.read_bytes(), _raw(Path(f"{copy}-wal"))  # before SQLite takes the one in the other
            sources.append(Source("the database, by SQLite", frozenset(_rows(copy))))
            if not sound(database):
                sources.append(Source("the database, page by page", frozenset(carved(raw, wal))))
            expected, device = _one(copy, COUNTED), _one(copy, DEVICE)
    if not device and (newest := next((b for b in backups.all() if b.good), None)):
        device = _one(newest.database, DEVICE)
    together = {(e.table, e.row[: KEYS[e.table]]): e for s in reversed(sources) for e in s.events}
    return Salvaged(tuple(sources), tuple(together.values()), device or "", expected)


def _of_backups(backups: Backups) -> Iterator[Source]:
    """Yield what the newest good backup has, and the newest JSON lines that are as they were."""
    good = [b for b in backups.all() if b.good and not b.changed()]
    for backup in good[:1]:
        yield Source(f"backup {backup.name}", frozenset(_rows(backup.database, copy=True)))
    for backup in [b for b in good if b.lines.exists()][:1]:
        yield Source(f"JSON lines of backup {backup.name}", frozenset(read_lines(backup.lines)[0]))


def read_lines(path: Path) -> tuple[list[Event], int]:
    """Return the events of a file of JSON lines and how many of its lines are none; a torn last line is one of them."""
    out, unread = [], 0
    try:
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


def _rows(database: Path, *, copy: bool = False) -> Iterator[Event]:
    """Yield the rows of the three tables that SQLite can read, from the first on and from the last back."""
    with contextlib.closing(look(database) if copy else sqlite3.connect(database, isolation_level=None)) as db:
        db.text_factory = lambda raw: raw.decode(errors="surrogateescape")  # one broken text is not to end it all
        for table, columns in COLUMNS.items():
            for direction in ("", " desc"):
                order = ", ".join(f"{c}{direction}" for c in ORDERS[table])
                yield from _read(db, table, f"select {', '.join(columns)} from {table} order by {order}")  # noqa: S608


def _read(db: sqlite3.Connection, table: str, sql: str) -> Iterator[Event]:
    """Yield rows until one cannot be read."""
    with contextlib.suppress(sqlite3.Error):
        for row in db.execute(sql):
            if event := checked(Event(table, tuple(row))):
                yield event


def _one(database: Path, sql: str) -> Any:
    """Return one value, None where it cannot be read."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(look(database)) as db:
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
                insert(db, event)
            if salvaged.device:
                log.set_meta("device", salvaged.device)
        log.rebuild()
        live: int = log.reading("select count(*) from live_reviews")[0][0]
    return live


def insert(db: sqlite3.Connection, event: Event) -> None:
    """Write an event where its key is free."""
    columns = COLUMNS[event.table]
    db.execute(
        f"insert into {event.table}({', '.join(columns)}) values ({', '.join('?' * len(columns))}) on conflict do nothing",  # noqa: S608
        event.row,
    )


def _reviews(events: Iterable[Event]) -> int:
    return sum(e.table == "reviews" for e in events)
