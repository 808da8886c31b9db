"""The floor of a review: bare sqlite3 picks the next due card and writes a grade, WAL and synchronous=FULL, one commit each.

Invariant: as durable as llmquiz, and no more than that: no undo, no session, no day counts.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from pathlib import Path

SCHEMA = """
create table cards(id text primary key, question text not null, answer text not null) without rowid;
create table memories(card text primary key, due integer not null, interval integer not null, ease integer not null) without rowid;
create index memories_due on memories(due, card);
create table reviews(id integer primary key, card text not null, at integer not null, grade integer not null);
"""
NEXT = """select m.card, m.interval, m.ease, c.question, c.answer from memories m join cards c on c.id = m.card
    where m.due <= ? order by m.due, m.card limit 1"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for durable writes."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    return db


def make(path: Path, source: Path) -> sqlite3.Connection:
    """Make the floor's database of the questions in a collection, every card due; open it as a session does, its WAL empty.

    A WAL that loading has made long is overwritten, not extended, and such an fsync takes a third of the time.
    """
    db = connect(path)
    db.executescript(SCHEMA)
    db.execute("attach ? as source", (str(source),))
    db.execute("begin")
    db.execute("insert into cards select id, body, body from source.questions")
    db.execute("insert into memories select id, 0, 1, 250 from cards")
    db.execute("commit")
    db.execute("detach source")
    db.close()
    return connect(path)


def review(db: sqlite3.Connection, today: int) -> None:
    """Write a grade of the next card, then fetch the one after it."""
    card, interval, ease, *_ = db.execute(NEXT, (today,)).fetchone()
    interval = -(-interval * ease // 100)
    db.execute("begin immediate")
    db.execute("update memories set due = ?, interval = ?, ease = ? where card = ?", (today + interval, interval, ease, card))
    db.execute("insert into reviews(card, at, grade) values (?, ?, 4)", (card, today))
    db.execute("commit")


def main(source: str, work: str, reviews: int, pause: float) -> None:
    """Print the milliseconds of each review as JSON; `pause` seconds go by before each."""
    db = make(Path(work) / "floor.db", Path(source))
    took = []
    for _ in range(reviews):
        time.sleep(pause)
        before = time.perf_counter()
        review(db, 20_000)
        took.append((time.perf_counter() - before) * 1000)
    db.close()
    print(json.dumps(took))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
