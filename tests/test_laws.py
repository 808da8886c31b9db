"""Laws of the review log: whatever is done to it, in whatever order, the caches equal the fold."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from llmquiz.log import Log
from llmquiz.log.fold import Row, Tally
from llmquiz.model import BURIED, DRILL, FLAGGED, MODES, STUDY, SUSPENDED, Grade, Memory, Review
from llmquiz.schedulers import replay
from llmquiz.schedulers.sm2 import LEAST_EASE, SM2

FIRST = date(2026, 1, 1)
CARDS = ("a", "b", "c")
seconds = st.integers(0, 600_000).map(lambda ms: ms / 1000)
reviews = st.builds(
    Review,
    card=st.sampled_from(CARDS),
    at=st.integers(0, 40).map(lambda i: f"2026-01-{1 + i // 4:02}T{6 * (i % 4):02}:00:00.000000Z"),
    day=st.integers(0, 60).map(lambda i: FIRST + timedelta(days=i)),
    grade=st.sampled_from(list(Grade)),
    seconds=seconds,
    mode=st.sampled_from(MODES),
)
memories = st.builds(
    Memory,
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.integers(1, 400),
    st.integers(LEAST_EASE, 400),
    st.integers(0, 9),
    st.integers(0, 9),
)


def folded(log: Log) -> tuple[list[Row], Tally]:
    counted: Tally = {}
    return list(log.fold(counted)), counted


@given(memories | st.none(), st.sampled_from(list(Grade)), st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.sampled_from(MODES))
def test_laws_of_one_review(memory: Memory | None, grade: Grade, day: date, mode: str) -> None:
    after = SM2().review(memory, grade, day, mode)
    if mode == DRILL or (memory and day < memory.due and grade.passed):
        assert after == memory
        return
    assert after is not None
    assert after.due > day
    assert after.ease >= LEAST_EASE
    assert after.interval >= 1
    if not grade.passed:
        assert (after.repetitions, after.interval, after.due) == (0, 1, day + timedelta(days=1))
        assert memory is None or after.ease == memory.ease


@given(memories, st.sampled_from([Grade(3), Grade(4), Grade(5)]), st.dates(date(2026, 1, 1), date(2027, 6, 1)))
def test_a_better_grade_never_comes_back_sooner(memory: Memory, grade: Grade, day: date) -> None:
    worse = SM2().review(memory, Grade(grade - 1), day, STUDY)
    better = SM2().review(memory, grade, day, STUDY)
    assert worse is not None
    assert better is not None
    assert better.due >= worse.due


class LogMachine(RuleBasedStateMachine):
    """Grades, undos, redos and marks in any order of arrival, on a real file."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "c.db"
        self.log = Log(self.path, SM2())
        self.reviews: dict[tuple[str, str], Review] = {}
        self.live: set[tuple[str, str]] = set()
        self.stamp = 0
        self.marks: dict[tuple[str, str], str] = {}

    def stamped(self) -> str:
        self.stamp += 1
        return f"2026-06-01T00:00:00.{self.stamp:06}Z"

    @rule(review=reviews)
    def grade(self, review: Review) -> None:
        stored = self.log.append(review)
        assert stored._replace(at=review.at) == review
        key = stored.card, stored.at
        assert key not in self.reviews, "two reviews of a card never share an instant"
        self.reviews[key] = stored
        self.live.add(key)

    @rule(data=st.data())
    def undo_or_redo(self, data: st.DataObject) -> None:
        if self.reviews:
            key = data.draw(st.sampled_from(sorted(self.reviews)))
            undone = data.draw(st.booleans())
            assert self.log.undo(*key, self.stamped(), undone=undone) == ((key in self.live) == undone)
            (self.live.discard if undone else self.live.add)(key)

    @rule(review=reviews)
    def undo_after_grade_is_identity(self, review: Review) -> None:
        before = folded(self.log)
        stored = self.log.append(review)
        assert self.log.undo(stored.card, stored.at, self.stamped())
        assert folded(self.log) == before
        self.reviews[stored.card, stored.at] = stored

    @rule(card=st.sampled_from(CARDS), mark=st.sampled_from([SUSPENDED, FLAGGED, BURIED]), on=st.booleans())
    def mark(self, card: str, mark: str, on: bool) -> None:  # noqa: FBT001
        value = ("2030-01-01" if mark == BURIED else "1") if on else ""
        self.log.mark(card, mark, value, "2026-01-01T00:00:00.000000Z")  # the clock stands still: the later still wins
        self.marks[card, mark] = value

    @rule()
    def restart(self) -> None:
        self.log.close()
        self.log = Log(self.path, SM2())

    @invariant()
    def caches_equal_the_fold(self) -> None:
        assert self.log.disagreements() == []

    @invariant()
    def memories_equal_a_replay_of_what_is_live(self) -> None:
        for card in CARDS:
            mine = sorted((r.at, r) for k, r in self.reviews.items() if k in self.live and r.card == card)
            assert self.log.memory(card) == replay(SM2(), ((r.grade, r.day, r.mode) for _, r in mine))
            assert self.log.history(card) == [r for _, r in mine]

    @invariant()
    def marks_are_the_newest(self) -> None:
        for card in CARDS:
            expected = {m: v for (c, m), v in self.marks.items() if c == card and v}
            assert self.log.marks(card, FIRST) == expected

    def teardown(self) -> None:
        self.log.rebuild()
        assert self.log.disagreements() == []
        self.log.close()
        self.folder.cleanup()


