"""Homes of one learner on several machines, each with its own clock and zone, for the tests and the long run of sync."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from llmquiz import carrying
from llmquiz.collection import Collection
from llmquiz.config import Paths, settings
from llmquiz.log.lines import to_lines
from llmquiz.model import FLAGGED, SUSPENDED, Grade
from llmquiz.sync import Report

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)  # when backups say that they were made
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")


class Home:
    """A home in `folder` that syncs through `shared`; its clock is off by `off` minutes, its wall in `zone`."""

    def __init__(self, folder: Path, shared: Path, bank: Path, zone: str = "UTC", off: float = 0) -> None:
        self.paths, self.shared, self.bank = Paths(folder), shared, bank
        self.zone, self.off = ZoneInfo(zone), timedelta(minutes=off)
        self.open()

    def open(self) -> None:
        self.collection = Collection(self.paths, settings(self.paths.config), shipped=self.bank)
        self.collection.refresh()

    def close(self) -> None:
        self.collection.close()

    def now(self, true: datetime) -> datetime:
        """What the clock of this machine shows at a true instant."""
        return (true + self.off).astimezone(self.zone)

    def sync(self) -> Report:
        """Sync as a start of the program would: with the settings as they are now."""
        self.close()
        self.open()
        return carrying.sync(self.collection, self.shared, NOON)

    @property
    def lines(self) -> list[str]:
        """The log as `export` prints it."""
        return list(to_lines(self.collection.log))

    def study(self, true: datetime, random: Random) -> None:
        """A sitting of some cards, with an undo, a redo, a mark now and then."""
        opened, log = self.collection, self.collection.log
        ids = sorted(opened.ids())
        for card in random.sample(ids, random.randint(1, 8)):
            true += timedelta(seconds=random.randint(1, 90))
            opened.grade(card, Grade(random.randint(0, 5)), self.now(true), seconds=random.randint(1, 60), lang="en")
        if random.random() < 0.4:
            for undone in opened.undo(self.now(true), random.randint(1, 3)):
                if random.random() < 0.3:
                    log.undo(undone.review.card, undone.review.at, undone.review.at, undone=False)
        if random.random() < 0.3:
            opened.mark(random.choice(ids), random.choice([FLAGGED, SUSPENDED]), self.now(true), on=random.random() < 0.6)


def questions(n: int) -> str:
    """Return a bank file of n questions."""
    items = "".join(f'  - {{id: card-{i:02}, level: {i % 5 + 1}, question: "What is {i}?", answer: "{i}."}}\n' for i in range(n))
    return f"questions:\n{items}"


def git(folder: Path, *args: str) -> str:
    """Run git as a person with a name would."""
    command = ["git", "-C", str(folder), "-c", "user.name=test", "-c", "user.email=test@example.org", *args]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def bare(folder: Path) -> Path:
    """Return a new bare repository."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    return folder


def clone(origin: Path, folder: Path) -> Path:
    """Return a new clone."""
    subprocess.run(["git", "clone", "-q", str(origin), str(folder)], check=True, capture_output=True)
    return folder


def same(homes: Iterable[Home]) -> list[str]:
    """Hold homes to be equal, and their caches to be the fold; return the log that they share."""
    exports, states = [], []
    for home in homes:
        log = home.collection.log
        assert log.disagreements() == []
        exports.append(home.lines)
        states.append([sorted(log.reading(f"select * from {table}")) for table in ("memories", "days", "live_reviews", "current_marks")])
    assert all(lines == exports[0] for lines in exports)
    assert all(state == states[0] for state in states)
    return exports[0]
