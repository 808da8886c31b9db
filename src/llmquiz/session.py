"""One sitting: which cards, in which order, and what comes back the same day.

Invariant: the order is a pure function of the cards, the study day and a seed; a session never forgets a card that was
graded below 4 until it reaches 4 (the drill of SuperMemo 2, step 7), and going back restores exactly what was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby, islice
from sys import maxsize
from typing import NamedTuple
from zlib import crc32

from llmquiz.model import DRILL, STUDY, Card, Grade

LOOKAHEAD = 12  # how far interleaving may reach past the most urgent card
PRIME = 2**31 - 1  # multiplying by an odd number modulo a prime shuffles; seeding the checksum would not
BATCH = 100  # cards fetched at a time
NOTHING: Mapping[str, str] = {}
NEAR = 4  # a follow-up comes within this many cards after its parent, but not straight after


class Wanted(NamedTuple):
    """Which cards a sitting is about; an empty tuple means any. `ahead` takes cards that are not due yet."""

    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    lang: str = ""
    new: int | None = None
    limit: int | None = None
    ahead: bool = False
    seed: int = 0


class Pile(NamedTuple):
    """How many cards are due on the same study day after the same interval (days): they are equally urgent."""

    due: date
    interval: int
    cards: int


def overdue(due: date, interval: int, day: date) -> float:
    """Return how long a card is overdue on a study day, relative to its interval."""
    return (day - due).days / max(1, interval)


def batches(piles: Iterable[Pile], day: date, least: int = BATCH) -> Iterator[list[Pile]]:
    """Cut piles into batches of at least `least` cards, the most urgent first; what is equally urgent stays together."""

    def urgency(pile: Pile) -> float:
        return -overdue(pile.due, pile.interval, day)

    batch: list[Pile] = []
    for _, equals in groupby(sorted(piles, key=urgency), urgency):
        batch += equals
        if sum(pile.cards for pile in batch) >= least:
            yield batch
            batch = []
    if batch:
        yield batch


def by_urgency(cards: Iterable[Card], day: date, seed: int = 0) -> list[Card]:
    """Sort cards that have a memory: most overdue relative to their interval first; ties by seed."""

    def key(card: Card) -> tuple[float, int, str]:
        memory = card.memory
        urgency = 0.0 if memory is None else overdue(memory.due, memory.interval, day)
        return -urgency, crc32(card.id.encode()) * (2 * seed + 1) % PRIME, card.id

    return sorted(cards, key=key)


def interleave(cards: Iterable[Card]) -> Iterator[Card]:
    """Keep the order where it can be kept, but spread topics and place follow-ups near their parent, not straight after.

    At each step, of the next `LOOKAHEAD` cards: a follow-up of a recent card, else the first of another topic that does
    not follow up on the last card, else the first. No more than those are taken from `cards` before they are needed.
    """
    coming = iter(cards)
    window = list(islice(coming, LOOKAHEAD))
    recent: deque[Card] = deque(maxlen=NEAR)
    while window:
        last = recent[-1] if recent else None
        free = [c for c in window if last is None or (c.topic != last.topic and c.id not in last.follow_ups)]
        followed = {f for c in recent if c is not last for f in c.follow_ups}
        pick = next((c for c in free if c.id in followed), None) or (free[0] if free else window[0])
        window.remove(pick)
        window += islice(coming, 1)
        recent.append(pick)
        yield pick


class Session:
    """The state of a sitting: the planned cards, where we are, and the drill of those graded below 4.

    The plan is fetched as it is needed, so that thousands of due cards cost the first question nothing.
    """

    def __init__(
        self,
        cards: Iterable[Card],
        again: Iterable[Card] = (),
        skipped: Mapping[str, str] = NOTHING,
        counts: tuple[int, int] | None = None,
    ) -> None:
        """Plan `cards`, due ones first; `counts` says how many are due and how many new, where that is known before they are fetched.

        `again` are cards that an earlier sitting of the same study day left below 4; with `counts`, none that is planned.
        `skipped` are cards that would be planned but cannot be asked here, each with why.
        """
        self.skipped = skipped
        self.position = 0
        self.fetched: list[Card] = []  # the plan as far as it is known
        self._coming = iter(cards)
        self._ids: set[str] = set()
        self._steps: list[tuple[int, tuple[Card, ...]]] = []
        self._due, self._new = counts or (0, 0)
        if counts is None:
            self._at(maxsize)
        self.again = tuple(c for c in again if c.id not in self._ids)

    @property
    def cards(self) -> tuple[Card, ...]:
        """The whole plan, fetched to its end."""
        self._at(maxsize)
        return tuple(self.fetched)

    def _at(self, position: int) -> Card | None:
        """Return the card planned for a position, None past the end of the plan."""
        while len(self.fetched) <= position:
            if (card := next(self._coming, None)) is None:
                if len(self.fetched) != self.total:  # graded or hidden elsewhere meanwhile; or not counted before
                    self._new = sum(c.memory is None for c in self.fetched)
                    self._due = len(self.fetched) - self._new
                return None
            if card.id not in self._ids:  # or it was graded meanwhile, and has become another planned pile's
                self._ids.add(card.id)
                self.fetched.append(card)
        return self.fetched[position]

    @property
    def current(self) -> Card | None:
        """The card to ask now; None when the sitting is over."""
        return self._at(self.position) or (self.again[0] if self.again else None)

    @property
    def following(self) -> tuple[Card, str] | None:
        """The card that comes after the current one if that is passed, and in which mode; None where none does."""
        if card := self._at(self.position + 1):
            return card, STUDY
        return next(((c, DRILL) for c in self.again[: 1 + (self.mode == DRILL)] if c is not self.current), None)

    @property
    def mode(self) -> str:
        """STUDY for planned cards, DRILL once they are through."""
        return STUDY if self._at(self.position) else DRILL

    @property
    def total(self) -> int:
        """How many cards are planned."""
        return self._due + self._new

    @property
    def left(self) -> tuple[int, int, int]:
        """How many cards wait: due, new, and again."""
        due = max(0, self._due - self.position)
        return due, self.total - self.position - due, len(self.again)

    def graded(self, grade: Grade) -> None:
        """Move on; a grade below 4 puts the card at the end of the drill."""
        card = self._leave()
        if grade < Grade.GOOD:
            self.again = (*self.again, card)

    def dropped(self) -> None:
        """Move on without a grade: the card was suspended, buried or has been graded elsewhere."""
        card = self._leave()
        self.again = tuple(c for c in self.again if c.id != card.id)

    def back(self) -> Card | None:
        """Undo the last `graded` or `dropped`; return the card that is current again, None when there was no step."""
        if not self._steps:
            return None
        self.position, self.again = self._steps.pop()
        return self.current

    def _leave(self) -> Card:
        planned = self._at(self.position)
        card = planned or (self.again[0] if self.again else None)
        if card is None:
            msg = "the session is over"
            raise RuntimeError(msg)
        self._steps.append((self.position, self.again))
        if planned:
            self.position += 1
        else:
            self.again = self.again[1:]
        return card
