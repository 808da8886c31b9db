"""The collections that are measured, made afresh in a temporary folder.

Invariant: a program under test sees only the environment that is made here: its byte-code is cached and it reads these sources.
"""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from cards import write_bank
from measure import run

from llmquiz.cli.context import Clock
from llmquiz.collection import Collection
from llmquiz.config import Paths, settings
from llmquiz.log import INSERT_REVIEW
from llmquiz.model import SELF, STUDY, Grade, instant
from llmquiz.schedulers.sm2 import SM2
from llmquiz.session import Wanted

HERE = Path(__file__).parent
CARDS, FILES = 10_000, 100
MANY, REVIEWS = 100_000, 1_000_000  # cards and reviews at a large scale
LATEST = (
    Grade.CLOSE,
    Grade.GOOD,
    Grade.GOOD,
    Grade.CLOSE,
    *[Grade.GOOD] * 6,
)  # the last grades of each card: then it is due after 238 days
MET = 60  # cards that the learner met a month ago: all are due


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a learner with a home, on a terminal that speaks English."""
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "SYSTEMROOT")}
    return keep | {"LLMQUIZ_HOME": str(home), "PYTHONPATH": str(HERE.parent / "src"), "LANG": "C.UTF-8", "TERM": "xterm-256color"}


def llmquiz(*args: str) -> list[str]:
    """Return the command that is llmquiz with arguments."""
    return [sys.executable, str(HERE / "launch.py"), *args]


class Homes:
    """The homes of one run, made when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        """Make them in `folder`."""
        self.folder = folder
        self._count = 0

    def shipped(self) -> Path:
        """Return the home of a learner with the shipped bank, of which 60 cards are due."""
        home = self.folder / "shipped"
        if not home.exists():
            self._study(home)
        return home

    def large(self) -> Path:
        """Return a home whose bank is 10,000 cards in 100 files, 60 of them due."""
        home = self.folder / "large"
        if not home.exists():
            self._configure(home)
            self._study(home)
        return home

    def unmet(self) -> Path:
        """Return a home with the 10,000 cards loaded and none met."""
        home = self.folder / "unmet"
        if not home.exists():
            self._configure(home)
            run(llmquiz("due", "--count"), environment(home))
        return home

    def reviewed(self, cards: int) -> Path:
        """Return a home with so many cards and 1,000,000 reviews, each card as often as any other."""
        home = self.folder / f"reviewed-{cards}"
        if not home.exists():
            self._configure(home, cards)
            self._review(home)
        return home

    def fresh(self) -> Path:
        """Return a home with the shipped bank loaded and no card met."""
        home = self.folder / "fresh"
        if not home.exists():
            run(llmquiz("due", "--count"), environment(home))
        return home

    def bank(self, cards: int = CARDS) -> Path:
        """Return the folder with so many cards in 100 files."""
        bank = self.folder / f"bank-{cards}"
        if not bank.exists():
            write_bank(bank, cards, FILES)
        return bank

    def new(self) -> Path:
        """Return a path that does not exist yet."""
        self._count += 1
        return self.folder / f"{self._count:04d}"

    def copy(self, folder: Path) -> Path:
        """Return a copy of a folder."""
        return Path(shutil.copytree(folder, self.new()))

    def _configure(self, home: Path, cards: int = CARDS) -> None:
        home.mkdir()
        (home / "config.toml").write_text(f'shipped = false\nbanks = ["{self.bank(cards)}"]\n', encoding="utf-8")

    def _review(self, home: Path) -> None:
        """Put the log of a learner who keeps up into a collection, as a merge would: one card in eleven is due. Fold it."""
        collection = Collection(Paths(home), settings(home / "config.toml"))
        collection.refresh()
        now = Clock().now()
        cards = [card for (card,) in collection.log.db.execute("select id from questions order by id")]
        ago, last = _past(REVIEWS // len(cards))
        with collection.log.writing() as db:
            for n, card in enumerate(cards):
                done = now - timedelta(days=n * 7919 % (last + last // 10), microseconds=n)
                for days, grade in ago:
                    at = done - timedelta(days=days)
                    row = card, instant(at), at.date().isoformat(), int(grade), 9.0, STUDY, SELF, "en", "", ""
                    db.execute(INSERT_REVIEW, row)
        collection.log.rebuild()
        collection.remember()  # as a session does at its end
        collection.close()

    def _study(self, home: Path) -> None:
        """Let the learner meet cards a month ago."""
        then: datetime = Clock().now() - timedelta(days=30)
        collection = Collection(Paths(home), settings(home / "config.toml"))
        collection.refresh()
        for card in collection.session(Wanted(new=MET), then).cards:
            collection.grade(card.id, Grade.GOOD, then)
        collection.close()


def _past(reviews: int) -> tuple[list[tuple[int, Grade]], int]:
    """Return how many days before a card's last review each was, and its grade, all on the day they were due; and the last interval."""
    grades = [*[Grade.CLOSE, Grade.GOOD, Grade.GOOD] * reviews][: reviews - len(LATEST)] + list(LATEST)
    memory, days = None, [0]
    for grade in grades:
        memory = SM2().review(memory, grade, date.fromordinal(1 + days[-1]), STUDY)
        days.append(days[-1] + memory.interval if memory else 0)
    return [(days[-2] - day, grade) for day, grade in zip(days, grades, strict=False)], days[-1] - days[-2]
