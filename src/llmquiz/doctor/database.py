"""What is wrong with a database, from its first bytes to the fold of its reviews.

Invariant: the file is read and nothing else; the first fault that keeps it from being used is the one that is named.
"""

from __future__ import annotations

import contextlib
import sqlite3
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

from llmquiz.backup import BackupError, as_log, counts
from llmquiz.doctor.finding import Finding
from llmquiz.errors import StoreError
from llmquiz.log.carve import MAGIC
from llmquiz.log.lines import COLUMNS, Event, LineError
from llmquiz.log.merge import beside
from llmquiz.log.store import APPLICATION_ID, UNREADABLE, VERSION, look
from llmquiz.schedulers import Scheduler

SALVAGE = "rebuild it from what can be read, the newest good backup and its JSON lines; the file is kept"
BROKEN_JSON = (
    "select count(*) from questions where not json_valid(body)",
    "select count(*) from bank_files where not json_valid(title) or not json_valid(problems)",
)
MANY = 3  # of SQLite's own findings are shown


def examine(path: Path, scheduler: Scheduler) -> tuple[str, list[Finding]]:
    """Say what was checked of a database that is there, and what is wrong with it."""
    for test in (_bytes, _whose, _integrity, _schema):
        if found := _told(path, test):
            return f"{path}: {found.said}", [found]
    with contextlib.closing(look(path)) as db:
        there = counts(db)
    said = f"{path}: SQLite's integrity check, schema, {there.reviews} reviews replayed, {there.undos} undos, {there.marks} marks"
    try:
        with as_log(path, scheduler) as log:
            wrong = log.disagreements()
            beside(log.db)
    except BackupError as error:
        return said, [Finding("migration", str(path), f"a migration was half applied ({error.__cause__ or error})", SALVAGE)]
    except (StoreError, LineError, ValueError, sqlite3.Error) as error:
        reason = error.__cause__ or error
        return said, [Finding("rows", str(path), f"a row has a value that cannot be ({reason})", SALVAGE)]
    with contextlib.closing(look(path)) as db:
        if any(db.execute(sql).fetchone()[0] for sql in BROKEN_JSON):
            wrong.append("cached questions are not what was cached")
    remedy = "compute them again from the reviews and the bank; the file as it is is kept"
    return said, [Finding("caches", str(path), w, remedy) for w in wrong]


def _told(path: Path, test: Callable[[Path], Finding | None]) -> Finding | None:
    try:
        return test(path)
    except UNREADABLE as error:
        return Finding("damaged", str(path), f"SQLite cannot read it ({error})", SALVAGE)


def _bytes(path: Path) -> Finding | None:
    """Look at the size and the header."""
    size = path.stat().st_size
    if not size:
        return Finding("empty", str(path), "empty (0 bytes), which a collection never is", SALVAGE)
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(MAGIC) or len(head) < 100:  # noqa: PLR2004  the header's length
        return Finding("garbage", str(path), "not a database: it does not begin as one", SALVAGE)
    page = struct.unpack(">H", head[16:18])[0]
    expected = (65536 if page == 1 else page) * struct.unpack(">I", head[28:32])[0]
    if size < expected:
        return Finding("truncated", str(path), f"truncated: {size} of {expected} bytes", SALVAGE)
    return None


def _whose(path: Path) -> Finding | None:
    """Look at who made it, and in which format."""
    with contextlib.closing(look(path)) as db:
        application, version = (db.execute(f"pragma {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if application != APPLICATION_ID:
        remedy = "keep it aside and rebuild the log from the newest good backup and its JSON lines"
        return Finding("foreign", str(path), "a database, but not one of llmquiz", remedy)
    if version > VERSION:
        return Finding("newer", str(path), f"written by a newer llmquiz (format {version}, this one knows {VERSION}). Upgrade llmquiz", "")
    return None


def _integrity(path: Path) -> Finding | None:
    with contextlib.closing(look(path)) as db:
        said = [row[0] for row in db.execute(f"pragma integrity_check({MANY})")]
    return None if said == ["ok"] else Finding("damaged", str(path), f"damaged: {'; '.join(s.strip() for s in said)}", SALVAGE)


def _schema(path: Path) -> Finding | None:
    """Hold the tables, indices and views, and the migrations that are noted, to those of a new database."""
    objects = "select type || ' ' || name, sql from sqlite_master where sql is not null"
    noted = "select name from _sqlite_migrations where migration_set = 'llmquiz'"
    with contextlib.closing(look(path)) as db:
        if db.execute("pragma user_version").fetchone()[0] < VERSION:
            return None  # whether it can be migrated is tried on a copy
        there = dict(db.execute(objects))
        applied = set(db.execute(noted)) if "table _sqlite_migrations" in there else set()
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(_new(Path(folder) / "new.db")) as db:
        wanted, all_ = dict(db.execute(objects)), set(db.execute(noted))
    missing = [name for name, sql in wanted.items() if there.get(name) != sql]
    if missing:
        return Finding("schema", str(path), f"missing or altered: {', '.join(sorted(missing))}", SALVAGE)
    if applied != all_:
        return Finding("migration", str(path), "a migration was half applied: what is noted is not what is there", SALVAGE)
    return None


def _new(path: Path) -> sqlite3.Connection:
    from llmquiz.log.store import connect

    return connect(path)


def events(path: Path) -> set[Event]:
    """Return the events of a database that can be read in one pass; nothing where there is none."""
    out: set[Event] = set()
    with contextlib.suppress(*UNREADABLE, LineError), contextlib.closing(look(path)) as db:
        for table, columns in COLUMNS.items():
            out.update(Event(table, row) for row in db.execute(f"select {', '.join(columns)} from {table}"))  # noqa: S608
        out.update(beside(db))
    return out
