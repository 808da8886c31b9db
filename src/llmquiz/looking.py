"""The use cases that only look: what the bank has, which cards a query means, what the log and the statistics say.

Invariant: nothing here changes a question, the log or a file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from llmquiz import stats
from llmquiz.config import Paths, Settings
from llmquiz.errors import LlmquizError
from llmquiz.log import Log, cache
from llmquiz.model import Memory, Review, Whole, study_day
from llmquiz.questions import Question, unknown
from llmquiz.schedulers import Scheduler, intervals

if TYPE_CHECKING:  # imported where used: a session starts without them
    from llmquiz.log.search import Hit
    from llmquiz.query import Query
    from llmquiz.stats.whole import Scope, Stats, Topic

CODE = "code"


class Looking:
    """What a collection can be asked; `Collection` opens the parts."""

    paths: Paths
    settings: Settings
    log: Log
    scheduler: Scheduler
    shipped: Path

    def day(self, now: datetime) -> date:
        """Return the study day of an instant in the learner's zone."""
        return study_day(now, self.settings.cutoff)

    # the bank

    def question(self, card: str) -> Question:
        """Return a question by its id; raises LlmquizError with the nearest id where there is none."""
        found = cache.question(self.log, card)
        if found is None:
            raise LlmquizError(unknown("id", card, cache.names(self.log, "id")))
        return found

    def ids(self) -> frozenset[str]:
        """Return the ids of the bank."""
        return frozenset(cache.names(self.log, "id"))

    def topic_names(self) -> list[str]:
        """Return the names of the topics."""
        return cache.names(self.log, "topic")

    def titles(self) -> dict[str, dict[str, str]]:
        """Return the titles of the topics by language."""
        return cache.titles(self.log)

    def title(self, topic: str) -> dict[str, str]:
        """Return the titles of one topic by language."""
        return cache.title(self.log, topic)

    def memory(self, card: str) -> Memory | None:
        """Return the memory of a card, None for a new one."""
        return self.log.memory(card)

    def marks(self, card: str, now: datetime) -> dict[str, str]:
        """Return the marks that hold for a card now."""
        return self.log.marks(card, self.day(now))

    def find(self, wanted: Query, now: datetime, sort: str = "topic") -> list[Hit]:
        """Return the cards that a query means; raises LlmquizError with the nearest name where one is unknown."""
        from llmquiz import query
        from llmquiz.log import search

        query.check(wanted, lambda: cache.known(self.log))
        return search.find(self.log, wanted, self.day(now), self.paths.questions, sort)

    def whole(self, card: str, now: datetime) -> Whole:
        """Return everything about a card; raises LlmquizError with the nearest id where there is none."""
        from llmquiz.log import search

        question = self.question(card)
        path = search.place(self.log, card)
        history = self.log.history(card)
        follow_ups = (cache.question(self.log, f) for f in question.follow_ups)
        return Whole(
            question,
            path,
            Path(path).parent == self.paths.questions,
            self.memory(card),
            (*sorted(self.marks(card, now)), *(["replaces"] if question.body.get("replaces") else [])),
            tuple(history),
            tuple(intervals(self.scheduler, ((r.grade, r.day, r.mode) for r in history))),
            tuple(f for f in follow_ups if f),
        )

    def latest(self, limit: int) -> list[Review]:
        """Return the newest live reviews, newest first."""
        return self.log.latest(limit)

    # whose code may run

    def is_shipped(self, path: Path) -> bool:
        """Whether a bank file is part of the shipped bank, which is never written."""
        return self.shipped in path.parents

    def may_run(self, path: Path, hash_: str) -> bool:
        """Whether the code of a bank file with this hash may run: a shipped file, or a content that was trusted."""
        from llmquiz.log import trust

        return self.is_shipped(path) or self.shipped.resolve() in path.resolve().parents or hash_ in trust.trusted(self.log)

    def locked(self, card: str) -> str:
        """Return the file of a card whose code may not run, "" where nothing keeps it."""
        from llmquiz.log import trust

        return trust.locked(self.log, [card], self._always).get(card, "")

    def unasked(self, cards: Sequence[str]) -> tuple[dict[str, str], cache.Condition]:
        """Return which code cards cannot be asked, each with its file or what is missing, and the condition for those that can."""
        from llmquiz.extras import missing
        from llmquiz.log import trust

        if lack := missing():
            return dict.fromkeys(cards, lack), (f"q.kind <> '{CODE}'", {})
        return trust.locked(self.log, cards, self._always), (trust.MAY_RUN, {"shipped": self._always})

    @property
    def _always(self) -> str:
        """What the paths of the shipped files begin with."""
        return f"{self.shipped}{os.sep}"

    # the day, and all days

    def counts(self, now: datetime) -> tuple[int, int]:
        """Return how many questions the bank has and how many were never reviewed, also those that cannot be asked here."""
        return cache.counts(self.log, self.day(now))

    def due_today(self, now: datetime) -> tuple[int, dict[str, str]]:
        """Return how many due cards a session would ask, and those that cannot be asked here, as `unasked` says it."""
        due, code = cache.due_piles(self.log, self.day(now))
        skipped = self.unasked(code)[0] if code else {}
        return sum(pile.cards for pile in due) - len(skipped), skipped

    def due_between(self, first: date, last: date) -> int:
        """Return how many cards fall due from one study day to another, both included, also those that cannot be asked here."""
        return sum(n for day, n in cache.due_days(self.log).items() if first <= day <= last)

    def today(self, now: datetime) -> stats.Today:
        """Return what was done on this study day."""
        return stats.today(self.log.day_count(self.day(now)), self.day(now))

    def streak(self, now: datetime) -> int:
        """Return the study days in a row with a review."""
        return stats.streak(self.log.days(), self.day(now))

    def topics(self, now: datetime) -> list[Topic]:
        """Return each topic with its questions, due and new cards and retention, by name."""
        from llmquiz.log import tally
        from llmquiz.stats.whole import Scope, Topic

        return [Topic(*t) for t in tally.grouped(tally.groups(self.log, self.day(now), Scope()), "topic")]

    def stats(self, now: datetime, scope: Scope | None = None) -> Stats:
        """Return every number that `llmquiz stats` shows; raises LlmquizError with the nearest name where one is unknown.

        Without a filter the log's rows are not read.
        """
        from llmquiz import query
        from llmquiz.log import tally
        from llmquiz.stats.whole import NEXT, Kind, Level, Scope, Stats, Topic

        scope = scope or Scope()
        named = [
            query.Term(key, name) for key, names in (("topic", scope.topics), ("tag", scope.tags), ("kind", scope.kinds)) for name in names
        ]
        query.check(tuple(named), lambda: cache.known(self.log))
        day, log = self.day(now), self.log
        days = log.day_counts()
        counts = tally.counts(log, scope, days)
        groups = tally.groups(log, day, scope)
        topics = tuple(Topic(*t) for t in tally.grouped(groups, "topic"))
        return Stats(
            day=day,
            scope=scope,
            today=stats.today(counts, day),
            streak=stats.streak((c.day for c in days), day),
            due=sum(t.due for t in topics),
            new=sum(t.new for t in topics),
            forecast=stats.upcoming(cache.due_days(log, tally.cards(scope)), day, NEXT),
            retention=stats.retention(counts),
            maturity=tally.maturity(groups),
            time=stats.time_spent(counts),
            topics=topics,
            levels=tuple(Level(*x) for x in tally.grouped(groups, "level")),
            kinds=tuple(Kind(*k) for k in tally.grouped(groups, "kind")),
            languages=tuple(stats.by_lang(counts).items()),
            weeks=stats.weeks(counts, day, scope.since),
            year=stats.year(counts, day),
            hardest=tally.hardest(log, scope),
            leeches=tally.leeches(log, scope),
        )
