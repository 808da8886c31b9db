"""The cache of parsed bank files, filled: what changed in the folders, in one transaction.

Invariant: the cache mirrors the bank folders of the last refresh and nothing more; it can be dropped at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from llmquiz.log import Log
from llmquiz.log.fold import Row
from llmquiz.log.memories import NEW_FROM
from llmquiz.model import Problem
from llmquiz.questions import Question

if TYPE_CHECKING:  # imported where used: a session starts without it
    from sqlite3 import Connection

MANY = 10  # files that changed, from which on all ids are looked through for doubles, not those of each file
TWICE = "select id from questions q where file = ? and exists (select 1 from questions o where o.id = q.id and o.file <> q.file)"
SHADOW = """update questions set shadowed = exists (
        select 1 from questions o join bank_files a on a.path = o.file join bank_files b on b.path = questions.file
        where o.id = :id and (coalesce(json_extract(questions.body, '$.replaces'), 0), a.position)
            < (coalesce(json_extract(o.body, '$.replaces'), 0), b.position))
    where id = :id"""  # one that says that it replaces comes before others; else the earlier file does
ROOM = 16 * 2**10  # KiB of pages kept in memory while the cache is filled, else those of the indices go to the disk again and again
BODY = json.JSONEncoder(ensure_ascii=False, check_circular=False)  # YAML without aliases has no circles


class FileState(NamedTuple):
    """What tells whether a bank file changed: size in bytes and mtime in ns first, then the content's hash."""

    position: int
    size: int
    mtime_ns: int
    hash: str


class Touched(NamedTuple):
    """A bank file that has the content it had, but another state."""

    path: str
    state: FileState


class FileRows(NamedTuple):
    """One parsed bank file on its way into the cache; `questions` and `former` are those of `question_rows`."""

    path: str
    state: FileState
    topic: str
    title: Mapping[str, str]
    questions: Sequence[Row]
    former: Sequence[Row]
    problems: Sequence[Problem]


def files(log: Log) -> dict[str, FileState]:
    """Return the state of each cached bank file, by path."""
    rows = log.reading("select path, position, size, mtime_ns, hash from bank_files")
    return {path: FileState(*state) for path, *state in rows}


def store(log: Log, gone: Iterable[str], stale: Iterable[str], loaded: Iterable[FileRows | Touched]) -> None:
    """Bring the cache to a new state of the folders in one transaction: files that are gone, and what became of the stale ones.

    What is `loaded` is taken in one by one, so that it can be parsed meanwhile.
    """
    moved = [*gone, *stale]
    with log.writing() as db, _room(db):
        twice = _twice(db, moved)
        for path in gone:
            db.execute("delete from bank_files where path = ?", (path,))
            db.execute("delete from questions where file = ?", (path,))
        for f in loaded:
            if isinstance(f, Touched):
                db.execute("update bank_files set (position, size, mtime_ns, hash) = (?, ?, ?, ?) where path = ?", (*f.state, f.path))
            else:
                _replace(db, f)
        db.execute("delete from former where file not in (select path from bank_files)")
        log.set_meta(NEW_FROM, "")
        db.executemany(SHADOW, [{"id": card} for card in twice | _twice(db, moved)])


@contextmanager
def _room(db: Connection) -> Iterator[None]:
    """While inside, the database may keep more pages in memory."""
    (before,) = db.execute("pragma cache_size").fetchone()
    db.execute(f"pragma cache_size = {-ROOM}")
    try:
        yield
    finally:
        db.execute(f"pragma cache_size = {before}")


def _replace(db: Connection, f: FileRows) -> None:
    problems = json.dumps([[p.line, p.column, p.message, p.warning] for p in f.problems], ensure_ascii=False)
    title = json.dumps(f.title, ensure_ascii=False)
    db.execute("insert or replace into bank_files values (?, ?, ?, ?, ?, ?, ?, ?)", (f.path, *f.state, f.topic, title, problems))
    db.execute("delete from questions where file = ?", (f.path,))
    db.execute("delete from former where file = ?", (f.path,))
    db.executemany("insert into questions values (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)", f.questions)
    db.executemany("insert into former values (?, ?, ?)", f.former)


def _twice(db: Connection, files: Sequence[str]) -> set[str]:
    """Return the ids in some files that stand in another file, too; where the files are many also those of others, which costs less."""
    if len(files) > MANY:
        return {card for (card,) in db.execute("select id from questions group by id having count(*) > 1")}
    return {card for path in files for (card,) in db.execute(TWICE, (path,))}


def former_ids(log: Log) -> dict[str, str]:
    """Return which former id belongs to which question of the bank; an id that is in use is no former one."""
    rows = log.reading(
        """select f.old, q.id from former f join questions q on (q.id, q.file) = (f.card, f.file)
        where not q.shadowed and f.old not in (select id from questions) order by q.id desc"""
    )
    return dict(rows)


def question_rows(path: str, questions: Iterable[Question]) -> tuple[list[Row], list[Row]]:
    """Return the questions of a bank file, and their former ids, as the cache stores them: a third of what the parser made."""
    from hashlib import blake2b

    rows, former = [], []
    for q in questions:
        rank = int.from_bytes(blake2b(q.id.encode(), digest_size=4).digest()) >> 1
        tags = "".join(f"\x1f{t}" for t in q.tags) + "\x1f"
        rows.append((q.id, path, q.topic, q.kind, q.level, rank, tags, " ".join(q.follow_ups), BODY.encode(q.body), q.said()))
        former += [(old, q.id, path) for old in dict.fromkeys(q.was)]
    return rows, former
