"""Doing what doctor said it would do.

Invariant: what is there is a backup, byte for byte, before anything about it is changed; where that cannot be, nothing is.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from llmquiz.backup import Backups, files
from llmquiz.backup.checking import BANK_CACHES
from llmquiz.backup.listing import DAMAGED, DOCTOR, MERGE, RESTORED
from llmquiz.backup.swap import new_file, note_restored, swap
from llmquiz.config import Paths
from llmquiz.disk import sync_folder
from llmquiz.doctor import Examined, left_over, open_to_others
from llmquiz.doctor.finding import REBUILT
from llmquiz.doctor.salvage import rebuild, salvage
from llmquiz.log import Log


def mend(paths: Paths, backups: Backups, examined: Examined, now: datetime, lines: Sequence[Path] = ()) -> Iterator[str]:
    """Do what the findings say, and say what was done; raises LlmquizError where something stands in the way."""
    kinds = {f.kind for f in examined.findings if f.wrong}
    for path, _, wanted in open_to_others(paths) if "mode" in kinds else ():
        path.chmod(wanted)
        yield f"{path}: set to {wanted:o}"
    if "newer" in kinds:
        return
    if wrong := kinds & set(REBUILT):
        yield from _rebuild(paths, backups, now, lines, MERGE if wrong == {"lines"} else DAMAGED)
    elif "caches" in kinds:
        yield from _refold(paths, backups, now)
    if "backup" in kinds:
        yield from _set_aside(paths, backups, now)
    if "left-over" in kinds:
        yield from _clear(paths, backups, now)


def _rebuild(paths: Paths, backups: Backups, now: datetime, lines: Sequence[Path], why: str) -> Iterator[str]:
    """Make the log anew of all that can be read, and put it in the place of the damaged one, which is kept."""
    salvaged = salvage(paths.database, backups, lines)
    with new_file(paths.database) as new:
        live = rebuild(new, salvaged, backups.scheduler)
        files.sync_file(new)
        kept = swap(paths.database, new, backups, now, why)
    note_restored(paths.database, backups, now)
    if kept:
        yield f"{paths.database}: kept as it was in {kept.folder}"
    yield from salvaged.lines(live)
    yield f"{paths.database}: rebuilt, checked and backed up"


def _refold(paths: Paths, backups: Backups, now: datetime) -> Iterator[str]:
    """Compute the caches again from the reviews."""
    with contextlib.closing(Log(paths.database, backups.scheduler)) as log:
        log.db.execute("pragma wal_checkpoint(truncate)")
        kept = backups.keep_damaged([paths.database, *files.beside(paths.database)], now)
        yield f"{paths.database}: kept as it was in {kept.folder}"
        with log.writing() as db:
            for table in BANK_CACHES:  # the next command parses the bank again
                db.execute(f"delete from {table}")  # noqa: S608
        log.rebuild()
        backups.make(log.db, now, RESTORED)
    yield f"{paths.database}: memories and day counts computed again from the reviews; the bank will be parsed again"


def _set_aside(paths: Paths, backups: Backups, now: datetime) -> Iterator[str]:
    """Give backups that are no longer as they were another name, and make a new one where there is a log."""
    for backup in backups.all():
        if backup.changed():
            aside = backup.folder.with_name(f"{backup.name}.damaged")
            backup.folder.rename(aside)
            sync_folder(backups.folder)
            yield f"{backup.folder}: set aside as {aside.name}"
    if paths.database.exists():
        with contextlib.closing(Log(paths.database, backups.scheduler)) as log:
            yield f"backed up in {backups.make(log.db, now, DOCTOR).folder}"


def _clear(paths: Paths, backups: Backups, now: datetime) -> Iterator[str]:
    """Move what a crash left over into a backup."""
    there = left_over(paths, now)
    kept = backups.keep_damaged(there, now)
    for path in there:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield f"{path}: moved to {kept.folder / path.name}"


def orphans(log: Log) -> list[str]:
    """Return the cards that have reviews but no question in any bank."""
    sql = "select card from memories where card not in (select id from questions) order by card"
    return [card for (card,) in log.reading(sql)]
