"""What a learner does while the machine fails, and what has to be there afterwards.

Invariant: a story is a pure function of its seed, so that its log after each step is known beforehand; after a fault the log
is the one of the steps that were acknowledged, or of those and the one that was under way, whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing, redirect_stderr
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.errors import LlmquizError
from llmquiz.model import FLAGGED, Grade

FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)
CARDS = tuple(f"card-{i}" for i in range(12))
BANK = "topic: torn\nquestions:\n" + "".join(f"  - id: {card}\n    question: What is {card}?\n    answer: It.\n" for card in CARDS)
FACTS = (
    "select card, at, day, grade, mode, answer from reviews order by card, at",
    "select card, at, stamped, undone from undos order by card, at, stamped",
    "select card, stamped, mark, value from marks order by card, mark, stamped",
    "select line from rivals order by line",
)

Facts = tuple[tuple[Any, ...], ...]
Step = Callable[[Collection, datetime], object]


class Story(NamedTuple):
    """The steps of a learner, and the log's facts before them (first) and after each."""

    folder: Path
    steps: Sequence[Step]
    facts: Sequence[Facts]

    @property
    def home(self) -> Path:
        """The learner's folder."""
        return self.folder / "home"

    def tell(self, said_on: int, *, stubborn: bool = False) -> None:
        """Do every step, with a byte to `said_on` when it is done. A `stubborn` learner does a step that failed again."""
        with closing(opened(self.folder)) as collection:
            collection.refresh()
            for i, step in enumerate(self.steps):
                try:
                    step(collection, moment(i))
                except LlmquizError:
                    if not stubborn:
                        raise
                    step(collection, moment(i))
                os.write(said_on, b".")


def opened(folder: Path) -> Collection:
    """Open the collection of a story's folder."""
    return Collection(Paths(folder / "home"), Settings(shipped=False), banks=[folder.parent / "bank"])


def moment(step: int) -> datetime:
    """Return the instant of a step; every third one happens at the instant of the one before."""
    return FIRST + timedelta(hours=step - (step % 3 == 1))


def steps(random: Random, count: int) -> list[Step]:
    """Make up steps: mostly grades, some undos, redos and marks."""
    return [_step(random.choice(CARDS), random.choice(list(Grade)), random.random(), i) for i in range(count)]


def _step(card: str, grade: Grade, kind: float, i: int) -> Step:
    if i == 0 or kind < 0.7:
        return lambda c, now: c.grade(card, grade, now, seconds=1.5, answer=f"answer {i} " * (i % 7))
    if kind < 0.8:
        return lambda c, now: c.undo(now)
    if kind < 0.9:
        return lambda c, now: c.redo(now)
    return lambda c, now: c.mark(card, FLAGGED, now, on=kind < 0.97)


def begin(folder: Path, before: int, then: Sequence[Step], random: Random) -> Story:
    """Prepare a folder whose learner has done `before` steps, and the story of what comes `then`."""
    folder.mkdir(parents=True)
    (folder.parent / "bank").mkdir(exist_ok=True)
    (folder.parent / "bank" / "torn.yaml").write_text(BANK, encoding="utf-8")
    if before:
        known(folder, steps(random, before), -before - 3)
    rehearsal = folder.with_name(f"{folder.name}-rehearsal")
    _copy(folder, rehearsal)
    return Story(folder, then, known(rehearsal, then))


def known(folder: Path, some: Sequence[Step], first: int = 0) -> list[Facts]:
    """Do steps with nothing in their way, from the `first` moment on; return the facts before them and after each."""
    with closing(opened(folder)) as collection:
        collection.refresh()
        out = [facts(collection)]
        for i, step in enumerate(some):
            step(collection, moment(first + i))
            out.append(facts(collection))
    return out


def facts(collection: Collection) -> Facts:
    """Return everything that was ever graded, undone and marked, devices left out."""
    return tuple(tuple(collection.log.reading(sql)) for sql in FACTS)


def _copy(source: Path, target: Path) -> None:
    from shutil import copytree

    copytree(source, target)


def copy(story: Story, target: Path) -> Story:
    """Return the same story in a fresh copy of its folder."""
    _copy(story.folder, target)
    return story._replace(folder=target)


def fault(story: Story, acknowledged: int, collection: Collection | None = None) -> str:
    """Say what is wrong after a fault: "" or lost, doubled, unreadable, alarming with the details."""
    said = StringIO()
    try:
        with redirect_stderr(said):
            if collection is not None:
                return _fault(story, acknowledged, collection)
            with closing(opened(story.folder)) as again:
                return _fault(story, acknowledged, again) or (f"alarming: {said.getvalue()}" if said.getvalue() else "")
    except Exception as error:  # noqa: BLE001  whatever it is, the learner could not go on
        return f"unreadable: {type(error).__name__}: {error}"


def _fault(story: Story, acknowledged: int, collection: Collection) -> str:
    if problems := [*collection.refresh(), *collection.problems(), *collection.log.disagreements()]:
        return f"unreadable: {problems[0]}"
    if (found := collection.log.reading("pragma integrity_check")) != [("ok",)]:
        return f"unreadable: {found}"
    there = facts(collection)
    if there in story.facts[acknowledged : acknowledged + 2]:
        return ""
    sure = story.facts[acknowledged]
    gone = [row for was, now in zip(sure, there, strict=True) for row in set(was) - set(now)]
    return f"lost: {gone[0]}" if gone else f"doubled: {acknowledged} steps, but {[len(x) for x in there]} rows"
