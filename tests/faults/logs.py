"""What the tests of backups and of doctor share: logs with reviews, undos and marks; their events; a kill at every step."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from llmquiz.backup import Backups
from llmquiz.doctor import database
from llmquiz.log import Log
from llmquiz.log.lines import Event
from llmquiz.model import Grade, Review, instant
from llmquiz.schedulers.sm2 import SM2

STRIDE = 1 if os.environ.get("LLMQUIZ_TORTURE") else 3  # which steps are died at: all, or in the bounded form every third
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STEPS = {
    "open",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.chmod",
    "os.truncate",
    "sqlite3.connect",
    "shutil.copyfile",
}


def graded(path: Path, count: int, start: datetime = NOON, cards: int = 20) -> None:
    """Append `count` reviews, a few minutes apart, some of them taken back, some cards flagged."""
    with contextlib.closing(Log(path, SM2())) as log:
        for i in range(count):
            now = start + timedelta(minutes=7 * i)
            review = Review(f"card-{i % cards}", instant(now), now.date(), Grade(i % 6), 1.5 + i, answer=f"回答 {i} " * (i % 9), lang="en")
            log.append(review)
            if i % 7 == 3:
                log.undo(review.card, review.at, instant(now + timedelta(seconds=1)))
            if i % 11 == 5:
                log.mark(review.card, "flagged", "1", instant(now))


def events(path: Path) -> set[Event]:
    """Return every event of a database."""
    return database.events(path)


def backups(home: Path) -> Backups:
    """Return the backups of a home folder."""
    return Backups(home / "backups", SM2())


def sound(path: Path) -> bool:
    """Whether a database opens, passes SQLite's check, and its caches are the fold of its reviews."""
    with contextlib.closing(Log(path, SM2())) as log:
        return log.reading("pragma integrity_check") == [("ok",)] and log.disagreements() == []


def fork() -> int:
    """Fork; that other threads are not in the child is fine, as it touches none of theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do some work in a process of its own that dies, as by kill -9, at its n-th step on files; False where it has fewer."""
    child = fork()
    if child == 0:
        left = step

        def hook(event: str, _: object) -> None:
            nonlocal left
            if event in STEPS:
                left -= 1
                if left == 0:
                    os._exit(9)

        try:
            sys.addaudithook(hook)
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