TestLog = LogMachine.TestCase
TestLog.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(st.lists(reviews, max_size=12), st.randoms())
@settings(max_examples=40)
def test_the_order_of_arrival_does_not_matter(some: list[Review], random: object) -> None:
    unique = list({(r.card, r.at): r for r in some}.values())
    shuffled = unique.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name, order in (("one", unique), ("two", shuffled)):
            log = Log(Path(folder) / f"{name}.db", SM2())
            for review in order:
                log.append(review)
            rows.append((log.reading("select * from memories"), log.reading("select * from days")))
            assert log.disagreements() == []
            log.close()
        assert rows[0] == rows[1]


def plainly(live: list[tuple[str, Review]]) -> tuple[dict[str, Memory], Counter[tuple[object, ...]]]:
    """Return memories and (reviews, thousandths of a second) by day, as their definitions say; `live` has the present names."""
    memories: dict[str, Memory] = {}
    counted: Counter[tuple[object, ...]] = Counter()
    for card in {name for name, _ in live}:
        mine = [r for name, r in sorted(live, key=lambda pair: (pair[1].at, pair[1].card)) if name == card]
        if memory := replay(SM2(), ((r.grade, r.day, r.mode) for r in mine)):
            memories[card] = memory
        first = next((r for r in mine if r.mode != DRILL), None)
        for r in mine:
            key = (r.day.isoformat(), r.mode, int(r.grade), int(r is first), r.lang)
            counted[*key, "n"] += 1
            counted[*key, "millis"] += round(r.seconds * 1000)
    return memories, counted


@given(
    st.lists(reviews, max_size=15, unique_by=lambda r: (r.card, r.at)),
    st.sampled_from([{}, {"a": "d"}, {"a": "c"}, {"a": "c", "b": "c"}, {"b": "a"}]),
    st.sets(st.integers(0, 14)),
)
@settings(max_examples=60, deadline=None)
def test_a_rebuild_says_what_the_definitions_say(some: list[Review], names: dict[str, str], taken: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(Log(Path(folder) / "c.db", SM2())) as log:
        for i, r in enumerate(some):
            log.append(r)
            if i in taken:
                log.undo(r.card, r.at, "2026-06-01T00:00:00.000000Z")
        log.rename(names)
        log.rebuild()
        memories, counted = plainly([(names.get(r.card, r.card), r) for i, r in enumerate(some) if i not in taken])
        assert {card: log.memory(card) for card in log.reviewed()} == memories
        rows = log.reading("select * from days")
        assert {(*row[:5], "n"): row[5] for row in rows} == {k: n for k, n in counted.items() if k[-1] == "n"}
        assert {(*row[:5], "millis"): row[6] for row in rows} == {k: n for k, n in counted.items() if k[-1] == "millis"}
        assert log.disagreements() == []
        log.db.execute("update memories set lapses = lapses + 1 where card = (select max(card) from memories)")
        assert log.disagreements() == (["cached memories differ from the review log"] if memories else [])
