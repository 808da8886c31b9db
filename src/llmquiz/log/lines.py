"""The review log as JSON lines: one event a line, the format of `export`, of sync files and of the plain copies of backups.

Invariant: an event has one line and a line has one event: equal logs are equal text, and what `to_line` writes
`from_line` reads back equal. docs/sync.md describes the format.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from llmquiz.errors import LlmquizError
from llmquiz.log import REVIEW_COLUMNS, Log
from llmquiz.log.fold import Row
from llmquiz.log.store import told
from llmquiz.model import MODES

VERSION = 1  # of the format; a line of a higher one is not read
TABLES = {"review": "reviews", "undo": "undos", "mark": "marks"}
NAMES = {table: name for name, table in TABLES.items()}
COLUMNS = {
    "reviews": tuple(REVIEW_COLUMNS.split(", ")),
    "undos": ("card", "at", "stamped", "undone"),
    "marks": ("card", "stamped", "mark", "value"),
}
KEYS = {"reviews": ("card", "at"), "undos": ("card", "at", "stamped"), "marks": ("card", "mark", "stamped")}
STAMP = {"reviews": 1, "undos": 2, "marks": 1}  # the column that says when the event was made
encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder for each line
YEARS = range(1970, 3000)  # so that no interval leads out of the calendar


class LineError(LlmquizError):
    """A line is no event: what is wrong with it."""


class NewerLineError(LineError):
    """A line is of a newer format."""


class Event(NamedTuple):
    """A row of one of the three grow-only tables, in the order of its columns."""

    table: str
    row: Row

    @property
    def stamp(self) -> str:
        """The instant at which the event was made."""
        return str(self.row[STAMP[self.table]])

    @property
    def name(self) -> str:
        """What the event is: review, undo or mark."""
        return NAMES[self.table]


def to_lines(log: Log) -> Iterator[str]:
    """Yield every event of the log as a line without its line end, oldest first; one state of the log, whoever writes meanwhile."""
    with told(log.path):
        yield from lines_of(log.db)


def lines_of(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the lines of a log in an open database, of this schema or an older one."""
    for _, together in groupby(_stamped(db), key=lambda pair: pair[0]):
        yield from sorted(line for _, line in together)


def _stamped(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield (stamp, line) in order of the stamps, from a single statement: it sees one state."""
    selects = [
        f"select {columns[STAMP[table]]} as stamp, '{table}', {', '.join(columns)}{', null' * (10 - len(columns))} from {table}"  # noqa: S608
        for table, columns in COLUMNS.items()
    ]
    if db.execute("select 1 from sqlite_schema where name = 'rivals'").fetchone():
        selects.append(f"select stamp, 'rivals', line{', null' * 9} from rivals")  # noqa: S608
    for stamp, table, *row in db.execute(" union all ".join(selects) + " order by 1"):
        yield stamp, row[0] if table == "rivals" else to_line(Event(table, tuple(row[: len(COLUMNS[table])])))


def to_line(event: Event) -> str:
    """Return the line of an event."""
    fields = dict(zip(COLUMNS[event.table], event.row, strict=True))
    if event.table == "undos":
        fields["undone"] = bool(fields["undone"])
    return encode({"v": VERSION, "event": event.name, **fields})


def from_line(line: str) -> Event:
    """Return the event of a line; raises LineError with what is wrong, NewerLineError where only a newer llmquiz can tell."""
    value = parsed(line)
    name = value.get("event")
    if not isinstance(name, str) or name not in TABLES:
        msg = f"no event: `event` has to be one of {', '.join(TABLES)}"
        raise LineError(msg)
    table = TABLES[name]
    fields = {k: v for k, v in value.items() if k not in ("v", "event")}
    if wrong := fault(table, fields):
        msg = f"no {name}: {wrong}"
        raise LineError(msg)
    return Event(table, tuple(_stored(column, fields[column]) for column in COLUMNS[table]))


def parsed(line: str) -> Mapping[str, Any]:
    """Return the JSON object of a line of this format's version; raises LineError or NewerLineError."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    version = value.get("v") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(version, int) or isinstance(version, bool):
        msg = "no event: not a JSON object with a version `v`"
        raise LineError(msg)
    if version > VERSION:
        msg = f"written by a newer llmquiz (format {version}, this one knows {VERSION}). Upgrade llmquiz"
        raise NewerLineError(msg)
    return value


def fault(table: str, fields: Mapping[str, Any]) -> str:
    """Say what keeps fields, by column and as JSON has them, from being a row of a table; "" where nothing does."""
    columns = COLUMNS[table]
    for column in columns:
        if column not in fields:
            return f"`{column}` is missing"
        test, expected = TESTS[column]
        if not test(fields[column]):
            return f"`{column}` has to be {expected}"
    return next((f"unknown key `{key}`" for key in fields if key not in columns), "")


def _stored(column: str, value: Any) -> Any:
    if column == "seconds":
        return float(value) + 0.0  # -0.0 is 0.0
    return int(value) if column == "undone" else value


def _text(value: object) -> bool:
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)  # half a character: SQLite has no place for it


def _instant(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", value):
        return False
    try:
        return datetime.fromisoformat(value).year in YEARS
    except ValueError:
        return False


def _day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value and int(value[:4]) in YEARS
    except ValueError:
        return False


def _seconds(value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value < 10**9  # type: ignore[arg-type, operator]


Test = tuple[Callable[[Any], bool], str]
TEXT: Test = (_text, "a text")
NAME: Test = (lambda v: _text(v) and v != "", "a text that is not empty")
INSTANT: Test = (_instant, 'an instant in UTC as "2026-11-22T03:07:00.000000Z"')
TESTS: Mapping[str, Test] = {
    "card": NAME,
    "at": INSTANT,
    "stamped": INSTANT,
    "day": (_day, 'a day as "2026-11-22"'),
    "grade": (lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= 5, "a whole number from 0 to 5"),  # noqa: PLR2004
    "seconds": (_seconds, "a number of seconds"),
    "mode": (lambda v: isinstance(v, str) and v in MODES, f"one of {', '.join(MODES)}"),
    "grader": TEXT,
    "lang": TEXT,
    "answer": TEXT,
    "device": TEXT,
    "undone": (lambda v: isinstance(v, bool), "true or false"),
    "mark": NAME,
    "value": TEXT,
}
