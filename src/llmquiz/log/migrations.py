"""The schema of the collection's database, as forward migrations.

Invariant: a migration that has shipped is never edited; a change is a new function at the end. `PRAGMA user_version`
says how many were applied and is set in the transaction of the migration itself.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x6C6C6D71  # "llmq"

migrations = Migrations("llmquiz")

FACTS = (
    """create table reviews(
        card text not null, at text not null, day text not null, grade integer not null check (grade between 0 and 5),
        seconds real not null, mode text not null, grader text not null, lang text not null, answer text not null,
        device text not null, primary key (card, at)) strict, without rowid""",
    "create index reviews_at on reviews(at)",
    """create table undos(
        card text not null, at text not null, stamped text not null, undone integer not null check (undone in (0, 1)),
        primary key (card, at, stamped)) strict, without rowid""",
    """create table marks(
        card text not null, stamped text not null, mark text not null, value text not null,
        primary key (card, mark, stamped)) strict, without rowid""",
    """create view live_reviews as select r.* from reviews r
        where not coalesce((select u.undone from undos u where u.card = r.card and u.at = r.at
                            order by u.stamped desc limit 1), 0)
        order by r.at, r.card""",
    """create view current_marks as select coalesce(n.card, m.card) as card, m.mark, m.value, max(m.stamped) as stamped
        from marks m left join names n on n.old = m.card group by 1, m.mark""",
    "create table meta(name text primary key, value text not null) strict, without rowid",
)

CACHES = (
    "create table names(old text primary key, card text not null) strict, without rowid",
    """create table memories(
        card text primary key, due text not null, interval integer not null, ease integer not null,
        repetitions integer not null, lapses integer not null, reviews integer not null, recalls integer not null,
        recalled integer not null, last_at text not null) strict, without rowid""",
    "create index memories_due on memories(due)",
    """create table days(
        day text not null, mode text not null, grade integer not null, new integer not null, lang text not null,
        reviews integer not null, millis integer not null, primary key (day, mode, grade, new, lang)) strict, without rowid""",
    """create table bank_files(
        path text primary key, position integer not null, size integer not null, mtime_ns integer not null,
        hash text not null, topic text not null, title text not null, problems text not null) strict, without rowid""",
    """create table questions(
        id text not null, file text not null, topic text not null, kind text not null, level integer not null,
        rank integer not null, tags text not null, follow_ups text not null, shadowed integer not null,
        body text not null, said text not null, primary key (id, file)) strict""",
    "create index questions_order on questions(level, rank, id, topic) where not shadowed",
    "create index questions_file on questions(file)",
)


@migrations()
def m001_review_log(db: Database) -> None:
    """Facts (reviews, undos, marks), the views on them, and the caches."""
    for statement in (*FACTS, *CACHES):
        db.execute(statement)
    db.execute(f"pragma application_id = {APPLICATION_ID}")
    db.execute("pragma user_version = 1")


@migrations()
def m002_rivals(db: Database) -> None:
    """Events whose key another event has, as lines: a fact like the others, made by merging (`merge.py`)."""
    db.execute("create table rivals(stamp text not null, line text not null, primary key (stamp, line)) strict, without rowid")
    db.execute("pragma user_version = 2")


@migrations()
def m003_former_ids(db: Database) -> None:
    """Former ids in a cache of their own, so that none is looked for in the body of every question; the bank is parsed again."""
    db.execute("create table former(old text not null, card text not null, file text not null, primary key (old, card, file)) strict")
    db.execute("delete from questions")
    db.execute("delete from bank_files")
    db.execute("pragma user_version = 3")


@migrations()
def m004_due_piles(db: Database) -> None:
    """Make indices that answer alone which cards are due after which interval, and which are shadowed: no table is looked through."""
    db.execute("drop index memories_due")
    db.execute("create index memories_due on memories(due, interval)")
    db.execute("create index questions_asked on questions(id, topic, level, kind, follow_ups) where not shadowed")
    db.execute("create index questions_shadowed on questions(file, id) where shadowed")
    db.execute("pragma user_version = 4")
