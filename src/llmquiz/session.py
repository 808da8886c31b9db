"""One sitting: which cards, in which order, and what comes back the same day.

Invariant: the order is a pure function of the cards, the study day and a seed; a session never forgets a card that was
graded below 4 until it reaches 4 (the drill of SuperMemo 2, step 7), and going back restores exactly what was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate, islice
from typing import NamedTuple
from zlib import crc32

from llmquiz.model import DRILL, STUDY, Card, Grade

LOOKAHEAD = 12  # how far interleaving may reach past the most urgent card
PRIME = 2**31 - 1  # multiplying by an odd number modulo a prime shuffles; seeding the checksum would not
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


def by_urgency(cards: Iterable[Card], day: date, seed: int = 0) -> list[Card]:
    """Sort cards that have a memory: most overdue relative to their interval first; ties by seed."""

    def key(card: Card) -> tuple[float, int, str]:
        memory = card.memory
        overdue = 0.0 if memory is None else (day - memory.due).days / max(1, memory.interval)
        return -overdue, crc32(card.id.encode()) * (2 * seed + 1) % PRIME, card.id

    return sorted(cards, key=key)


def interleave(cards: Iterable[Card]) -> list[Card]:
    """Keep the order where it can be kept, but spread topics and place follow-ups near their parent, not straight after.

    At each step, of the next `LOOKAHEAD` cards: a follow-up of a recent card, else the first of another topic that does
    not follow up on the last card, else the first.
    """
    left = deque(cards)
    out: list[Card] = []
    while left:
        window = list(islice(left, LOOKAHEAD))
        last = out[-1] if out else None
        free = [c for c in window if last is None or (c.topic != last.topic and c.id not in last.follow_ups)]
        recent = {f for c in out[-NEAR:-1] for f in c.follow_ups}
        pick = next((c for c in free if c.id in recent), None) or (free[0] if free else window[0])
        left.remove(pick)
        out.append(pick)
    return out


class Session:
    """The state of a sitting: the planned cards, where we are, and the drill of those graded below 4."""

    def __init__(self, cards: Sequence[Card], again: Sequence[Card] = (), skipped: Mapping[str, str] = NOTHING) -> None:
        """Plan `cards`; `again` are cards that an earlier sitting of the same study day left below 4.

        `skipped` are cards that would be planned but cannot be asked here, each with why.
        """
        self.cards = tuple(cards)
        self.skipped = skipped
        self.position = 0
        planned = {c.id for c in self.cards}
        self.again = tuple(c for c in again if c.id not in planned)
        self._steps: list[tuple[int, tuple[Card, ...]]] = []
        new_from_the_end = accumulate((c.memory is None for c in reversed(self.cards)), initial=0)
        self._new = tuple(new_from_the_end)[::-1]  # how many new cards there are from each position on

    @property
    def current(self) -> Card | None:
        """The card to ask now; None when the sitting is over."""
        if self.position < len(self.cards):
            return self.cards[self.position]
        return self.again[0] if self.again else None

    @property
    def following(self) -> tuple[Card, str] | None:
        """The card that comes after the current one if that is passed, and in which mode; None where none does."""
        if self.position + 1 < len(self.cards):
            return self.cards[self.position + 1], STUDY
        return next(((c, DRILL) for c in self.again[: 1 + (self.mode == DRILL)] if c is not self.current), None)

    @property
    def mode(self) -> str:
        """STUDY for planned cards, DRILL once they are through."""
        return STUDY if self.position < len(self.cards) else DRILL

    @property
    def left(self) -> tuple[int, int, int]:
        """How many cards wait: due, new, and again."""
        new = self._new[self.position]
        return len(self.cards) - self.position - new, new, len(self.again)

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
        card = self.current
        if card is None:
            msg = "the session is over"
            raise RuntimeError(msg)
        self._steps.append((self.position, self.again))
        if self.mode == STUDY:
            self.position += 1
        else:
            self.again = self.again[1:]
        return card
