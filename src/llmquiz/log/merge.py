"""Taking in the events of another log.

Invariant: the log is a set of events that only grows, and merging is the union of two such sets: in any order, any number
of times, it comes to the same. Which of several events under one key stands in the key's table depends on the set
alone: the one whose line is the smallest. The others stand in `rivals`; none is ever dropped.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
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


class Merged(NamedTuple):
    """What a merge brought: how many events of each name, and what to say of keys that two different events have."""

    added: Counter[str]
    rivals: list[str]


def merge(log: Log, events: Iterable[Event]) -> Merged:
    """Add the events that the log does not have, and fold the cards that they touch again, in one transaction."""
    merged = Merged(Counter(), [])
    with log.writing() as db:
        by_card: dict[str, list[Event]] = {}
        for event in events:
            if not _known(db, event):
                by_card.setdefault(log.name(event.row[0]), []).append(event)
        for card, new in by_card.items():
            with log.refolding(card):
                for event in new:
                    _add(db, event, merged)
    return merged


def lacking(log: Log, events: Iterable[Event]) -> bool:
    """Whether the log lacks one of the events."""
    with told(log.path):
        return not all(_known(log.db, event) for event in events)


def rivals(log: Log) -> list[str]:
    """Say of each key that two different events have which one counts."""
    out = []
    for (line,) in log.reading("select line from rivals order by stamp, line"):
        event = from_line(line)
        out.append(_said(_present(log.db, event), event))
    return out


def _known(db: sqlite3.Connection, event: Event) -> bool:
    present = db.execute(SELECT[event.table], _key(event)).fetchone()
    return present is not None and (present == event.row or _is_rival(db, event))


def _is_rival(db: sqlite3.Connection, event: Event) -> bool:
    return db.execute("select 1 from rivals where stamp = ? and line = ?", (event.stamp, to_line(event))).fetchone() is not None


def _present(db: sqlite3.Connection, event: Event) -> Event:
    """Return the event that stands under the key of this one."""
    return Event(event.table, db.execute(SELECT[event.table], _key(event)).fetchone())


def _add(db: sqlite3.Connection, event: Event, merged: Merged) -> None:
    """Add an event; under a key that is taken, the smaller line stands in the table and the other among the rivals."""
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


def _key(event: Event) -> tuple[object, ...]:
    fields = dict(zip(COLUMNS[event.table], event.row, strict=True))
    return tuple(fields[key] for key in KEYS[event.table])


def _said(first: Event, second: Event) -> str:
    columns = COLUMNS[first.table]
    differing = [(c, a, b) for c, a, b in zip(columns, first.row, second.row, strict=True) if a != b]
    which = ", ".join(f"{column} {a!r} and {b!r}" for column, a, b in differing)
    return (
        f"two different {first.name}s of `{first.row[0]}` have the instant {first.stamp}: {which}. "
        "The one named first counts, on every machine; both are kept"
    )
