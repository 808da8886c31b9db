"""Reading the log of another database file.

Invariant: the file is opened for reading alone; one that is no whole database of llmquiz is refused before anything is
taken from it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

from llmquiz.disk import there
from llmquiz.errors import StoreError
from llmquiz.log.lines import lines_of
from llmquiz.log.store import APPLICATION_ID, UNREADABLE, VERSION


def lines(path: Path) -> list[str]:
    """Return the lines of the log in another database; raises StoreError where it is none, is damaged or newer."""
    if not (there(path) and path.is_file() and path.stat().st_size):
        msg = f"{path}: {'empty (0 bytes)' if there(path) and path.is_file() else 'no such file'}. Nothing was merged"
        raise StoreError(msg)
    try:
        with contextlib.closing(_opened(path)) as db:
            _check(db, path)
            return list(lines_of(db))
    except UNREADABLE as error:
        msg = f"{path}: not a readable database of llmquiz ({error}). Nothing was merged"
        raise StoreError(msg) from error


def _opened(path: Path) -> sqlite3.Connection:
    """Open a database for reading; where its folder cannot be written either, without the files beside it that WAL wants."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    db = sqlite3.connect(address, uri=True, isolation_level=None, timeout=5.0)
    try:
        db.execute("select 1 from sqlite_schema").fetchone()
    except UNREADABLE as error:
        db.close()
        if not isinstance(error, sqlite3.OperationalError) or Path(f"{path}-wal").exists():  # it holds events, which would be missed
            raise
        db = sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    version, application = (db.execute(f"pragma {name}").fetchone()[0] for name in ("user_version", "application_id"))
    if application != APPLICATION_ID:
        msg = f"{path}: a database, but not one of llmquiz. Nothing was merged"
        raise StoreError(msg)
    if version > VERSION:
        msg = f"{path}: written by a newer llmquiz (format {version}, this one knows {VERSION}). Upgrade llmquiz, then merge"
        raise StoreError(msg)
    (found,) = db.execute("pragma integrity_check(1)").fetchone()
    if found != "ok":
        msg = f"{path}: damaged ({found}). Nothing was merged"
        raise StoreError(msg)
