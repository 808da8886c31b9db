"""What is measured: llmquiz, its floors, and Anki where there is one. Each method does the work once and returns what it took.

Invariant: every call starts from the same state: what a contender writes is written to a copy.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from cards import write_topic, write_tsv
from homes import CARDS, FILES, HERE, Homes, environment, llmquiz
from measure import run
from ptys import Seen, Terminal, seen
from reviewers import Reviewer

KEYS = b"q quit"  # in the hint below any question
QUESTION, POINTS, GRADES = b"shows the answer", b"goes on", b"0-5"  # in those below an open question, its answer, its points
READING = 1.0  # seconds that a learner reads a question, at the very least
PER_FILE = CARDS // FILES


def said(home: Path, *command: str | Path) -> Any:
    """Run a command to its end; return the JSON that it printed."""
    return json.loads(run([str(c) for c in command], environment(home))[1])


class Ours:
    """llmquiz."""

    def __init__(self, homes: Homes) -> None:
        """Measure on these homes."""
        self.homes = homes

    def command(self, *args: str) -> float:
        """Run a command of a learner with the shipped bank; return its milliseconds."""
        return run(llmquiz(*args), environment(self.homes.shipped()))[0]

    def first(self, home: Path, *options: str) -> Seen:
        """Start a session; return what it took to the question on the screen."""
        return seen(llmquiz("study", *options), environment(home), KEYS)

    def answers(self, cards: int) -> tuple[list[float], list[float]]:
        """Study cards of the shipped bank at a terminal; return two lists of milliseconds.

        They are from each Enter to the answer drawn, and from each grade to the next question drawn.
        """
        answered, graded = [], []
        with Terminal(llmquiz("study", "--kind", "open"), environment(self.homes.copy(self.homes.shipped()))) as terminal:
            terminal.until(QUESTION)
            for _ in range(cards):
                time.sleep(READING)
                pressed = terminal.press(b"\r")
                answered.append((terminal.until(POINTS) - pressed) * 1000)
                terminal.press(b"\r")
                terminal.until(GRADES)
                time.sleep(READING / 2)
                pressed = terminal.press(b"4")
                graded.append((terminal.until(QUESTION) - pressed) * 1000)
        return answered, graded

    def reviewer(self) -> Reviewer:
        """Start a session with 10,000 new cards, in process."""
        return Reviewer(self.homes.copy(self.homes.unmet()), sys.executable, HERE / "work" / "grading.py")

    def loads(self, cards: int = CARDS) -> dict[str, float]:
        """Load cards, change one file of 100, load again; return the seconds of `load` and `reload`, and the `peak` in MiB."""
        home, bank = self.homes.new(), self.homes.copy(self.homes.bank(cards))
        return dict(said(home, sys.executable, HERE / "work" / "loading.py", home, bank, str(cards // FILES)))

    def counted(self, task: str, home: Path) -> list[float]:
        """Return the seconds of a task of `work/counting.py` on a home, and of its floor where it has one."""
        return list(said(home, sys.executable, HERE / "work" / "counting.py", task))

    def start_unchanged(self) -> float:
        """Return the milliseconds of a start with 10,000 cards, no file changed."""
        return run(llmquiz("due", "--count"), environment(self.homes.large()))[0]

    def start_changed(self) -> float:
        """Return the milliseconds of a start with 10,000 cards after one file of 100 changed."""
        self.homes.large()
        write_topic(self.homes.bank(), 0, PER_FILE, revision=time.monotonic_ns())
        return self.start_unchanged()


class Floors:
    """The least that a program of this kind does."""

    def __init__(self, homes: Homes) -> None:
        """Measure on these homes."""
        self.homes = homes

    def python(self) -> float:
        """Start Python; return the milliseconds."""
        return run([sys.executable, "-c", "pass"], environment(self.homes.shipped()))[0]

    def due(self) -> float:
        """Run a Typer command that prints a count; return the milliseconds."""
        return run(self._due(), environment(self.homes.shipped()))[0]

    def first(self) -> Seen:
        """Return what it takes until its count stands on the screen."""
        return seen(self._due(), environment(self.homes.shipped()), b"\n")

    def _due(self) -> list[str]:
        return [sys.executable, str(HERE / "floors" / "due.py"), str(self.homes.shipped() / "collection.db")]

    def reviewer(self) -> Reviewer:
        """Start the floor of a review with the same cards."""
        home = self.homes.copy(self.homes.unmet())
        return Reviewer(home, sys.executable, HERE / "floors" / "grade.py", home / "collection.db", home)

    def load(self) -> float:
        """Return the seconds of reading 10,000 cards without building them."""
        work = self.homes.new()
        work.mkdir()
        return float(said(work, sys.executable, HERE / "floors" / "load.py", self.homes.bank(), work))


class Anki:
    """Anki's own library, in a Python of its own."""

    def __init__(self, homes: Homes, python: str) -> None:
        """Measure with the Python that has `anki`."""
        self.homes, self.python = homes, python

    def _said(self, *args: str | Path) -> Any:
        return said(self.homes.folder, self.python, HERE / "peers" / "with_anki.py", *args)

    def loads(self, collection: Path | None = None, cards: int = CARDS) -> dict[str, float]:
        """Import cards, then again with 1% changed; return the seconds of `load` and `reload`, and the `peak` in MiB."""
        base, changed = (self.homes.folder / f"{name}-{cards}.tsv" for name in ("base", "changed"))
        if not base.exists():
            write_tsv(base, cards)
            write_tsv(changed, cards, cards // FILES)
        return dict(self._said("load", collection or self.homes.new() / "collection.anki2", base, changed))

    def graphs(self, reviews: int) -> float:
        """Return the seconds of all graphs over so many reviews of the 10,000 cards."""
        copy = self.homes.copy(self.collection().parent)
        return float(self._said("graphs", copy / "collection.anki2", str(reviews)))

    def collection(self) -> Path:
        """Return a collection with the 10,000 cards."""
        path = self.homes.folder / "anki" / "collection.anki2"
        if not path.exists():
            self.loads(path)
        return path

    def first(self) -> Seen:
        """Return what it takes until its first card stands on the screen."""
        command = [self.python, str(HERE / "peers" / "with_anki.py"), "first", str(self.collection())]
        return seen(command, environment(self.homes.folder), b"\n")

    def reviewer(self) -> Reviewer:
        """Start answering a copy of its cards."""
        copy = self.homes.copy(self.collection().parent)
        return Reviewer(copy, self.python, HERE / "peers" / "with_anki.py", "grade", copy / "collection.anki2")
