"""The collection: bank, review log, scheduler. Every use case of the program is a method here.

Invariant: nothing here reads a clock or prints: the caller gives `now`, an aware instant in the learner's zone, once a
use case, and both the instant and the study day of a review come from that one value.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from llmquiz import stats
from llmquiz.config import Paths, Settings
from llmquiz.disk import is_folder
from llmquiz.errors import LlmquizError
from llmquiz.log import Log, cache
from llmquiz.log.store import Before
from llmquiz.looking import CODE
from llmquiz.model import BURIED, FLAGGED, SELF, STUDY, Card, Glance, Grade, Review, Undone, instant
from llmquiz.questions import WRITE, Question, unknown
from llmquiz.schedulers import SCHEDULERS, preview
from llmquiz.session import Pile, Session, Wanted, batches, by_urgency, interleave
from llmquiz.stock import Stock

if TYPE_CHECKING:
    from llmquiz.backup import Backup, Backups
    from llmquiz.query import Query

LONGEST_DAY = timedelta(hours=72)  # no study day is longer, whatever the zone does


def shipped_bank() -> Path:
    """Return the folder of the shipped questions: inside the installed package, else beside the sources."""
    here = Path(__file__).parent
    inside = here / "data" / "questions"
    return inside if inside.is_dir() else here.parents[1] / "data" / "questions"


class Collection(Stock):
    """A learner's collection. `banks` are folders beside the shipped one, the learner's own and the configured ones."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings | None = None,
        banks: Sequence[Path] = (),
        shipped: Path | None = None,
        before: Before | None = None,
    ) -> None:
        """Open the collection; raises LlmquizError where a folder is missing or the database must not be used.

        `before` is called with a database of an older format before it is migrated.
        """
        self.paths = paths
        self.settings = settings or Settings()
        self.scheduler = SCHEDULERS["sm2"]()
        named = [*self.settings.banks, *banks]
        for folder in named:
            if not is_folder(folder):
                msg = f"{folder}: no such bank folder"
                raise LlmquizError(msg)
        own = [paths.questions] if is_folder(paths.questions) else []
        self.shipped = shipped or shipped_bank()
        self.folders = [*([self.shipped] if self.settings.shipped else []), *named, *own]
        self.log = Log(paths.database, self.scheduler, before)
        self._device = ""

    def close(self) -> None:
        """Close the database."""
        self.log.close()

    # backups

    @property
    def backups(self) -> Backups:
        """The backups of the review log."""
        from llmquiz.backup import Backups

        return Backups(self.paths.backups, self.scheduler, self.settings.cutoff)

    def back_up(self, now: datetime, why: str) -> Backup:
        """Make a backup now; `why` is `now`, or what it is made before. Raises LlmquizError where it cannot be made."""
        return self.backups.make(self.log.db, now, why)

    # studying

    def session(self, wanted: Wanted, now: datetime) -> Session:
        """Plan a sitting: due cards, then new ones up to the daily limit, then what is left of today's drill."""
        self._known(wanted)
        day = self.day(now)
        again = self._again(now, wanted)
        due, new, code = self._waiting(wanted, now, cache.ALL)
        code += [c.id for c in again if c.kind == CODE]
        skipped, only = self.unasked(code) if code else ({}, cache.ALL)
        if skipped:
            due, new, _ = self._waiting(wanted, now, only)
            again = [c for c in again if c.id not in skipped]
        cards = islice(chain(interleave(self._due(due, day, wanted, only)), interleave(new)), wanted.limit)
        if wanted.ahead:  # the drill's cards are among them
            return Session(list(cards), again, skipped)
        most = sum(pile.cards for pile in due), len(new)
        limit = sum(most) if wanted.limit is None else wanted.limit
        counts = min(most[0], limit), max(0, min(most[1], limit - most[0]))
        return Session(cards, [c for c in again if c.memory is None or c.memory.due > day], skipped, counts)

    def _again(self, now: datetime, wanted: Wanted) -> list[Card]:
        """Return the cards whose last review of this study day was below 4, the oldest first."""
        day = self.day(now)
        return cache.cards(self.log, self.log.unfinished(day, instant(now - LONGEST_DAY)), day, wanted)

    def again_today(self, now: datetime) -> int:
        """Return how many cards a session would ask that are left of this study day's drill."""
        again = [c for c in self._again(now, cache.ANY) if c.memory is None or c.memory.due > self.day(now)]
        code = [c.id for c in again if c.kind == CODE]
        return len(again) - len(self.unasked(code)[0] if code else ())

    def _waiting(self, wanted: Wanted, now: datetime, only: cache.Condition) -> tuple[list[Pile], list[Card], list[str]]:
        """Return the piles of due cards that a condition holds for, the new cards to ask, and which of both are code."""
        due, code = cache.due_piles(self.log, self.day(now), wanted, only)
        allowed = self.new_left(now) if wanted.new is None else wanted.new
        new = cache.new(self.log, self.day(now), wanted, allowed, only) if allowed else []
        return due, new, code + [c.id for c in new if c.kind == CODE]

    def _due(self, piles: Sequence[Pile], day: date, wanted: Wanted, only: cache.Condition) -> Iterator[Card]:
        """Fetch due cards, the most urgent first."""
        for batch in batches(piles, day):
            yield from by_urgency(cache.due(self.log, batch, day, wanted, only), day, wanted.seed)

    def _known(self, wanted: Wanted) -> None:
        for what, named in (("topic", wanted.topics), ("tag", wanted.tags), ("kind", wanted.kinds)):
            known = cache.names(self.log, what) if named else []
            for name in named:
                if name not in known:
                    raise LlmquizError(unknown(what, name, known))

    def remember(self) -> None:
        """Remember, at the end of a session, what makes the next plan short; nothing depends on it."""
        cache.remember_new(self.log)

    def new_today(self, now: datetime) -> tuple[int, dict[str, str]]:
        """Return how many new cards a session would ask, and those before them that cannot be asked here, as `unasked` says it."""
        day, left = self.day(now), self.new_left(now)
        new = cache.new(self.log, day, cache.ANY, left) if left else []
        code = [c.id for c in new if c.kind == CODE]
        skipped, only = self.unasked(code) if code else ({}, cache.ALL)
        return len(cache.new(self.log, day, cache.ANY, left, only) if skipped else new), skipped

    def new_left(self, now: datetime) -> int:
        """Return how many new cards today's limit still allows."""
        done = stats.today(self.log.day_count(self.day(now)), self.day(now)).new
        return max(0, self.settings.new_per_day - done)

    def glance(self, card: str, now: datetime) -> Glance:
        """Look at a card before it is asked; raises LlmquizError where the bank has none by that id."""
        seen = self.log.refresh()  # first: what changes while the rest is read makes the glance an old one
        return Glance(self.question(card), self.log.memory(card), self.marks(card, now), seen)

    def unchanged(self, glance: Glance) -> bool:
        """Whether no other program has written to the log between a glance and the last transaction."""
        return self.log.seen == glance.seen

    def still_due(self, glance: Glance, now: datetime, *, ahead: bool = False) -> bool:
        """Whether a planned card is still to be asked: another terminal may have graded or hidden it."""
        hidden = any(mark != FLAGGED for mark in glance.marks)
        return not hidden and (ahead or glance.memory is None or glance.memory.due <= self.day(now))

    def asked(self, question: Question) -> Question:
        """Return a question as it is asked at its next review: numbers drawn and options shuffled by card and review count.

        Raises LlmquizError where it cannot be asked, as code of a file that changed meanwhile.
        """
        if question.way == WRITE and (unasked := self.unasked([question.id])[0]):
            msg = f"`{question.id}` is locked ({unasked[question.id]}): `llmquiz trust` shows what its code would do"
            raise LlmquizError(msg)
        return question.asked(f"{question.id} {len(self.log.history(question.id))}")

    def usual_seconds(self, card: str) -> float | None:
        """Return the median seconds of a card's reviews, None where it has none."""
        seconds = sorted(r.seconds for r in self.log.history(card))
        return seconds[len(seconds) // 2] if seconds else None

    def intervals(self, card: str, now: datetime, mode: str) -> tuple[int | None, ...]:
        """Return for each grade 0..5 the days until the card would be due again."""
        return preview(self.scheduler, self.log.memory(card), self.day(now), mode)

    def grade(  # noqa: PLR0913
        self,
        card: str,
        grade: Grade,
        now: datetime,
        seconds: float = 0.0,
        mode: str = STUDY,
        grader: str = SELF,
        lang: str = "",
        answer: str = "",
    ) -> Review:
        """Grade a card; on disk when this returns. What is not said here is said at `Review`."""
        return self.log.append(Review(card, instant(now), self.day(now), grade, seconds, mode, grader, lang, answer, self.device()))

    def undo(self, now: datetime, count: int = 1, card: str = "", back: int = 1) -> list[Undone]:
        """Take back `count` reviews from the `back`-th newest on (of all, or of one card), newest first.

        Return them with the memories before and after. Raises LlmquizError where the card is unknown.
        """
        self._one(card)
        taken = []
        for review in self.log.latest(back - 1 + count, card)[back - 1 :]:
            before = self.memory(self.log.name(review.card))
            self.take_back(review, now)
            taken.append(Undone(review, before, self.memory(self.log.name(review.card))))
        return taken

    def redo(self, now: datetime, count: int = 1, card: str = "") -> list[Undone]:
        """Bring back the `count` reviews that were taken back last (of all, or of one card), the last one first.

        A review whose card was graded again after it had been taken back stays so. Raises LlmquizError as `undo` does.
        """
        self._one(card)
        brought: list[Undone] = []
        while len(brought) < count and (review := self.log.undone(card)):
            before = self.memory(self.log.name(review.card))
            self.log.undo(review.card, review.at, instant(now), undone=False)
            brought.append(Undone(review, before, self.memory(self.log.name(review.card))))
        return brought

    def _one(self, card: str) -> None:
        """Refuse a card, where one is named, that neither the bank nor the log knows."""
        if card and not self.log.history(card) and self.log.undone(card) is None:
            self.question(card)

    def take_back(self, review: Review, now: datetime) -> None:
        """Take back exactly this review."""
        self.log.undo(review.card, review.at, instant(now))

    def mark(self, card: str, mark: str, now: datetime, *, on: bool = True) -> None:
        """Set or clear a mark; buried means until the next study day."""
        self.log.mark(card, mark, self._value(mark, now) if on else "", instant(now))

    def _value(self, mark: str, now: datetime) -> str:
        return (self.day(now) + timedelta(days=1)).isoformat() if mark == BURIED else "1"

    def mark_all(self, cards: Sequence[str], wanted: Query, mark: str, now: datetime, *, on: bool = True) -> list[tuple[str, bool]]:
        """Set or clear a mark of the cards named and of those that a query means, all or none; `wanted` () means none.

        Return each card with whether that changed it. Raises LlmquizError with the nearest id where one is unknown.
        """
        named = [self.question(card).id for card in cards]
        found = [hit.id for hit in self.find(wanted, now, "id")] if wanted else []
        chosen = dict.fromkeys([*named, *found])
        changes = [card for card in chosen if (mark in self.marks(card, now)) is not on]
        self.log.mark_all(changes, mark, self._value(mark, now) if on else "", instant(now))
        changed = set(changes)
        return [(card, card in changed) for card in chosen]

    def device(self) -> str:
        """Return the id of this collection's device: 8 hex digits, made once."""
        self._device = self._device or self.log.meta("device")
        if not self._device:
            self._device = os.urandom(4).hex()
            with self.log.writing():
                self.log.set_meta("device", self._device)
        return self._device
