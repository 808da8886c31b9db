"""The words of the program as types: grade, review, memory, card, problem, bank.

Invariant: everything here is immutable data without behaviour that needs a clock, a file or a terminal; instants are
UTC text of one width, so that text order is time order. Records are named tuples, here and elsewhere on the way to the
first question: making a frozen dataclass costs eight times as much, at every start.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from typing import NamedTuple

from llmquiz.questions import Question

STUDY, DRILL, INTERVIEW = "study", "drill", "interview"
SELF = "self"  # the grader of a review that the learner graded
MODES = (STUDY, DRILL, INTERVIEW)
SUSPENDED, FLAGGED, BURIED = "suspended", "flagged", "buried"
PASS = 3  # the lowest grade that is one; to look a member of Grade up takes five times as long as to compare it
MATURE_DAYS = 21
LEECH_LAPSES = 8
CUTOFF = time(4)


class Grade(IntEnum):
    """SM-2's quality of a response (Wozniak 1990, SuperMemo 2, step 5); 3 and up is a pass."""

    BLACKOUT = 0
    WRONG = 1
    CLOSE = 2
    HARD = 3
    GOOD = 4
    PERFECT = 5

    @property
    def passed(self) -> bool:
        """Whether the card counts as recalled."""
        return self >= PASS


class Memory(NamedTuple):
    """What the log folds to for one card.

    `due` is a study day; `interval` whole days; `ease` SM-2's E-Factor in whole hundredths (250 is 2.5); `repetitions`
    the passes since the last restart; `lapses` how often a card that had been passed was failed.
    """

    due: date
    interval: int
    ease: int
    repetitions: int
    lapses: int


class Review(NamedTuple):
    """One row of the review log: a card graded at an instant.

    `at` is UTC text as `instant` writes it; `day` the learner's study day at that instant; `seconds` from question to
    grade; `grader` is self, a kind that grades itself, or a model's name; `answer` what was typed, or "".
    """

    card: str
    at: str
    day: date
    grade: Grade
    seconds: float = 0.0
    mode: str = STUDY
    grader: str = SELF
    lang: str = ""
    answer: str = ""
    device: str = ""


class Card(NamedTuple):
    """A question with its memory: the unit that is scheduled. `memory` is None for a new card."""

    id: str
    topic: str
    level: int
    follow_ups: tuple[str, ...] = ()
    memory: Memory | None = None
    kind: str = "open"


class Glance(NamedTuple):
    """What a card has to be looked at for before it is asked; `seen` tells which state of the log that was."""

    question: Question
    memory: Memory | None
    marks: Mapping[str, str]
    seen: int


class Undone(NamedTuple):
    """A review that was taken back or brought back, and the memory of its card before and after that."""

    review: Review
    before: Memory | None
    after: Memory | None


class Whole(NamedTuple):
    """Everything about one card.

    `path` is its bank file, `mine` whether that is the learner's own; `marks` those that hold; `history` the live
    reviews, oldest first, and `intervals` the days after each until the card was due (None without a memory).
    `follow_ups` are those of the bank, in order.
    """

    question: Question
    path: str
    mine: bool
    memory: Memory | None
    marks: tuple[str, ...]
    history: tuple[Review, ...]
    intervals: tuple[int | None, ...]
    follow_ups: tuple[Question, ...]


class Problem(NamedTuple):
    """Something wrong in a bank: where (1-based line and column; 0 where there is none), what, and what would be right."""

    path: str
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        """Say it as compilers do: path:line:column: message."""
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {'warning: ' if self.warning else ''}{self.message}"


class Bank(NamedTuple):
    """Every question that loaded, by id, every problem found while loading, and the file of each question: path and hash."""

    questions: Mapping[str, Question]
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, tuple[str, str]] = {}


def instant(now: datetime) -> str:
    """Return an aware instant as UTC text with microseconds, e.g. 2026-11-22T03:07:00.000000Z: text order is time order."""
    utc = now.astimezone(UTC)
    text = utc.isoformat()[:-6]  # in half the time that it takes with `timespec`
    return f"{text}Z" if utc.microsecond else f"{text}.000000Z"


def study_day(local: datetime, cutoff: time = CUTOFF) -> date:
    """Return the study day of an instant given in the learner's zone: its date, or the day before until `cutoff`.

    Wall-clock arithmetic only: on a night of 23 or 25 hours the day still turns when the clock on the wall shows the
    cutoff. Where a zone skipped a whole date (Apia, 30 December 2011) the hours after midnight count for that date.
    """
    day = local.date()
    return day - timedelta(days=1) if local.time() < cutoff else day


def just_after(at: str) -> str:
    """Return the instant one microsecond after `at`: two reviews of a card never share one."""
    moved = datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) + timedelta(microseconds=1)
    return instant(moved)
