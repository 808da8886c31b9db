"""The review log: grades, undos and marks that are only ever added, and the memories and day counts cached from them.

Invariant: `memories` and `days` equal the fold of the live reviews after every call, whatever the order in which
reviews arrived; a call that returned has its rows on disk.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from llmquiz.errors import StoreError
from llmquiz.log import fold
from llmquiz.log.fold import Live, Recall, Row, memory
from llmquiz.log.locks import Locks
from llmquiz.log.store import Before, connect, identity, raise_told, told
from llmquiz.model import BURIED, Grade, Memory, Review, just_after
from llmquiz.schedulers import Scheduler
from llmquiz.stats import DayCount

__all__ = ["MEMORY_COLUMNS", "Log", "Recall", "memory"]

REVIEW_COLUMNS = "card, at, day, grade, seconds, mode, grader, lang, answer, device"
MEMORY_COLUMNS = "due, interval, ease, repetitions, lapses"
KNOWN_AS = "(select :card union all select old from names where card = :card)"
INSERT_REVIEW = "insert into reviews values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing"  # not `or ignore`: it hides faults
INSERT_MEMORY = "insert or replace into memories values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Known(NamedTuple):
    """What the log knows of a card: what it recalls of it, None without a memory, and whether it has any review, live or not."""

    recall: Recall | None
    met: bool


class Log:
    """The review log of one collection, in a SQLite database at `path`, folded with `scheduler`."""

    def __init__(self, path: Path, scheduler: Scheduler, before: Before | None = None, *, opened: sqlite3.Connection | None = None) -> None:
        """Open the log, making or migrating it where needed; raises StoreError where the file must not be used.

        `before` is called with an older database before it is migrated. An `opened` connection is taken as it is:
        nothing is made, migrated or folded again.
        """
        self.path = path
        self.scheduler = scheduler
        self.locks = Locks(path.with_name(f"{path.name}-lock"))
        there = identity(path)
        self.db = opened or connect(path, before)
        self._file = there or identity(path)
        self._known: dict[str, Known] = {}  # cards looked at, as they stand in the version `_seen` of the database
        self._seen = -1
        if opened:
            return
        try:
            if self.meta("memories") != scheduler.key:
                self.rebuild()
        except BaseException:
            self.db.close()
            raise

    def close(self) -> None:
        """Close the database; everything acknowledged is already on disk."""
        self.locks.close()
        self.db.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction: everything in it or nothing; raises StoreError for what the user can mend."""
        self._known.clear()
        with self._transaction() as db:
            yield db

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Do what `writing` does, but keep what is known of cards: the caller says what it changes about them."""
        self.locks.take_turn()
        try:
            self.db.execute("begin immediate")
            self._still_there()
            yield self.db
            self.db.execute("commit")
        except BaseException as error:
            if self.db.in_transaction:
                with told(self.path):
                    self.db.execute("rollback")
            raise_told(self.path, error)
            raise
        finally:
            self.locks.end_turn()

    def _still_there(self) -> None:
        """Refuse to write to a file that another one took the name of: nobody would ever read it again."""
        if identity(self.path) != self._file:
            msg = f"{self.path}: was replaced by another file, as a restore does. Nothing was saved just now; start llmquiz again"
            raise StoreError(msg)

    def settle(self) -> None:
        """Move what was written from SQLite's write-ahead log into the database, when there is time for it.

        The next commits then overwrite that log instead of extending it, which takes half as long to reach the disk,
        and none of them has to do this itself. What cannot be moved now stays where it is, and is as safe there.
        """
        with contextlib.suppress(sqlite3.Error):
            self.db.execute("pragma wal_checkpoint(passive)")

    def reading(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """Fetch every row of a query; raises StoreError for what the user can mend."""
        with told(self.path):
            return self.db.execute(sql, values).fetchall()

    def version(self) -> int:
        """Return a number that changes whenever another connection has written to the database."""
        version: int = self.db.execute("pragma data_version").fetchone()[0]
        return version

    def meta(self, name: str) -> str:
        """Return a value of the `meta` table, "" where there is none."""
        rows = self.reading("select value from meta where name = ?", (name,))
        return rows[0][0] if rows else ""

    def set_meta(self, name: str, value: str) -> None:
        """Set a value of the `meta` table, within the caller's transaction."""
        self.db.execute("insert into meta values (?, ?) on conflict do update set value = excluded.value", (name, value))

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

    # reviews

    def append(self, review: Review) -> Review:
        """Add a review, its memory and its day count in one transaction; return it as stored.

        Two reviews of a card never share an instant: on a collision the later one moves on by a microsecond.
        """
        with self._transaction():
            known = self._look(review.card)
            self._known.pop(review.card)
            if known.met and (known.recall is None or review.at <= known.recall.last_at):
                with self.refolding(review.card):
                    return self._insert(review)
            stored = self._insert(review)
            self._step(known.recall or fold.NOTHING, stored)
        return stored

    def undo(self, card: str, at: str, stamped: str, *, undone: bool = True) -> bool:
        """Take back exactly one review, named by its key, or bring it back; False where there is nothing to change.

        The stamp moves on, where the clock was set back, past the card's reviews and past the last undo of this one.
        """
        with self.writing() as db:
            live = db.execute("select 1 from live_reviews where card = ? and at = ?", (card, at)).fetchone() is not None
            there = db.execute("select 1 from reviews where card = ? and at = ?", (card, at)).fetchone() is not None
            if not there or live != undone:
                return False
            name = self.name(card)
            (newest,) = db.execute(f"select max(at) from reviews where card in {KNOWN_AS}", {"card": name}).fetchone()  # noqa: S608
            (last,) = db.execute("select max(stamped) from undos where card = ? and at = ?", (card, at)).fetchone()
            stamped = max(stamped, newest)
            stamped = just_after(last) if last and last >= stamped else stamped
            with self.refolding(name):
                db.execute("insert into undos values (?, ?, ?, ?)", (card, at, stamped, int(undone)))
        return True

    def latest(self, limit: int = 1, card: str = "") -> list[Review]:
        """Return the newest live reviews, newest first; with `card` those of that card."""
        mine = f"where card in {KNOWN_AS}" if card else ""
        sql = f"select {REVIEW_COLUMNS} from live_reviews {mine} order by at desc, card desc limit :limit"  # noqa: S608
        return [_review(r) for r in self.reading(sql, {"card": card, "limit": limit})]

    def undone(self, card: str = "") -> Review | None:
        """Return the review that was taken back last and whose card was not graded after that; with `card` of that card."""
        mine = f"where card in {KNOWN_AS}" if card else ""
        rows = self.reading(
            f"""select r.* from (select card, at, undone, max(stamped) as stamped from undos {mine} group by card, at) u
                join reviews r on (r.card, r.at) = (u.card, u.at) left join names n on n.old = r.card
            where undone and not exists (select 1 from live_reviews l left join names m on m.old = l.card
                where coalesce(m.card, l.card) = coalesce(n.card, r.card) and l.at > stamped)
            order by stamped desc, r.at, r.card limit 1""",  # noqa: S608
            {"card": card},
        )
        return _review(rows[0]) if rows else None

    def history(self, card: str) -> list[Review]:
        """Return the live reviews of a card, oldest first."""
        rows = self.reading(f"select {REVIEW_COLUMNS} from live_reviews where card in {KNOWN_AS} order by at", {"card": card})  # noqa: S608
        return [_review(r) for r in rows]

    def unfinished(self, day: date, since: str) -> list[str]:
        """Return the cards whose last live review of study day `day`, made after `since`, was graded below 4."""
        rows = self.reading(
            """select coalesce(n.card, r.card), grade, max(at) from live_reviews r left join names n on n.old = r.card
            where at >= ? and day = ? group by 1 order by 3""",
            (since, day.isoformat()),
        )
        return [card for card, grade, _ in rows if grade < Grade.GOOD]

    # marks

    def mark(self, card: str, mark: str, value: str, stamped: str) -> None:
        """Set a mark (suspended, flagged: "1" or ""; buried: a study day or ""); the newest stamp wins."""
        self.mark_all([card], mark, value, stamped)

    def mark_all(self, cards: Iterable[str], mark: str, value: str, stamped: str) -> None:
        """Set a mark of several cards, all or none, as `mark` does."""
        with self.writing() as db:
            for card in cards:
                (last,) = db.execute("select max(stamped) from marks where card = ? and mark = ?", (card, mark)).fetchone()
                at = just_after(last) if last and last >= stamped else stamped
                db.execute("insert into marks(card, stamped, mark, value) values (?, ?, ?, ?)", (card, at, mark, value))

    def marks(self, card: str, day: date) -> dict[str, str]:
        """Return the marks that hold for a card on a study day."""
        sql = f"select mark, value, max(stamped) from marks where card in {KNOWN_AS} group by mark"  # noqa: S608
        return {m: v for m, v, _ in self.reading(sql, {"card": card}) if v and (m != BURIED or v > day.isoformat())}

    # memories and days: what is cached from the reviews

    def memory(self, card: str) -> Memory | None:
        """Return the memory of a card, None for a new one."""
        with told(self.path):
            recall = self._look(card).recall
        return recall.memory if recall else None

    def _look(self, card: str) -> Known:
        """Return what the log knows of a card; without a query where it was looked at and nobody has written since."""
        if (version := self.version()) != self._seen:
            self._known.clear()
            self._seen = version
        if card not in self._known:
            row = self.db.execute(
                f"select {MEMORY_COLUMNS}, reviews, recalls, recalled, last_at from memories where card = ?",  # noqa: S608
                (card,),
            ).fetchone()
            self._known[card] = Known(Recall(memory(row[:5]), *row[5:]), met=True) if row else Known(None, met=self._met(card))
        return self._known[card]

    def reviewed(self) -> list[str]:
        """Return the cards that have a memory, sorted."""
        return [card for (card,) in self.reading("select card from memories order by card")]

    def day_counts(self) -> list[DayCount]:
        """Return the counts by study day, mode, grade, first meeting and language."""
        rows = self.reading("select day, mode, grade, new, lang, reviews, millis from days order by day")
        return [DayCount(date.fromisoformat(d), mode, Grade(g), bool(new), lang, n, ms) for d, mode, g, new, lang, n, ms in rows]

    def day_count(self, day: date) -> list[DayCount]:
        """Return the counts of one study day."""
        rows = self.reading("select mode, grade, new, lang, reviews, millis from days where day = ?", (day.isoformat(),))
        return [DayCount(day, mode, Grade(g), bool(new), lang, n, ms) for mode, g, new, lang, n, ms in rows]

    def rebuild(self) -> None:
        """Throw the cached memories and day counts away and fold the whole log again."""
        with self.writing() as db:
            db.execute("delete from memories")
            db.execute("delete from days")
            memories, days = self.fold()
            db.executemany(INSERT_MEMORY, memories)
            db.executemany("insert into days values (?, ?, ?, ?, ?, ?, ?)", days)
            self.set_meta("memories", self.scheduler.key)

    def fold(self) -> tuple[list[Row], list[Row]]:
        """Return the rows that `memories` and `days` should hold, computed from the live reviews alone."""
        rows = self.db.execute(
            """select coalesce(n.card, r.card), r.at, day, grade, seconds, mode, lang
            from live_reviews r left join names n on n.old = r.card order by 1, 2"""
        )
        return fold.fold(self.scheduler, rows)

    def disagreements(self) -> list[str]:
        """Say where the caches differ from the fold of the log; nothing, always, unless something else wrote to the file."""
        with told(self.path):
            memories, days = self.fold()
        said = []
        if set(self.reading("select * from memories")) != set(memories):
            said.append("cached memories differ from the review log")
        if set(self.reading("select * from days")) != set(days):
            said.append("cached day counts differ from the review log")
        return said

    # how the caches follow the log

    def _insert(self, r: Review) -> Review:
        """Write a review under the first free instant from its own on; return it as written."""
        rest = (r.day.isoformat(), int(r.grade), r.seconds, r.mode, r.grader, r.lang, r.answer, r.device)
        while not self.db.execute(INSERT_REVIEW, (r.card, r.at, *rest)).rowcount:
            r = r._replace(at=just_after(r.at))
        return r

    def _step(self, recall: Recall, r: Review) -> None:
        """Bring the caches forward by one review that is the newest of its card."""
        after = fold.step(self.scheduler, recall, r.at, r.day, r.grade, r.mode)
        self._remember(r.card, after)
        self._count((fold.day_row(fold.live(r), new=recall.reviews == 0 and after.reviews == 1),))

    @contextlib.contextmanager
    def refolding(self, card: str) -> Iterator[None]:
        """Around a change to the log: count the card before and after, and apply the difference to the caches."""
        before = fold.tally(self._live(card))
        yield
        reviews = self._live(card)
        self.db.execute("delete from memories where card = ?", (card,))
        self._remember(card, fold.recall(self.scheduler, reviews))
        change = fold.tally(reviews)
        change.subtract(before)
        self._count(fold.day_rows(change))

    def _met(self, card: str) -> bool:
        """Whether the log has any review of a card, live or not."""
        sql = f"select exists (select 1 from reviews where card in {KNOWN_AS})"  # noqa: S608
        return bool(self.db.execute(sql, {"card": card}).fetchone()[0])

    def _live(self, card: str) -> list[Live]:
        sql = f"select at, day, grade, seconds, mode, lang from live_reviews where card in {KNOWN_AS} order by at"  # noqa: S608
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


def _review(row: Row) -> Review:
    fields = dict(zip(REVIEW_COLUMNS.split(", "), row, strict=True))
    return Review(**{**fields, "day": date.fromisoformat(fields["day"]), "grade": Grade(fields["grade"])})
