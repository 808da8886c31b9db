"""The collection: bank, review log, scheduler. Every use case of the program is a method here.

Invariant: nothing here reads a clock or prints: the caller gives `now`, an aware instant in the learner's zone, once a
use case, and both the instant and the study day of a review come from that one value.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from llmquiz import stats
from llmquiz.bank.folders import Entry, listing, read
from llmquiz.config import Paths, Settings
from llmquiz.errors import LlmquizError
from llmquiz.log import Log, cache
from llmquiz.log.cache import FileRows, FileState
from llmquiz.model import BURIED, Bank, Grade, Memory, Problem, Review, instant, study_day
from llmquiz.questions import Question, unknown
from llmquiz.schedulers import SCHEDULERS, preview
from llmquiz.session import Session, Wanted, by_urgency, interleave

Progress = Callable[[int, int], None]
LONGEST_DAY = timedelta(hours=72)  # no study day is longer, whatever the zone does


def shipped_bank() -> Path:
    """Return the folder of the shipped questions: inside the installed package, else beside the sources."""
    here = Path(__file__).parent
    inside = here / "data" / "questions"
    return inside if inside.is_dir() else here.parents[1] / "data" / "questions"


@contextmanager
def _uncollected() -> Iterator[None]:
    """While inside, nobody looks for garbage: parsing makes none, and looking costs a third of loading a large bank."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Collection:
    """A learner's collection. `banks` are folders beside the shipped one, the learner's own and the configured ones."""

    def __init__(self, paths: Paths, settings: Settings | None = None, banks: Sequence[Path] = (), shipped: Path | None = None) -> None:
        """Open the collection; raises LlmquizError where a folder is missing or the database must not be used."""
        self.paths = paths
        self.settings = settings or Settings()
        self.scheduler = SCHEDULERS["sm2"]()
        named = [*self.settings.banks, *banks]
        for folder in named:
            if not folder.is_dir():
                msg = f"{folder}: no such bank folder"
                raise LlmquizError(msg)
        own = [paths.questions] if paths.questions.is_dir() else []
        self.shipped = shipped or shipped_bank()
        self.folders = [*([self.shipped] if self.settings.shipped else []), *named, *own]
        self.log = Log(paths.database, self.scheduler)

    def close(self) -> None:
        """Close the database."""
        self.log.close()

    def day(self, now: datetime) -> date:
        """Return the study day of an instant in the learner's zone."""
        return study_day(now, self.settings.cutoff)

    # the bank

    def refresh(self, progress: Progress | None = None) -> list[Problem]:
        """Bring the cache of questions up to date, parsing only files that changed; return folders that cannot be read."""
        entries: list[Entry] = []
        problems: list[Problem] = []
        for folder in self.folders:
            found, unread = listing(folder)
            entries += found
            problems += unread
        known = cache.files(self.log)
        gone = known.keys() - {e.path for e in entries}
        stale = [(i, e) for i, e in enumerate(entries) if e.path not in known or known[e.path][:3] != (i, e.size, e.mtime_ns)]
        if stale or gone:
            with _uncollected():
                self._reload(stale, known, gone, progress)
        return problems

    def _reload(
        self, stale: Sequence[tuple[int, Entry]], known: Mapping[str, FileState], gone: Iterable[str], progress: Progress | None
    ) -> None:
        from hashlib import blake2b

        from llmquiz.bank.files import load

        changed, touched = [], {}
        for n, (position, entry) in enumerate(stale):
            if progress:
                progress(n, len(stale))
            raw, unread = read(entry.path)
            digest = blake2b(raw, digest_size=16).hexdigest() if not unread else ""
            state = FileState(position, entry.size, entry.mtime_ns, digest)
            if digest and entry.path in known and known[entry.path].hash == digest:
                touched[entry.path] = state
            elif unread:
                changed.append(FileRows(entry.path, state, Path(entry.path).stem, {}, (), unread))
            else:
                f = load(entry.path, raw)
                changed.append(FileRows(entry.path, state, f.topic, f.title, f.questions, f.problems))
        cache.store(self.log, changed, touched, gone)
        if changed or gone:
            self.log.rename(cache.former_ids(self.log))
        if progress:
            progress(len(stale), len(stale))

    def problems(self) -> list[Problem]:
        """Return the problems that the cached bank files have on their own; `check` finds more."""
        return cache.problems(self.log)

    def check(self, paths: Sequence[Path] = (), *, strict: bool = False) -> Bank:
        """Load the bank anew (or the files and folders given) with all checks; orphaned reviews come as warnings.

        The shipped questions and what is given are held to the guide too, the learner's own folders only if `strict`.
        """
        from llmquiz.bank.check import load_bank

        for path in paths:
            if not path.exists():
                msg = f"{path}: no such file or folder"
                raise LlmquizError(msg)
        bank = load_bank(paths or self.folders, () if paths or strict else [f for f in self.folders if f != self.shipped])
        if paths:
            return bank
        said = "reviews of `{}`, which is in no bank: they are kept; a new id of the card names this one under `was:`"
        lost = [
            Problem(str(self.paths.database), 0, 0, said.format(card), warning=True)
            for card in self.log.reviewed()
            if card not in bank.questions
        ]
        return Bank(bank.questions, (*bank.problems, *lost))

    def watch(self, folder: Path) -> None:
        """Take a bank folder in, if it is new, and bring the cache up to date."""
        if folder not in self.folders:
            self.folders.append(folder)
        self.refresh()

    def is_shipped(self, path: Path) -> bool:
        """Whether a bank file is part of the shipped bank, which is never written."""
        return self.shipped in path.parents

    def question(self, card: str) -> Question:
        """Return a question by its id; raises LlmquizError with the nearest id where there is none."""
        found = cache.question(self.log, card)
        if found is None:
            raise LlmquizError(unknown("id", card, cache.known(self.log)["id"]))
        return found

    def ids(self) -> frozenset[str]:
        """Return the ids of the bank."""
        return frozenset(cache.known(self.log)["id"])

    def topic_names(self) -> list[str]:
        """Return the names of the topics."""
        return cache.known(self.log)["topic"]

    def titles(self) -> dict[str, dict[str, str]]:
        """Return the titles of the topics by language."""
        return cache.titles(self.log)

    # studying

    def session(self, wanted: Wanted, now: datetime) -> Session:
        """Plan a sitting: due cards, then new ones up to the daily limit, then what is left of today's drill."""
        self._known(wanted)
        day = self.day(now)
        due = by_urgency(cache.due(self.log, day, wanted), day, wanted.seed)
        allowed = self.new_left(now) if wanted.new is None else wanted.new
        new = cache.new(self.log, day, wanted, allowed) if allowed else []
        cards = [*interleave(due), *interleave(new)][: wanted.limit]
        planned = {c.id for c in cards}
        since = instant(now - LONGEST_DAY)
        again = cache.cards(self.log, [c for c in self.log.unfinished(day, since) if c not in planned])
        return Session(cards, [c for c in again if not wanted.topics or c.topic in wanted.topics])

    def _known(self, wanted: Wanted) -> None:
        if not (wanted.topics or wanted.tags or wanted.kinds):
            return
        known = cache.known(self.log)
        for what, names in (("topic", wanted.topics), ("tag", wanted.tags), ("kind", wanted.kinds)):
            for name in names:
                if name not in known[what]:
                    raise LlmquizError(unknown(what, name, known[what]))

    def new_left(self, now: datetime) -> int:
        """Return how many new cards today's limit still allows."""
        done = stats.today(self.log.day_count(self.day(now)), self.day(now)).new
        return max(0, self.settings.new_per_day - done)

    def still_due(self, card: str, now: datetime, *, ahead: bool = False) -> bool:
        """Whether a planned card is still to be asked: another terminal may have graded or hidden it meanwhile."""
        day = self.day(now)
        memory = self.log.memory(card)
        hidden = any(mark != "flagged" for mark in self.log.marks(card, day))
        return not hidden and (ahead or memory is None or memory.due <= day)

    def intervals(self, card: str, now: datetime, mode: str) -> tuple[int | None, ...]:
        """Return for each grade 0..5 the days until the card would be due again."""
        return preview(self.scheduler, self.log.memory(card), self.day(now), mode)

    def memory(self, card: str) -> Memory | None:
        """Return the memory of a card, None for a new one."""
        return self.log.memory(card)

    def grade(self, card: str, grade: Grade, now: datetime, **rest: Any) -> Review:
        """Grade a card; on disk when this returns. `rest` are further fields of `Review` (seconds, mode, lang, answer)."""
        review = Review(card=card, at=instant(now), day=self.day(now), grade=grade, device=self.device(), **rest)
        return self.log.append(review)

    def undo(self, now: datetime, count: int = 1) -> list[Review]:
        """Take back the newest `count` reviews, newest first; return them."""
        taken = self.log.latest(count)
        for review in taken:
            self.take_back(review, now)
        return taken

    def take_back(self, review: Review, now: datetime) -> None:
        """Take back exactly this review."""
        self.log.undo(review.card, review.at, instant(now))

    def mark(self, card: str, mark: str, now: datetime, *, on: bool = True) -> None:
        """Set or clear a mark; buried means until the next study day."""
        value = (self.day(now) + timedelta(days=1)).isoformat() if mark == BURIED else "1"
        self.log.mark(card, mark, value if on else "", instant(now))

    def marks(self, card: str, now: datetime) -> dict[str, str]:
        """Return the marks that hold for a card now."""
        return self.log.marks(card, self.day(now))

    def device(self) -> str:
        """Return the id of this collection's device: 8 hex digits, made once."""
        if not (name := self.log.meta("device")):
            name = os.urandom(4).hex()
            with self.log.writing():
                self.log.set_meta("device", name)
        return name

    # looking

    def counts(self, now: datetime) -> tuple[int, int, int]:
        """Return how many questions the bank has, how many cards are due today and how many were never reviewed."""
        return cache.counts(self.log, self.day(now))

    def due_between(self, first: date, last: date) -> int:
        """Return how many cards fall due from one study day to another, both included."""
        return sum(n for day, n in cache.due_days(self.log).items() if first <= day <= last)

    def today(self, now: datetime) -> stats.Today:
        """Return what was done on this study day."""
        return stats.today(self.log.day_count(self.day(now)), self.day(now))

    def streak(self, now: datetime) -> int:
        """Return the study days in a row with a review."""
        return stats.streak((c.day for c in self.log.day_counts()), self.day(now))

    def topics(self, now: datetime) -> list[stats.Topic]:
        """Return each topic with its questions, due and new cards and retention, by name."""
        return cache.topics(self.log, self.day(now))

    def stats(self, now: datetime) -> stats.Stats:
        """Return every number that `llmquiz stats` shows."""
        day = self.day(now)
        counts = self.log.day_counts()
        _, due, new = cache.counts(self.log, day)
        return stats.Stats(
            day=day,
            today=stats.today(counts, day),
            streak=stats.streak((c.day for c in counts), day),
            due=due,
            new=new,
            upcoming=stats.upcoming(cache.due_days(self.log), day),
            retention=stats.retention(counts),
            topics=tuple(self.topics(now)),
        )
