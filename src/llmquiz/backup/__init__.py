"""Backups of the review log: made, checked, thinned. docs/backups.md describes what stands on disk.

Invariant: a backup has its name only when it is complete, on disk and checked; an older one is dropped only after a newer
one was replayed: its cards folded from its reviews, and found equal to what it has cached.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from llmquiz.backup import files, thin
from llmquiz.backup.checking import BackupError, Say, as_log, check, copy, counts, pragma_check, quiet
from llmquiz.backup.listing import (
    BEFORE,
    DAMAGED,
    DATABASE,
    LINES,
    NOT,
    QUICK,
    REPLAYED,
    STUDY,
    Backup,
    Counts,
    listing,
    read,
    write_about,
)
from llmquiz.disk import sync_folder
from llmquiz.log.store import UNREADABLE
from llmquiz.model import CUTOFF
from llmquiz.schedulers import Scheduler

EVERY = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(days=1)
LARGE = 20_000  # reviews: up to here a full check takes about a second
REPLAY_EVERY = timedelta(days=7)  # of a larger log
OUTSIDE = ("full", "disk I/O", "readonly", "unable to open", "locked")  # what SQLite says of disks and others, not of the log


class Backups:
    """The backups in one folder of a log that is folded with `scheduler`."""

    def __init__(self, folder: Path, scheduler: Scheduler, cutoff: time = CUTOFF) -> None:
        """Name the folder; it is made with the first backup."""
        self.folder = folder
        self.scheduler = scheduler
        self.cutoff = cutoff

    def all(self) -> list[Backup]:
        """Return the backups, newest first."""
        with self._told():
            return listing(self.folder)

    # when

    def due(self, db: sqlite3.Connection, now: datetime) -> bool:
        """Whether an automatic backup is due: the log has changed since the newest, and that one is old enough.

        30 minutes for a log of up to 20,000 reviews, in proportion for a larger one, at most a day.
        """
        newest = next(iter(self.all()), None)
        if newest is None:
            return any(counts(db))
        if timedelta() <= now - newest.made < EVERY:
            return False
        there = counts(db)
        pause = min(LONGEST_PAUSE, EVERY * max(1.0, there.reviews / LARGE))
        return there != newest.counts and not timedelta() <= now - newest.made < pause

    def automatic(self, db: sqlite3.Connection, now: datetime, say: Say = quiet) -> Backup | None:
        """Make a backup if one is due, and drop what is no longer kept; raises BackupError where none could be made.

        A large log gets a quick one, and once a week, after that, one that is replayed.
        """
        if not self.due(db, now):
            return None
        if counts(db).reviews <= LARGE:
            return self.make(db, now, STUDY, say)
        made = self.make(db, now, STUDY, say, quick=True)
        replayed = next((b for b in self.all() if b.good and b.checked == REPLAYED), None)
        recent = replayed is not None and timedelta() <= now - replayed.made < REPLAY_EVERY
        return made if recent else self.make(db, now, STUDY, say)

    # making

    def make(self, db: sqlite3.Connection, now: datetime, why: str, say: Say = quiet, *, quick: bool = False) -> Backup:
        """Make a backup of what `db` holds now, check it, and then drop older ones that are no longer kept.

        A `quick` one is checked by SQLite and counted, but not replayed, has no JSON lines, and drops none. Raises
        BackupError where it cannot be written or is not found good; then nothing was dropped and nothing is left.
        """
        with self._told(), files.staging(self.folder) as staged:
            say("copying the log")
            found = copy(db, staged / DATABASE)
            if quick:
                pragma_check(staged / DATABASE, "quick_check")
            else:
                check(staged / DATABASE, self.scheduler, found, staged / LINES, say)
            write_about(staged, now, why, QUICK if quick else REPLAYED, found)
            made = read(files.into_place(staged, self.folder, files.name_of(now)))
            if not quick:
                self._thin(made, now)
        return made

    def keep_damaged(self, paths: Sequence[Path], now: datetime, *, link: bool = False) -> Backup:
        """Keep files as they are, byte for byte, in a backup that says that it was not checked.

        With `link` the first, a database that is about to lose its name, is kept itself: to open it would drop the lock
        that is held on it, and what somebody else writes to it after all is kept, too.
        """
        with self._told(), files.staging(self.folder) as staged:
            for n, path in enumerate(paths):
                files.keep(path, staged / path.name, link=link and n == 0)
            write_about(staged, now, DAMAGED, NOT, Counts())
            return read(files.into_place(staged, self.folder, files.name_of(now)))

    def _thin(self, newest: Backup, now: datetime) -> None:
        """Drop what is no longer kept, all of it older than `newest`, which was replayed."""
        checked = [b for b in listing(self.folder) if b.good]
        staying = thin.keep((thin.Dated(b.name, b.made, b.why in BEFORE) for b in checked), now, self.cutoff)
        for old in checked:
            if old.name not in staying and old.made < newest.made:
                with contextlib.suppress(OSError):  # another llmquiz was first; else the next backup tries again
                    self.drop(old)

    def drop(self, backup: Backup) -> None:
        """Remove a backup: first its name, so that there is never half of one under it."""
        gone = backup.folder.with_name(f".{backup.name}.new")
        backup.folder.rename(gone)
        sync_folder(self.folder)
        shutil.rmtree(gone, ignore_errors=True)

    # checking

    def check(self, backup: Backup) -> None:
        """Check a backup in full; raises BackupError with what is wrong with it."""
        if wrong := backup.changed():
            msg = f"{backup.folder}: {'; '.join(wrong)}"
            raise BackupError(msg)
        with self._told():
            check(backup.database, self.scheduler, backup.counts)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Raise what can go wrong with files as BackupError."""
        try:
            yield
        except (OSError, *UNREADABLE) as error:
            said = (error.strerror if isinstance(error, OSError) else "") or str(error)
            outside = isinstance(error, OSError) or any(word in said for word in OUTSIDE)
            then = "The log itself is unharmed" if outside else "`llmquiz doctor` says what is wrong with the log"
            msg = f"{self.folder}: no backup was made ({said}). {then}"
            raise BackupError(msg) from error


__all__ = ["Backup", "BackupError", "Backups", "Say", "as_log", "counts", "quiet"]
