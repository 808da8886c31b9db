"""Laws of merging: a log is a set of events; union in any order, any number of times, comes to the same on every device."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from strategies import cards, events, instants

from llmquiz.errors import StoreError
from llmquiz.log import Log, other
from llmquiz.log.lines import Event, from_line, to_line, to_lines
from llmquiz.log.merge import PIECE, merge, rivals
from llmquiz.log.migrations import migrations
from llmquiz.log.store import VERSION
from llmquiz.model import DRILL, FLAGGED, STUDY, Grade, Review
from llmquiz.schedulers.sm2 import SM2

AT = "2026-11-22T12:00:00.000000Z"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty log, to be copied: making one takes longer than most of what is tried with it."""
    path = tmp_path_factory.mktemp("template") / "c.db"
    Log(path, SM2()).close()
    return path


class Logs:
    """Several logs on real files, made from a template."""

    def __init__(self, template: Path) -> None:
        self.template = template
        self.folder = tempfile.TemporaryDirectory()
        self.logs: list[Log] = []

    def new(self) -> Log:
        path = Path(self.folder.name) / f"{len(self.logs)}.db"
        shutil.copy(self.template, path)
        self.logs.append(Log(path, SM2()))
        self.logs[-1].db.execute("pragma synchronous = off")  # what is tried here is no power cut
        return self.logs[-1]

    def close(self) -> None:
        for log in self.logs:
            log.close()
        self.folder.cleanup()


@pytest.fixture
def logs(template: Path) -> Iterator[Logs]:
    """A maker of logs; all are closed afterwards."""
    made = Logs(template)
    yield made
    made.close()


def state(log: Log) -> tuple[Any, ...]:
    """Everything that a learner can see of a log, and what is under it."""
    assert log.disagreements() == []
    tables = ("reviews", "undos", "marks", "rivals", "memories", "days", "live_reviews", "current_marks")
    return (list(to_lines(log)), *(sorted(log.reading(f"select * from {t}")) for t in tables))


