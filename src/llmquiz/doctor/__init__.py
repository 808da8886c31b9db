"""What is wrong in the learner's folder: named, with what would be done about it.

Invariant: to look changes nothing in the log, whatever is wrong with it; each fault has its remedy in words.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from llmquiz.backup import Backups, files
from llmquiz.config import Paths
from llmquiz.disk import PRIVATE_FILE, PRIVATE_FOLDER, is_folder, there
from llmquiz.doctor import database
from llmquiz.doctor.finding import Finding
from llmquiz.doctor.salvage import read_lines

__all__ = ["Examined", "Finding", "examine"]


class Examined(NamedTuple):
    """What was looked at, in words, and what was found."""

    checked: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not any(f.wrong for f in self.findings)


def examine(paths: Paths, backups: Backups, now: datetime, lines: Sequence[Path] = ()) -> Examined:
    """Look at everything in the learner's folder but the questions; `lines` are files whose events the log should have."""
    checked, findings = [], []
    if there(paths.database):
        said, wrong = database.examine(paths.database, backups.scheduler)
        checked.append(said)
        findings += wrong
    else:
        checked.append(f"{paths.database}: not there")
        if any(b.good for b in backups.all()):
            remedy = "rebuild it from the newest good backup"
            findings.append(Finding("missing", str(paths.database), "not there, but backups of it are", remedy))
    findings += _lines(paths.database, lines)
    for backup in backups.all():
        if wrong_with := backup.changed():
            remedy = f"set it aside as {backup.name}.damaged, and make a new backup"
            findings.append(Finding("backup", str(backup.folder), "; ".join(wrong_with), remedy))
    count = len(backups.all())
    checked.append(f"{paths.backups}: {count} backup{'' if count == 1 else 's'}, each file against its SHA-256")
    findings += [Finding("left-over", str(p), "left over from a crash", "move it into a backup") for p in left_over(paths, now)]
    for path, mode, wanted in open_to_others(paths):
        findings.append(Finding("mode", str(path), f"open to others ({mode:o})", f"set it to {wanted:o}"))
    checked.append(f"{paths.home}: permissions, temporary files")
    return Examined(tuple(checked), tuple(findings))


def _lines(path: Path, lines: Sequence[Path]) -> Iterator[Finding]:
    """Yield a finding for each file of JSON lines that has what the log lacks."""
    for file in lines:
        events, unread = read_lines(file)
        more = len(set(events) - database.events(path))
        if unread:
            yield Finding("lines", str(file), f"{unread} lines are no events", "leave them out", wrong=False)
        if more:
            yield Finding("lines", str(file), f"has {more} events that the log has not", "rebuild the log with them")


def left_over(paths: Paths, now: datetime) -> list[Path]:
    """Return temporary files that a crash left, in the home folder, with the questions and with the backups."""
    return [p for folder in (paths.home, paths.questions, paths.backups) for p in files.left_over(folder, now)]


def open_to_others(paths: Paths) -> Iterator[tuple[Path, int, int]]:
    """Yield each file and folder of the learner that others can get at: path, its mode, the mode that it should have."""
    if os.name == "nt" or not is_folder(paths.home):
        return
    for path in (paths.home, *sorted(paths.home.rglob("*"))):
        there = path.lstat()
        if stat.S_ISLNK(there.st_mode):
            continue
        mode = stat.S_IMODE(there.st_mode)
        wanted = PRIVATE_FOLDER if stat.S_ISDIR(there.st_mode) else PRIVATE_FILE
        if mode & 0o077:
            yield path, mode, wanted
