"""The review log: grades, undos and marks that are only ever added.

Invariant: a call that returned has its rows on disk, and the caches (`memories.py`) follow in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from llmquiz.log import fold
from llmquiz.log.fold import Recall, Row, memory
from llmquiz.log.memories import KNOWN_AS, MEMORY_COLUMNS, Memories
from llmquiz.model import BURIED, Grade, Review, just_after

__all__ = ["MEMORY_COLUMNS", "Log", "Recall", "memory"]

REVIEW_COLUMNS = "card, at, day, grade, seconds, mode, grader, lang, answer, device"
INSERT_REVIEW = "insert into reviews values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing"  # not `or ignore`: it hides faults


class Log(Memories):
    """The review log of one collection, in a SQLite database at `path`, folded with `scheduler`."""

    def append(self, review: Review) -> Review:
        """Add a review, its memory and its day count in one transaction; return it as stored.

        Two reviews of a card never share an instant: on a collision the later one moves on by a microsecond.
        """
        with self.transaction:  # of no other card than this one
            known = self._look(review.card)
            del self._known[review.card]
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

    def _insert(self, r: Review) -> Review:
        """Write a review under the first free instant from its own on; return it as written."""
        rest = (r.day.isoformat(), int(r.grade), r.seconds, r.mode, r.grader, r.lang, r.answer, r.device)
        while not self.db.execute(INSERT_REVIEW, (r.card, r.at, *rest)).rowcount:
            r = r._replace(at=just_after(r.at))
        return r


def _review(row: Row) -> Review:
    fields = dict(zip(REVIEW_COLUMNS.split(", "), row, strict=True))
    return Review(**{**fields, "day": date.fromisoformat(fields["day"]), "grade": Grade(fields["grade"])})