@given(st.lists(events, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_union_in_any_order_and_number(template: Path, some: list[Event], random: Any) -> None:
    with contextlib.closing(Logs(template)) as made:
        one, other_, third = made.new(), made.new(), made.new()
        merge(one, some)
        shuffled = some + random.choices(some, k=len(some) // 2) if some else []
        random.shuffle(shuffled)
        cut = random.randint(0, len(shuffled))
        for part in (shuffled[cut:], shuffled[:cut], shuffled):
            merge(other_, part)
        for event in shuffled:
            merge(third, [event])
        assert list(to_lines(one)) == sorted({to_line(e) for e in some}, key=lambda line: (from_line(line).stamp, line))
        assert state(one) == state(other_) == state(third)
        assert merge(one, some).added.total() == 0, "what is known is not added again"


class DevicesMachine(RuleBasedStateMachine):
    """Three devices that grade, undo, redo and mark, and take each other's lines in whole, in part, twice or backwards."""

    template: Path

    @initialize()
    def start(self) -> None:
        self.made = Logs(self.template)
        self.devices = [self.made.new() for _ in range(3)]
        self.seen: set[str] = set()

    @rule(n=st.integers(0, 2), card=cards, at=instants, grade=st.integers(0, 5), mode=st.sampled_from([STUDY, DRILL]))
    def grade(self, n: int, card: str, at: str, grade: int, mode: str) -> None:
        self.devices[n].append(Review(card, at, date.fromisoformat(at[:10]), Grade(grade), 1.0, mode, device=str(n)))

    @rule(n=st.integers(0, 2), back=st.integers(0, 4), at=instants, undone=st.booleans())
    def undo_or_redo(self, n: int, back: int, at: str, undone: bool) -> None:  # noqa: FBT001
        log = self.devices[n]
        there = log.reading("select card, at from reviews order by at desc, card limit 1 offset ?", (back,))
        for card, of in there:
            log.undo(card, of, at, undone=undone)
            live = log.reading("select 1 from live_reviews where card = ? and at = ?", (card, of))
            assert bool(live) is not undone, "undo takes back exactly the one named, after a merge too"

    @rule(n=st.integers(0, 2), card=cards, at=instants, value=st.sampled_from(["", "1"]))
    def mark(self, n: int, card: str, at: str, value: str) -> None:
        self.devices[n].mark(card, FLAGGED, value, at)
        assert self.devices[n].marks(card, date(2026, 1, 1)).get(FLAGGED, "") == value

    @rule(n=st.integers(0, 2), m=st.integers(0, 2), random=st.randoms(use_true_random=False))
    def take(self, n: int, m: int, random: Any) -> None:
        lines = list(to_lines(self.devices[m]))
        random.shuffle(lines)
        merge(self.devices[n], [from_line(line) for line in lines[: random.randint(0, len(lines))]])

    @invariant()
    def nothing_goes_and_the_caches_equal_the_fold(self) -> None:
        now = {line for log in self.devices for line in to_lines(log)}
        assert self.seen <= now
        self.seen = now
        assert [log.disagreements() for log in self.devices] == [[], [], []]

    def teardown(self) -> None:
        everything = {line for log in self.devices for line in to_lines(log)}
        for _ in range(2):
            for log in self.devices:
                for from_ in reversed(self.devices):
                    merge(log, [from_line(line) for line in to_lines(from_)])
        states = [state(log) for log in self.devices]
        assert set(states[0][0]) == everything
        assert states[0] == states[1] == states[2]
        self.made.close()


def test_devices(template: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    DevicesMachine.template = template
    run_state_machine_as_test(DevicesMachine, settings=settings(max_examples=12, stateful_step_count=20, deadline=None))


def test_two_reviews_under_one_key_are_both_kept_and_told(logs: Logs) -> None:
    low = Event("reviews", ("a", AT, "2026-11-22", 2, 1.0, "study", "self", "en", "", "aaaaaaaa"))
    high = Event("reviews", ("a", AT, "2026-11-22", 5, 1.0, "study", "self", "en", "", "bbbbbbbb"))
    for order in ([low, high], [high, low]):
        log = logs.new()
        said = [text for event in order for text in merge(log, [event]).rivals]
        assert said == rivals(log)
        assert "two different reviews of `a` have the instant 2026-11-22T12:00:00.000000Z: grade 2 and 5, device 'aaaaaaaa' and" in said[0]
        assert [r.grade for r in log.history("a")] == [2]
        assert list(to_lines(log)) == [to_line(low), to_line(high)]
        assert log.disagreements() == []


def test_only_the_cards_touched_are_folded_again(logs: Logs) -> None:
    log = logs.new()
    merge(log, [Event("reviews", (c, AT, "2026-11-22", 4, 1.0, "study", "self", "en", "", "")) for c in "ab"])
    log.db.execute("update memories set ease = 999")
    merge(log, [Event("undos", ("b", AT, AT, 1)), Event("reviews", ("a", AT, "2026-11-22", 4, 1.0, "study", "self", "en", "", ""))])
    assert log.reading("select card, ease from memories") == [("a", 999)]


def test_reviews_under_a_former_id_fold_into_the_card(logs: Logs) -> None:
    log = logs.new()
    log.rename({"old": "new"})
    merge(
        log,
        [
            Event("reviews", (c, f"2026-11-2{i}T12:00:00.000000Z", f"2026-11-2{i}", 4, 1.0, "study", "self", "en", "", ""))
            for i, c in enumerate(("old", "new", "old"))
        ],
    )
    assert log.disagreements() == []
    assert log.reviewed() == ["new"]
    assert len(log.history("new")) == 3


def many(n: int) -> list[Event]:
    """Return reviews of 40 cards, in the order of their lines."""
    rows = (
        (f"card-{i % 40:02}", f"2026-01-01T00:00:00.{i:06}Z", "2026-01-01", i % 6, 1.0, "study", "self", "en", "", "") for i in range(n)
    )
    return sorted((Event("reviews", row) for row in rows), key=to_line)


def test_a_merge_that_fails_leaves_whole_pieces(logs: Logs) -> None:
    log = logs.new()
    some = many(2 * PIECE + 7)
    wrong = Event("reviews", ("z", AT, "2026-11-22", 9, 1.0, "study", "self", "en", "", ""))
    for good, left in ((some[:7], 0), (some, 2 * PIECE)):
        with pytest.raises(sqlite3.IntegrityError):
            merge(log, [*good, wrong])
        assert len(list(to_lines(log))) == left
        assert log.disagreements() == []
    assert merge(log, some).added == {"review": 7}, "the next one completes it"
    assert set(to_lines(log)) == {to_line(e) for e in some}


def test_what_is_done_before_is_done_only_where_something_comes(logs: Logs) -> None:
    log, seen = logs.new(), list[tuple[int, int]]()

    def before(count: int) -> None:
        seen.append((count, len(log.reading("select * from reviews"))))

    merge(log, many(9), before)
    merge(log, many(9), before)
    merge(log, many(12), before)
    assert seen == [(9, 0), (3, 9)]


def test_another_terminal_grades_during_a_large_merge(logs: Logs) -> None:
    log, done, graded = logs.new(), Signal(), list[str]()

    def study() -> None:
        with contextlib.closing(Log(log.path, SM2())) as other_terminal:
            for i in range(200):
                at = f"2026-11-22T12:00:00.{i:06}Z"
                graded.append(other_terminal.append(Review(f"card-{i % 40:02}", at, date(2026, 11, 22), Grade.GOOD)).at)
                if done.wait(0.01):
                    return

    with ThreadPoolExecutor(1) as pool:
        studying = pool.submit(study)
        merge(log, many(6 * PIECE))
        done.set()
        studying.result()  # raises what another terminal would have been told
    assert len(log.reading("select * from reviews where day = '2026-11-22'")) == len(graded) > 0
    assert len(list(to_lines(log))) == 6 * PIECE + len(graded)
    assert log.disagreements() == []


def test_another_database_is_read_and_left_as_it_is(logs: Logs) -> None:
    log = logs.new()
    log.append(Review("a", AT, date(2026, 11, 22), Grade.GOOD))
    lines = list(to_lines(log))
    assert other.lines(log.path) == lines, "while another program has it open"
    log.close()
    before = log.path.read_bytes()
    assert other.lines(log.path) == lines
    assert log.path.read_bytes() == before


def test_a_log_of_the_first_schema_is_read(logs: Logs) -> None:
    log = logs.new()
    log.append(Review("a", AT, date(2026, 11, 22), Grade.GOOD))
    lines = list(to_lines(log))
    log.db.execute("drop table rivals")
    log.db.execute("pragma user_version = 1")
    log.close()
    assert other.lines(log.path) == lines


def test_a_log_of_the_first_schema_is_migrated(tmp_path: Path) -> None:
    from sqlite_utils import Database

    path = tmp_path / "c.db"
    old = Database(path, execute_plugins=False)
    migrations.apply(old, stop_before="m002_rivals")
    old.execute("insert into reviews values ('a', ?, '2026-11-22', 4, 1.0, 'study', 'self', 'en', '', '')", (AT,))
    old.conn.commit()
    old.close()
    log = Log(path, SM2())
    assert log.reading("pragma user_version") == [(VERSION,)]
    assert [r.at for r in log.history("a")] == [AT]
    assert log.disagreements() == rivals(log) == []
    log.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("missing", "no such file"),
        ("empty", "empty .0 bytes."),
        ("garbage", "not a readable database of llmquiz .file is not a database."),
        ("foreign", "not one of llmquiz"),
        ("newer", "newer llmquiz .format 99"),
        ("truncated", "not a readable|damaged"),
        ("no table", "no such table: marks"),
    ],
)
def test_what_is_no_log_is_refused(logs: Logs, damage: str, said: str) -> None:
    log = logs.new()
    merge(log, [Event("marks", (f"card-{i}", AT, FLAGGED, "1")) for i in range(2000)])
    for name, sql in (("foreign", "pragma application_id = 7"), ("newer", "pragma user_version = 99"), ("no table", "drop table marks")):
        if damage == name:
            if name == "no table":
                log.db.execute("drop view current_marks")
            log.db.execute(sql)
    log.close()
    raw = log.path.read_bytes()
    if damage == "missing":
        log.path.unlink()
    elif damage in ("empty", "garbage", "truncated"):
        log.path.write_bytes({"empty": b"", "garbage": b"x" * 5000, "truncated": raw[: len(raw) // 2 // 4096 * 4096]}[damage])
    with pytest.raises(StoreError, match=said):
        other.lines(log.path)
