"""What is cached from the review log: memories and day counts, under the present names of the cards.

Invariant: `memories` and `days` equal the fold of the live reviews after every call, whatever the order in which
reviews arrived.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from llmquiz.log import fold
from llmquiz.log.database import Database, Transaction
from llmquiz.log.fold import Live, Recall, Row, Tally, memory
from llmquiz.log.store import Before, told
from llmquiz.model import Grade, Memory, Review
from llmquiz.schedulers import Scheduler
from llmquiz.stats import DayCount

MEMORY_COLUMNS = "due, interval, ease, repetitions, lapses"
NEW_FROM = "new_from"  # in `meta`, a cache: the place in the bank's order before which every card has a memory; "" where that is not known
LIVE_COLUMNS = "at, day, grade, seconds, mode, lang"
KNOWN_AS = "(select :card union all select old from names where card = :card)"
INSERT_MEMORY = "insert or replace into memories values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Known(NamedTuple):
    """What the log knows of a card: what it recalls of it, None without a memory, and whether it has any review, live or not."""

    recall: Recall | None
    met: bool


class Memories(Database):
    """The memories and day counts of a log, folded with `scheduler`; `Log` writes what they are made from."""

    def __init__(self, path: Path, scheduler: Scheduler, before: Before | None = None, *, opened: sqlite3.Connection | None = None) -> None:
        """Open the log as `Database` does, and fold it again where another scheduler has; an `opened` one is left as it is."""
        super().__init__(path, before, opened)
        self.scheduler = scheduler
        self._known: dict[str, Known] = {}  # cards looked at, as they stand in the version `seen` of the database
        if opened:
            return
        try:
            if self.meta("memories") != scheduler.key:
                self.rebuild()
        except BaseException:
            self.db.close()
            raise

    def writing(self) -> Transaction:
        """One durable transaction: everything in it or nothing; raises StoreError for what the user can mend."""
        self.forget()
        return self.transaction

    def name(self, card: str) -> str:
        """Return the present id of a card: after a rename in the bank its reviews still carry the old one."""
        row = self.db.execute("select card from names where old = ?", (card,)).fetchone()
        return row[0] if row else card

    def rename(self, names: Mapping[str, str]) -> None:
        """Take over which old id is which card now; where that changed, fold the log again."""
        if dict(self.reading("select old, card from names")) == names:
            return
        with self.writing() as db:
            db.execute("delete from names")
            db.executemany("insert into names values (?, ?)", names.items())
        self.rebuild()

    def memory(self, card: str) -> Memory | None:
        """Return the memory of a card, None for a new one."""
        with told(self.path):
            self.refresh()
            recall = self._look(card).recall
        return recall.memory if recall else None

    def forget(self) -> None:
        """Forget the cards that were looked at."""
        self._known.clear()

    def _look(self, card: str) -> Known:
        """Return what the log knows of a card; without a query where it was looked at before."""
        known = self._known.get(card)
        if known is None:
            row = self.db.execute(
                f"select {MEMORY_COLUMNS}, reviews, recalls, recalled, last_at from memories where card = ?",  # noqa: S608
                (card,),
            ).fetchone()
            known = Known(Recall(memory(row[:5]), *row[5:]), met=True) if row else Known(None, met=self._met(card))
            self._known[card] = known
        return known

    def reviewed(self) -> list[str]:
        """Return the cards that have a memory, sorted."""
        return [card for (card,) in self.reading("select card from memories order by card")]

    def day_counts(self) -> list[DayCount]:
        """Return the counts by study day, mode, grade, first meeting and language."""
        rows = self.reading("select day, mode, grade, new, lang, reviews, millis from days order by day")
        return [DayCount(date.fromisoformat(d), mode, Grade(g), bool(new), lang, n, ms) for d, mode, g, new, lang, n, ms in rows]

    def days(self) -> list[date]:
        """Return the study days on which there was a review."""
        return [date.fromisoformat(day) for (day,) in self.reading("select distinct day from days")]

    def day_count(self, day: date) -> list[DayCount]:
        """Return the counts of one study day."""
        rows = self.reading("select mode, grade, new, lang, reviews, millis from days where day = ?", (day.isoformat(),))
        return [DayCount(day, mode, Grade(g), bool(new), lang, n, ms) for mode, g, new, lang, n, ms in rows]

    def rebuild(self) -> None:
        """Throw the cached memories and day counts away and fold the whole log again."""
        with self.writing() as db:
            db.execute("delete from memories")
            db.execute("delete from days")
            self.set_meta(NEW_FROM, "")
            counted: Tally = {}
            db.executemany(INSERT_MEMORY, self.fold(counted))
            db.executemany("insert into days values (?, ?, ?, ?, ?, ?, ?)", fold.day_rows(counted))
            self.set_meta("memories", self.scheduler.key)

    def fold(self, counted: Tally) -> Iterator[Row]:
        """Yield the rows that `memories` should hold, in order of the cards, computed from the live reviews alone.

        At the end `counted` has what `days` should hold. The log is read once, a card at a time.
        """
        return fold.fold(self.scheduler, self._cards(), counted)

    def disagreements(self) -> list[str]:
        """Say where the caches differ from the fold of the log; nothing, always, unless something else wrote to the file."""
        said, counted = [], Tally()
        with told(self.path):
            memories = self.db.execute("select * from memories order by card")  # while it is open, all is read of one state
            days = set(self.db.execute("select * from days"))
            if sum(there != due for there, due in zip_longest(memories, self.fold(counted))):
                said.append("cached memories differ from the review log")
            if days != set(fold.day_rows(counted)):
                said.append("cached day counts differ from the review log")
        return said

    def _cards(self) -> Iterator[tuple[str, Sequence[Live]]]:
        """Yield each card with its live reviews, oldest first, by card; a renamed card has those under its old ids, too."""
        from heapq import merge

        names = self.reading("select old, card from names")
        apart = {name for pair in names for name in pair}
        rows = self.db.execute(f"select card, {LIVE_COLUMNS} from live_reviews order by card, at")  # noqa: S608
        whole = ((card, [row[1:] for row in some]) for card, some in groupby(rows, itemgetter(0)) if card not in apart)
        renamed = ((card, self._live(card)) for card in sorted({card for _, card in names}))
        return merge(whole, renamed, key=itemgetter(0))

    # how they follow the log

    def _step(self, recall: Recall, r: Review) -> None:
        """Bring the caches forward by one review that is the newest of its card."""
        live = ((r.at, r.day.isoformat(), int(r.grade), r.seconds, r.mode, r.lang),)
        self._remember(r.card, fold.recall(self.scheduler, live, recall))
        self._count([fold.day_row(live[0], met=recall.reviews > 0)])

    @contextlib.contextmanager
    def refolding(self, card: str) -> Iterator[None]:
        """Around a change to the log: count the card before and after, and apply the difference to the caches."""
        change: Tally = {}
        fold.tally(change, self._live(card), -1)
        yield
        reviews = self._live(card)
        self.db.execute("delete from memories where card = ?", (card,))
        self._remember(card, fold.recall(self.scheduler, reviews))
        self.set_meta(NEW_FROM, "")
        fold.tally(change, reviews)
        self._count(fold.day_rows(change))

    def _met(self, card: str) -> bool:
        """Whether the log has any review of a card, live or not."""
        sql = f"select exists (select 1 from reviews where card in {KNOWN_AS})"  # noqa: S608
        return bool(self.db.execute(sql, {"card": card}).fetchone()[0])

    def _live(self, card: str) -> list[Live]:
        sql = f"select {LIVE_COLUMNS} from live_reviews where card in {KNOWN_AS} order by at, card"  # noqa: S608
        return self.db.execute(sql, {"card": card}).fetchall()

    def _remember(self, card: str, recall: Recall) -> None:
        if recall.memory is not None:
            self.db.execute(INSERT_MEMORY, fold.recall_row(card, recall))

    def _count(self, changes: Iterable[Row]) -> None:
        for row in changes:
            self.db.execute(
                "insert into days values (?, ?, ?, ?, ?, ?, ?) on conflict do update set"
                " reviews = reviews + excluded.reviews, millis = millis + excluded.millis",
                row,
            )
            if row[5] < 0:
                self.db.execute("delete from days where reviews = 0 and (day, mode, grade, new, lang) = (?, ?, ?, ?, ?)", row[:5])
