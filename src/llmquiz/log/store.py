"""The database file: opening, creating, refusing, and the words for what can go wrong with it.

Invariant: a file that is damaged, foreign or newer than this program is refused and left as it is; a new one appears
under its name only when it is complete; an older one is migrated only after `before` had its chance to copy it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from llmquiz.disk import PRIVATE_FILE, make_folder, sync_folder, there, tighten
from llmquiz.errors import StoreError

VERSION = 4  # how many migrations there are; a test holds it to `migrations`
APPLICATION_ID = 0x6C6C6D71

HOW_TO_RECOVER = "Nothing was changed. `llmquiz doctor` says what is wrong and what can be saved"

# SQLite quotes what it found in a damaged file, and where that is no UTF-8 Python has no message for its error
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)

Before = Callable[[sqlite3.Connection], None]  # what is done with a database that is about to be migrated


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise errors that a user can mend as `StoreError`; the others are bugs and pass."""
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        raise_told(path, error)
        raise


def raise_told(path: Path, error: BaseException) -> None:
    """Raise an error that a user can mend as `StoreError`; return where it is a bug."""
    message = ""
    if isinstance(error, sqlite3.Error):
        message = _explain(path, str(error))
    elif isinstance(error, UnicodeDecodeError):
        message = f"{path}: not a readable database ({error.object!r}). {HOW_TO_RECOVER}"
    elif isinstance(error, ValueError) and ("isoformat" in str(error) or type(error).__name__ == "JSONDecodeError"):
        message = f"{path}: a row has a value that cannot be ({error}). {HOW_TO_RECOVER}"
    if message:
        raise StoreError(message) from error


def _explain(path: Path, said: str) -> str:
    if "full" in said or "disk I/O error" in said:
        return (
            f"{path}: the disk is full or failing ({said}). The last grade may not be saved; all before it are. Free some space and go on"
        )
    if "readonly" in said or "unable to open" in said:
        return f"{path}: cannot be written ({said}). Make the folder writable, or name another with LLMQUIZ_HOME"
    if "locked" in said:
        return f"{path}: another program has held it for seconds, and still does. Close that program and try again"
    if "not a database" in said or "malformed" in said or "Could not decode" in said:
        return f"{path}: not a readable database ({said}). {HOW_TO_RECOVER}"
    if "no such table" in said or "no such column" in said:
        return f"{path}: a part of the database is missing ({said}). {HOW_TO_RECOVER}"
    return ""


def connect(path: Path, before: Before | None = None) -> sqlite3.Connection:
    """Open the collection's database, made or migrated where needed, ready for durable writes.

    WAL with synchronous=FULL: a COMMIT that returned is on disk. `before` is called with an existing database that is
    about to be migrated. Raises StoreError where the file must not be used.
    """
    with told(path):
        if not there(path):
            _create(path)
        elif path.stat().st_size == 0:
            msg = f"{path}: empty (0 bytes), which a collection never is. {HOW_TO_RECOVER}"
            raise StoreError(msg)
        db = _raw(path)
        try:
            version = _version(db, path)
            for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                tighten(file)
            _durable(db)
            if version < VERSION:
                if before:
                    before(db)
                _bring_up(db, path)
        except BaseException:
            db.close()
            raise
        return db


def look(path: Path) -> sqlite3.Connection:
    """Open a database to read it and nothing else: no file is made or changed, nothing is checked or refused."""
    wal = Path(f"{path}-wal")
    alone = "&immutable=1" if not (wal.exists() and wal.stat().st_size) else ""  # else SQLite leaves an empty -wal behind
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{alone}", uri=True, isolation_level=None, timeout=5.0)


def identity(path: Path | str) -> tuple[int, int] | None:
    """Return what tells one file from another that took its name; None where there is none."""
    try:
        there = os.stat(path)  # noqa: PTH116  at every grade, and half as long as through Path
    except OSError:
        return None
    return there.st_dev, there.st_ino


def _raw(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=5.0)


def _durable(db: sqlite3.Connection) -> None:
    """Make every COMMIT wait for the disk; only after the file is known to be ours, as WAL changes its header."""
    db.execute("pragma journal_mode = wal")
    db.execute("pragma cache_size = -8000")  # KiB: the indices of a large collection, looked up in another order than theirs
    _synchronous(db)


def _synchronous(db: sqlite3.Connection) -> None:
    db.execute("pragma synchronous = full")
    if sys.platform == "darwin":  # its fsync does not reach the disk
        db.execute("pragma fullfsync = 1")


def _version(db: sqlite3.Connection, path: Path) -> int:
    version: int = db.execute("pragma user_version").fetchone()[0]
    application: int = db.execute("pragma application_id").fetchone()[0]
    if application != APPLICATION_ID:
        msg = f"{path}: a database, but not one of llmquiz. {HOW_TO_RECOVER}"
        raise StoreError(msg)
    if version > VERSION:
        msg = f"{path}: written by a newer llmquiz (format {version}, this one knows {VERSION}). Upgrade llmquiz"
        raise StoreError(msg)
    return version


def _create(path: Path) -> None:
    """Make the database under a temporary name and link it into place: never half a file, and the first of two wins.

    Without WAL: what is in the file when it is closed is all of it, and a disk that is full says so before.
    """
    new = path.with_name(f"{path.name}.{os.urandom(4).hex()}.new")
    try:
        make_folder(path.parent)
        new.touch(mode=PRIVATE_FILE)
        with contextlib.closing(_raw(new)) as db:
            _synchronous(db)
            _migrate(db)
        _into_place(new, path)
        sync_folder(path.parent)
    except OSError as error:
        msg = f"{path.parent}: cannot be made ({error.strerror}). Name another folder with LLMQUIZ_HOME"
        raise StoreError(msg) from error
    finally:
        for leftover in (new, Path(f"{new}-journal")):
            with contextlib.suppress(OSError):
                leftover.unlink()


def _into_place(new: Path, path: Path) -> None:
    try:
        os.link(new, path)
    except FileExistsError:
        return  # another llmquiz was first: use its file
    except OSError:  # no hard links here (exFAT, some network shares)
        if not path.exists():
            new.rename(path)


def _bring_up(db: sqlite3.Connection, path: Path) -> None:
    """Migrate an older database; raises StoreError where one that was half applied stands in the way."""
    try:
        _migrate(db)
    except sqlite3.OperationalError as error:
        said = str(error)
        if _explain(path, said):
            raise
    else:
        if _version(db, path) == VERSION:
            return
        said = "some of it was applied, but not noted"
    msg = f"{path}: cannot be brought to format {VERSION} ({said}). {HOW_TO_RECOVER}"
    raise StoreError(msg)


def _migrate(db: sqlite3.Connection) -> None:
    from sqlite_utils import Database

    from llmquiz.log.migrations import migrations

    migrations.apply(Database(db, execute_plugins=False))
