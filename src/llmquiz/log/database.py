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


class Transaction:
    """One durable transaction on a database, as a context: everything in it or nothing.

    Raises StoreError for what the user can mend. It is a class because a generator's context costs a grade as much as a statement.
    """

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database, self._db, self._locks = database, database.db, database.locks

    def __enter__(self) -> sqlite3.Connection:
        """Wait for the turn to write, and begin."""
        self._locks.take_turn()
        try:
            self._db.execute("begin immediate")
            self._database.begun()
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
            self._locks.end_turn()
        except BaseException as refused:
            self._failed(refused)
            raise

    def _failed(self, error: BaseException) -> None:
        """Roll back and let the next one write; tell an error that a user can mend."""
        try:
            if self._db.in_transaction:
                with told(self._database.path):
                    self._db.execute("rollback")
        finally:
            self._locks.end_turn()
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
        self._name = str(path)
        self._file = there or identity(path)
        self.transaction = Transaction(self)

    def close(self) -> None:
        """Close the database; everything acknowledged is already on disk."""
        self.locks.close()
        self.db.close()

    def begun(self) -> None:
        """At the beginning of a transaction: refuse a file that another one took the name of. Nobody would ever read it again."""
        if identity(self._name) != self._file:
            msg = f"{self.path}: was replaced by another file, as a restore does. Nothing was saved just now; start llmquiz again"
            raise StoreError(msg)

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

    def version(self) -> int:
        """Return a number that changes whenever another connection has written to the database."""
        version: int = self.db.execute("pragma data_version").fetchone()[0]
        return version

    def meta(self, name: str) -> str:
        """Return a value of the `meta` table, "" where there is none."""
        rows = self.reading("select value from meta where name = ?", (name,))
        return rows[0][0] if rows else ""

    def set_meta(self, name: str, value: str) -> None:
        """Set a value of the `meta` table, within the caller's transaction."""
        self.db.execute("insert into meta values (?, ?) on conflict do update set value = excluded.value", (name, value))
