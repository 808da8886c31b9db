"""Taking in the events of another log.

Invariant: the log is a set of events that only grows, and merging is the union of two such sets: in any order, any number
of times, it comes to the same. Which of several events under one key stands in the key's table depends on the set
alone: the one whose line is the smallest. The others stand in `rivals`; none is ever dropped. So a merge that ends half way
leaves a part of the union, which the next one completes.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from llmquiz.log import Log
from llmquiz.log.lines import COLUMNS, KEYS, Event, from_line, to_line
from llmquiz.log.store import told

PLACES = {table: f"into {table} values ({', '.join('?' * len(columns))})" for table, columns in COLUMNS.items()}
INSERT = {table: f"insert {place} on conflict do nothing" for table, place in PLACES.items()}
REPLACE = {table: f"insert or replace {place}" for table, place in PLACES.items()}
SELECT = {
    table: f"select {', '.join(columns)} from {table} where {' and '.join(f'{key} = ?' for key in KEYS[table])}"  # noqa: S608
    for table, columns in COLUMNS.items()
}
PIECE = 1000  # events a transaction: a tenth of a second, in which nobody else can grade
BREATH = 0.02  # seconds between two; who waits for SQLite's lock looks each 0.1 s, for 5 s
Before = Callable[[int], object]  # what is done before so many events are added


class Merged(NamedTuple):
    """What a merge brought: how many events of each name, and what to say of keys that two different events have."""

    added: Counter[str]
    rivals: list[str]


def merge(log: Log, events: Iterable[Event], before: Before | None = None) -> Merged:
    """Add the events that the log does not have, and fold the cards that they touch again.

    Each transaction takes whole events, at most `PIECE`, so that another terminal can grade meanwhile. `before` is called
    with their number, where there are any, before the first is added.
    """
    merged = Merged(Counter(), [])
    with told(log.path):
        new = [event for event in events if not _known(log.db, event)]
    if new and before:
        before(len(new))
    new.sort(key=lambda event: (str(event.row[0]), event.stamp))  # by card: each is folded once a piece
    for start in range(0, len(new), PIECE):
        if start:
            time.sleep(BREATH)
        _merge_piece(log, new[start : start + PIECE], merged)
    return merged


def _merge_piece(log: Log, events: Sequence[Event], merged: Merged) -> None:
    with log.writing() as db:
        by_card: dict[str, list[Event]] = {}
        for event in events:
            by_card.setdefault(log.name(event.row[0]), []).append(event)
        for card, new in by_card.items():
            with log.refolding(card):
                for event in new:
                    add(db, event, merged)


def lacking(log: Log, events: Iterable[Event]) -> bool:
    """Whether the log lacks one of the events."""
    with told(log.path):
        return not all(_known(log.db, event) for event in events)


def beside(db: sqlite3.Connection) -> list[Event]:
    """Return the events that stand in `rivals`; none where a log of the first schema has no such table."""
    if not db.execute("select 1 from sqlite_schema where name = 'rivals'").fetchone():
        return []
    return [from_line(line) for (line,) in db.execute("select line from rivals order by stamp, line")]


def rivals(log: Log) -> list[str]:
    """Say of each key that two different events have which one counts."""
    with told(log.path):
        return [_said(_present(log.db, event), event) for event in beside(log.db)]


def _known(db: sqlite3.Connection, event: Event) -> bool:
    present = db.execute(SELECT[event.table], _key(event)).fetchone()
    return present is not None and (present == event.row or _is_rival(db, event))


def _is_rival(db: sqlite3.Connection, event: Event) -> bool:
    return db.execute("select 1 from rivals where stamp = ? and line = ?", (event.stamp, to_line(event))).fetchone() is not None


def _present(db: sqlite3.Connection, event: Event) -> Event:
    """Return the event that stands under the key of this one."""
    return Event(event.table, db.execute(SELECT[event.table], _key(event)).fetchone())


def add(db: sqlite3.Connection, event: Event, merged: Merged) -> None:
    """Add an event and count it; under a key that is taken, the smaller line stands in the table and the other in `rivals`."""
    if db.execute(INSERT[event.table], event.row).rowcount:
        merged.added[event.name] += 1
        return
    present = _present(db, event)
    if present == event:
        return
    first, second = sorted((present, event), key=to_line)
    if db.execute("insert into rivals values (?, ?) on conflict do nothing", (second.stamp, to_line(second))).rowcount:
        merged.added[event.name] += 1
        merged.rivals.append(_said(first, second))
    if first == event:
        db.execute(REPLACE[event.table], event.row)


def key(event: Event) -> tuple[str, tuple[object, ...]]:
    """Return what no two rows of a table share: the table, and the values of its key."""
    return event.table, _key(event)


def _key(event: Event) -> tuple[object, ...]:
    fields = dict(zip(COLUMNS[event.table], event.row, strict=True))
    return tuple(fields[column] for column in KEYS[event.table])


def _said(first: Event, second: Event) -> str:
    columns = COLUMNS[first.table]
    differing = [(c, a, b) for c, a, b in zip(columns, first.row, second.row, strict=True) if a != b]
    which = ", ".join(f"{column} {a!r} and {b!r}" for column, a, b in differing)
    return (
        f"two different {first.name}s of `{first.row[0]}` have the instant {first.stamp}: {which}. "
        "The one named first counts, on every machine; both are kept"
    )
