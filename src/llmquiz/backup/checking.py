"""Copying a log and checking the copy: by SQLite, by counting, by replaying every review.

Invariant: only what is checked is changed, and that is a copy; what does not check is raised, in words.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from llmquiz.backup import files
from llmquiz.backup.listing import Counts
from llmquiz.errors import LlmquizError, StoreError
from llmquiz.log import Log
from llmquiz.log.store import VERSION, look
from llmquiz.schedulers import Scheduler

BANK_CACHES = ("questions", "bank_files")  # they are parsed again, and would be most of a small backup

Say = Callable[[str], None]


class BackupError(LlmquizError):
    """No backup was made, or one cannot be used; the log itself is unharmed."""


def quiet(_: str) -> None:
    """Say nothing of what is being done."""


def counts(db: sqlite3.Connection) -> Counts:
    """Count the rows of the tables that only grow; a log of the first schema has no rivals."""
    rivals = db.execute("select 1 from sqlite_schema where name = 'rivals'").fetchone()
    tables = Counts._fields if rivals else Counts._fields[:-1]
    return Counts(*(db.execute(f"select count(*) from {table}").fetchone()[0] for table in tables))  # noqa: S608


def copy(db: sqlite3.Connection, path: Path) -> Counts:
    """Copy a database, without the bank's caches, in one state of it; return the copy's counts, held to the live ones.

    Another terminal may grade meanwhile, but rows are only ever added: the copy has no fewer than before and no more
    than after.
    """
    before = counts(db)
    db.execute("vacuum into ?", (str(path),))
    after = counts(db)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("pragma journal_mode = delete")
        copy.execute("pragma synchronous = full")
        for table in BANK_CACHES:
            copy.execute(f"delete from {table}")  # noqa: S608
        free, pages = (copy.execute(f"pragma {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
        if free * 10 > pages:  # a large log is not written twice for the sake of 5 MB
            copy.execute("vacuum")
        found = counts(copy)
    if not all(b <= f <= a for b, f, a in zip(before, found, after, strict=True)):
        msg = f"{path.parent.parent}: the copy has {found}, the log {after}. No backup was made; run `llmquiz doctor`"
        raise BackupError(msg)
    return found


def check(database: Path, scheduler: Scheduler, expected: Counts, lines: Path | None = None, say: Say = quiet) -> None:
    """Check a copy in full: SQLite's integrity check, counts, replay; write its log as JSON lines where asked.

    Raises BackupError where the fold of its reviews is not what it has cached, or the lines do not read back equal.
    """
    say("checking the copy")
    pragma_check(database, "integrity_check")
    with as_log(database, scheduler) as log:
        if (found := counts(log.db)) != expected:
            msg = f"{database}: has {found}, expected {expected}"
            raise BackupError(msg)
        say("replaying every review")
        if wrong := log.disagreements():
            msg = f"{database}: {'; '.join(wrong)}. Run `llmquiz doctor`"
            raise BackupError(msg)
        if lines:
            say("writing the log as JSON lines")
            write_lines(log, lines, expected)


def write_lines(log: Log, path: Path, expected: Counts) -> None:
    """Write the log as JSON lines and count them on disk; raises BackupError where they are not as many as the rows."""
    from llmquiz.log.lines import to_lines

    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(line + "\n" for line in to_lines(log))
    with path.open("rb") as back:
        found = sum(1 for _ in back)
    if found != sum(expected):
        msg = f"{path}: has {found} lines, expected {sum(expected)}"
        raise BackupError(msg)


def pragma_check(database: Path, check: str) -> None:
    """Have SQLite check a copy; raises BackupError with the first thing that it finds."""
    with contextlib.closing(look(database)) as db:
        said = db.execute(f"pragma {check}").fetchone()[0]
    if said != "ok":
        msg = f"{database}: {said}. Run `llmquiz doctor`"
        raise BackupError(msg)


@contextlib.contextmanager
def as_log(database: Path, scheduler: Scheduler) -> Iterator[Log]:
    """Open a copy of a log to read it; one of an older format is migrated in a copy of its own, which goes away."""
    with contextlib.closing(look(database)) as db:
        version = db.execute("pragma user_version").fetchone()[0]
        current = db.execute("select value from meta where name = 'memories'").fetchone() if version == VERSION else None
        if current == (scheduler.key,):
            yield Log(database, scheduler, opened=db)
            return
    migrated = database.with_name(f".{database.name}.{os.urandom(4).hex()}.new")
    try:
        shutil.copyfile(database, migrated)
        if (wal := Path(f"{database}-wal")).exists():
            shutil.copyfile(wal, f"{migrated}-wal")
        try:
            log = Log(migrated, scheduler)
        except StoreError as error:
            msg = f"{database}: {error}"
            raise BackupError(msg) from error
        with contextlib.closing(log):
            yield log
    finally:
        for path in files.temporary(migrated):
            path.unlink(missing_ok=True)
