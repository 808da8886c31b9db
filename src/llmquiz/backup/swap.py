"""Putting another database in the place of the present one, which is kept.

Invariant: at every moment, also after a crash in the middle, there is one whole database under the name; the one that was
there is a backup before it loses its name; nobody else has it open while it does.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from llmquiz.backup import Backup, BackupError, Backups, as_log, counts, files, quiet
from llmquiz.backup.listing import DAMAGED, RESTORE, RESTORED
from llmquiz.disk import PRIVATE_FILE, PRIVATE_FOLDER, sync_folder
from llmquiz.errors import StoreError
from llmquiz.log import REVIEW_COLUMNS, Log
from llmquiz.log.merge import beside
from llmquiz.log.store import UNREADABLE, identity, look, told

SQLITE_LOCKS = (0x40000000, 512)  # the bytes of a database that SQLite locks (fileformat2.html, 1.4), and how many
PATIENCE = 1.0  # seconds to wait for another program


class Change(NamedTuple):
    """What putting a database in the place of the present one would change, in live reviews; None where that cannot be read.

    A review that stands beside another of its key is live with it.
    """

    gained: int | None
    lost: int | None


@contextlib.contextmanager
def staged(backup: Backup, backups: Backups, database: Path, say: Callable[[str], None] = quiet) -> Iterator[Path]:
    """Make a checked copy of a backup beside the database, ready to take its name; it goes away if it does not.

    Raises BackupError where the backup is not good.
    """
    say("checking the backup")
    if wrong := backup.changed():
        msg = f"{backup.folder}: {'; '.join(wrong)}. Choose another with `llmquiz backups`; `llmquiz doctor` says what can be saved"
        raise BackupError(msg)
    if not backup.good:
        msg = f"{backup.name}: a copy of what was damaged, kept as it was. `llmquiz doctor` says what can be saved"
        raise BackupError(msg)
    backups.check(backup)
    with new_file(database) as new:
        files.copy(backup.database, new)
        with contextlib.closing(Log(new, backups.scheduler)) as log:  # migrates an older one
            if wrong := log.disagreements():
                msg = f"{backup.folder}: {'; '.join(wrong)}"
                raise BackupError(msg)
        files.sync_file(new)
        yield new


@contextlib.contextmanager
def new_file(database: Path) -> Iterator[Path]:
    """Name a temporary file beside the database; it and what SQLite puts beside it are gone at the end."""
    new = database.with_name(f"{database.name}.{os.urandom(4).hex()}.new")
    database.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    try:
        yield new
    except (OSError, *UNREADABLE) as error:
        said = (error.strerror if isinstance(error, OSError) else "") or str(error)
        msg = f"{database}: could not be replaced ({said}). What was there is still there"
        raise BackupError(msg) from error
    finally:
        for path in files.temporary(new):
            path.unlink(missing_ok=True)


def change(present: Path, new: Path, backups: Backups) -> Change:
    """Count the live reviews that `new` has more and fewer than the present database."""
    try:
        with as_log(present, backups.scheduler) as old, contextlib.closing(sqlite3.connect(new)) as db:
            before, after = _live(old.db), _live(db)
    except (*UNREADABLE, OSError, StoreError, BackupError):
        return Change(None, None)
    return Change(len(after - before), len(before - after))


def _live(db: sqlite3.Connection) -> set[int]:
    """Return a number for each live review: a million of their rows would take a gigabyte."""
    out = {hash(row) for row in db.execute(f"select {REVIEW_COLUMNS} from live_reviews")}  # noqa: S608
    is_live = "select 1 from live_reviews where (card, at) = (?, ?)"
    reviews = [event.row for event in beside(db) if event.table == "reviews"]
    return out | {hash(row) for row in reviews if db.execute(is_live, row[:2]).fetchone()}


def swap(database: Path, new: Path, backups: Backups, now: datetime, why: str = RESTORE) -> Backup | None:
    """Give `new` the name of the database, and return the backup that the present one became; None where there was none.

    For `why` DAMAGED the present one is kept byte for byte. Raises StoreError where another program has the database
    open, BackupError where the present one cannot be kept.
    """
    with _alone(database, as_it_is=why == DAMAGED) as present:
        kept = _keep(database, present, backups, now, why)
        if identity(database) is not None and present is None:
            for path in files.beside(database):  # of the damaged one, and kept: beside another database they would damage that
                path.unlink()
            sync_folder(database.parent)
        new.chmod(PRIVATE_FILE)
        new.replace(database)
        sync_folder(database.parent)
    return kept


def note_restored(database: Path, backups: Backups, now: datetime) -> None:
    """Back up what was restored, so that the newest backup is what the learner wanted last."""
    with contextlib.closing(Log(database, backups.scheduler)) as log:
        backups.make(log.db, now + timedelta(microseconds=1), RESTORED)


def _keep(database: Path, present: sqlite3.Connection | None, backups: Backups, now: datetime, why: str) -> Backup | None:
    """Make a backup of the present database; where it is damaged, of its bytes."""
    if present is not None:
        try:
            return backups.make(present, now, why)
        except BackupError as error:
            if isinstance(error.__cause__, OSError) or "full" in str(error):
                raise
    there = [p for p in (database, *files.beside(database)) if p.exists()]
    return backups.keep_damaged(there, now, link=True) if there else None


@contextlib.contextmanager
def _alone(database: Path, *, as_it_is: bool) -> Iterator[sqlite3.Connection | None]:
    """Hold the database so that nobody else can open it; yield a connection to it, None where it is damaged or missing."""
    if not database.exists():
        yield None
    elif as_it_is or not sound(database):
        with _held(database):
            yield None
    else:
        with told(database), contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=PATIENCE)) as db:
            try:
                db.execute("pragma locking_mode = exclusive")
                db.execute("pragma journal_mode = delete")  # takes the -wal file in and away; needs to be alone
                db.execute("begin exclusive")
                db.execute("commit")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise _in_use(database) from error
                raise
            yield db


def sound(database: Path) -> bool:
    """Whether SQLite can read a database, and it is a log; one that is not is touched by nothing but a copy."""
    try:
        with contextlib.closing(look(database)) as db:
            counts(db)
            return bool(db.execute("pragma quick_check").fetchone() == ("ok",))
    except UNREADABLE as error:
        if "locked" in str(error):
            raise _in_use(database) from error
        return False


@contextlib.contextmanager
def _held(database: Path) -> Iterator[None]:
    """Lock a file that SQLite cannot read, in the way that SQLite does."""
    try:
        import fcntl
    except ImportError:  # Windows: there a file that is open cannot be renamed over
        yield
        return
    start, length = SQLITE_LOCKS
    with database.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        except OSError as error:
            raise _in_use(database) from error
        yield


def _in_use(database: Path) -> StoreError:
    msg = f"{database}: another llmquiz has it open. End that one (a study session in another terminal?) and try again. Nothing was changed"
    return StoreError(msg)
