"""The floor of a review: bare sqlite3 picks the next due card and writes a grade, WAL and synchronous=FULL, one commit each.

Invariant: as durable as llmquiz, and no more than that: no undo, no session, no day counts.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from itertools import cycle
from pathlib import Path

SCHEMA = """
create table cards(id text primary key, question text not null, answer text not null) without rowid;
create table memories(card text primary key, due integer not null, interval integer not null, ease integer not null,
    repetitions integer not null, lapses integer not null) without rowid;
create index memories_due on memories(due, card);
create table reviews(id integer primary key, card text not null, at integer not null, day integer not null, grade integer not null,
    interval integer not null, ease integer not null, millis integer not null);
"""
NEXT = """select m.card, m.interval, m.ease, m.repetitions, m.lapses, c.question, c.answer from memories m
    join cards c on c.id = m.card where m.due <= ? order by m.due, m.card limit 1"""
UPDATE = "update memories set due = ?, interval = ?, ease = ?, repetitions = ?, lapses = ? where card = ?"
INSERT = "insert into reviews(card, at, day, grade, interval, ease, millis) values (?, ?, ?, ?, ?, ?, ?)"
GRADES = (4, 4, 5, 2)
PASS, FIRST = 3, (1, 6)


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
    db.execute("insert into memories select id, 0, 0, 250, 0, 0 from cards")
    db.execute("commit")
    db.execute("detach source")
    db.close()
    return connect(path)


def step(grade: int, interval: int, ease: int, repetitions: int, lapses: int) -> tuple[int, int, int, int]:
    """SuperMemo 2 in whole days and hundredths."""
    if grade < PASS:
        return 1, ease, 0, lapses + 1
    interval = FIRST[repetitions] if repetitions < len(FIRST) else -(-interval * ease // 100)
    return interval, max(130, ease + (5 - grade) * (-8 - (5 - grade) * 2) + 10), repetitions + 1, lapses


def review(db: sqlite3.Connection, grade: int) -> None:
    """Fetch the next card and write its grade."""
    now = int(time.time())  # noqa: TID251  as a program without a test does
    today = now // 86_400
    card, *memory, _question, _answer = db.execute(NEXT, (today,)).fetchone()
    interval, ease, repetitions, lapses = step(grade, *memory)
    db.execute("begin immediate")
    db.execute(UPDATE, (today + interval, interval, ease, repetitions, lapses, card))
    db.execute(INSERT, (card, now, today, grade, interval, ease, 1000))
    db.execute("commit")


def main(source: str, work: str) -> None:
    """Do as many reviews as each line of standard input says; print the milliseconds of each as JSON."""
    db = make(Path(work) / "floor.db", Path(source))
    grades = cycle(GRADES)
    for line in sys.stdin:
        took = []
        for _ in range(int(line)):
            before = time.perf_counter()
            review(db, next(grades))
            took.append((time.perf_counter() - before) * 1000)
        print(json.dumps(took), flush=True)
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
