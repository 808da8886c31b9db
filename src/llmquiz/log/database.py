"""The database of a log at work: durable transactions, reading, and what tells that somebody else has written.

Invariant: a transaction that returned is on disk, all of it; one that raised has left nothing.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from llmquiz.errors import StoreError
from llmquiz.log.fold import Row
from llmquiz.log.locks import Locks
from llmquiz.log.store import Before, connect, identity, raise_told, told

# SQLite waits longer and longer for another writer, up to 0.1 s, and who waits that long is overtaken for ever by one that writes
# without pause. So it is told to give up early and asked again.
WAIT, TRIES = 20, 500  # milliseconds


class Transaction:
    """One durable transaction on a database, as a context: everything in it or nothing.

    Raises StoreError for what the user can mend. It is a class because a generator's context costs a grade as much as a statement.
    """

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database, self._db = database, database.db

    def __enter__(self) -> sqlite3.Connection:
        """Begin as soon as no other program writes."""
        try:
            self._database.begin()
        except BaseException as error:
            self._failed(error)
            raise
        return self._db

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        """Commit, on disk when this returns; or roll back what failed."""
        if error is not None:
            self._failed(error)
            return
        try:
            self._db.execute("commit")
        except BaseException as refused:
            self._failed(refused)
            raise

    def _failed(self, error: BaseException) -> None:
        """Roll back; tell an error that a user can mend."""
        if self._db.in_transaction:
            with told(self._database.path):
                self._db.execute("rollback")
        raise_told(self._database.path, error)


class Database:
    """A SQLite database at `path`."""

    def __init__(self, path: Path, before: Before | None = None, opened: sqlite3.Connection | None = None) -> None:
        """Open the database, making or migrating it where needed; raises StoreError where the file must not be used.

        `before` is called with an older database before it is migrated. An `opened` connection is taken as it is.
        """
        self.path = path
        self.locks = Locks(path.with_name(f"{path.name}-lock"))
        there = identity(path)
        self.db = opened or connect(path, before)
        self.db.execute(f"pragma busy_timeout = {WAIT}")
        self._name = str(path)
        self._file = there or identity(path)
        self.seen = -1  # the version of the database that is known
        self.transaction = Transaction(self)

    def close(self) -> None:
        """Close the database; everything acknowledged is already on disk."""
        self.locks.close()
        self.db.close()

    def begin(self) -> None:
        """Begin a transaction as soon as no other program writes; raises sqlite3.Error where one does for 10 seconds.

        Raises StoreError where another file took the name of this one: nobody would ever read this one again.
        """
        for left in range(TRIES, 0, -1):
            try:
                self.db.execute("begin immediate")
                break
            except sqlite3.OperationalError as error:
                if left == 1 or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
        if identity(self._name) != self._file:
            msg = f"{self.path}: was replaced by another file, as a restore does. Nothing was saved just now; start llmquiz again"
            raise StoreError(msg)
        self.refresh()

    def settle(self) -> None:
        """Move what was written from SQLite's write-ahead log into the database, when there is time for it.

        The next commits then overwrite that log instead of extending it, which takes half as long to reach the disk,
        and none of them has to do this itself. What cannot be moved now stays where it is, and is as safe there.
        """
        with contextlib.suppress(sqlite3.Error):
            self.db.execute("pragma wal_checkpoint(passive)")

    def reading(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """Fetch every row of a query; raises StoreError for what the user can mend."""
        with told(self.path):
            return self.db.execute(sql, values).fetchall()

    def refresh(self) -> int:
        """Forget what was read where another connection has written since; return which version of the database is seen now."""
        version: int = self.db.execute("pragma data_version").fetchone()[0]
        if version != self.seen:
            self.seen = version
            self.forget()
        return version

    def forget(self) -> None:
        """Forget what was read: it may have changed."""

    def meta(self, name: str) -> str:
        """Return a value of the `meta` table, "" where there is none."""
        rows = self.reading("select value from meta where name = ?", (name,))
        return rows[0][0] if rows else ""

    def set_meta(self, name: str, value: str) -> None:
        """Set a value of the `meta` table, within the caller's transaction."""
        self.db.execute("insert into meta values (?, ?) on conflict do update set value = excluded.value", (name, value))
