"""Undo survives: after exit, a crash, on the last card, of any review back; redo brings back exactly what was taken."""

from __future__ import annotations

import signal
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOON, FakeClock, Run
from hypothesis import given, settings
from hypothesis import strategies as st
from pty_learner import Learner, small_home

from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.log import Log
from llmquiz.log.fold import Live, Tally, day_rows, fold
from llmquiz.model import Grade, Review
from llmquiz.schedulers.sm2 import SM2

CARDS = ("first", "second", "third")
grades = st.lists(st.tuples(st.sampled_from(CARDS), st.sampled_from(list(Grade)), st.integers(0, 30)), min_size=1, max_size=12)


def caches(log: Log) -> tuple[set[object], set[object]]:
    """Return what is cached: memories and day counts."""
    return set(log.reading("select * from memories")), set(log.reading("select * from days"))


def folded(reviews: list[Review]) -> tuple[set[object], set[object]]:
    """Return what a replay of reviews alone gives."""
    by_card: dict[str, list[Live]] = {}
    for r in sorted(reviews):
        by_card.setdefault(r.card, []).append((r.at, r.day.isoformat(), int(r.grade), r.seconds, r.mode, r.lang))
    counted: Tally = {}
    return set(fold(SM2(), by_card.items(), counted)), set(day_rows(counted))


@given(grades, st.integers(1, 12), st.integers(1, 5), st.sampled_from(["", *CARDS]), st.integers(-40, 40))
@settings(max_examples=60)
def test_undo_is_a_replay_without_those_and_redo_restores(
    some: list[tuple[str, Grade, int]], count: int, back: int, card: str, days: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(Collection(Paths(Path(folder)), Settings(shipped=False))) as collection:
        reviews = [collection.grade(c, g, NOON + timedelta(days=d)) for c, g, d in some]  # the clock goes forth and back
        before = caches(collection.log)
        named = sorted((r for r in reviews if card in ("", r.card)), key=lambda r: (r.at, r.card), reverse=True)[back - 1 :][:count]
        now = NOON + timedelta(days=days)
        if card and not any(r.card == card for r in reviews):
            return
        taken = [u.review for u in collection.undo(now, count, card, back)]
        assert taken == named
        assert caches(collection.log) == folded([r for r in reviews if r not in named])
        assert collection.log.disagreements() == []
        assert {u.review for u in collection.redo(now, count, card)} == set(named)
        assert caches(collection.log) == before == folded(reviews)
        assert collection.redo(now) == []


def graded(run: Run, *grades: int) -> list[str]:
    """Grade a card of each; return the cards, newest first, as `history` lists them."""
    run("study", "--limit", str(len(grades)), lines="".join(f"\n{g}\n" for g in grades) + "quit\n")
    return [line.split("\t")[2] for line in run("history").stdout.splitlines()]


def test_undo_and_redo_after_exit(run: Run) -> None:
    cards = graded(run, 5, 4, 5, 4, 5)
    assert run("undo", "2").stdout.count("taken back: ") == 2
    assert run("redo").stdout.startswith(f"brought back: {cards[1]}, grade 4 of ")
    assert run("redo", "5").stdout.splitlines()[1] == "there were only 1"
    assert [line.split("\t")[2] for line in run("history").stdout.splitlines()] == cards
    done = run("redo")
    assert (done.exit_code, done.stderr) == (
        1,
        "error: nothing to bring back: no grade was taken back, or its card has been graded since\n",
    )


def test_the_fifth_review_back_and_a_card_by_its_name(run: Run) -> None:
    cards = graded(run, 5, 4, 5, 4, 5)
    assert run("undo", "--back", "5").stdout.startswith(f"taken back: {cards[4]}, ")
    assert run("undo", "--card", cards[2]).stdout.startswith(f"taken back: {cards[2]}, ")
    left = [line.split("\t")[2] for line in run("history").stdout.splitlines()]
    assert left == [cards[0], cards[1], cards[3]]
    assert run("undo", "--card", cards[2]).stderr == f"error: nothing to take back: `{cards[2]}` has not been graded yet\n"
    assert run("undo", "--back", "9").stderr == "error: nothing to take back: there are fewer than 9 grades\n"
    assert "did you mean `first`?" in run("undo", "--card", "frist").stderr
    assert run("redo", "--card", cards[4]).stdout.startswith(f"brought back: {cards[4]}, ")
    assert run("redo").stdout.startswith(f"brought back: {cards[2]}, ")


def test_undo_after_a_crash_and_of_the_last_card(environ: dict[str, str], bank: Path, run: Run) -> None:
    small_home(environ, bank)
    with Learner(environ, "study", "--topic", "small", "--limit", "1") as me:
        for key, sight in (("\r", "What did you say"), ("\r", "How well"), ("5", "Graded 1")):
            me.press(key)
            me.see(sight)
        me.end()
    with Learner(environ, "study", "--topic", "small", "--limit", "2") as me:
        for key, sight in (("\r", "What did you say"), ("\r", "How well"), ("2", "2 of 2")):
            me.press(key)
            me.see(sight)
        me.child.kill(signal.SIGKILL)
        me.end()
    assert run("undo").stdout.startswith("taken back: second, grade 2 of ")
    assert run("undo").stdout.startswith("taken back: first, grade 5 of ")
    assert "brought back: first" in run("redo").stdout


def test_a_card_that_was_graded_again_is_not_brought_back_on_top(collection: Collection, clock: FakeClock) -> None:
    collection.grade("first", Grade.WRONG, clock.now())
    clock.on(minutes=1)
    collection.undo(clock.now())
    clock.on(minutes=1)
    collection.grade("first", Grade.GOOD, clock.now())
    assert collection.redo(clock.now()) == []
    collection.undo(clock.now())
    assert [u.review.grade for u in collection.redo(clock.now())] == [Grade.GOOD]


def test_undo_and_redo_after_a_rename(collection: Collection, clock: FakeClock) -> None:
    collection.grade("first", Grade.GOOD, clock.now())
    collection.log.rename({"first": "firstly"})
    ((_, before, after),) = collection.undo(clock.now(), card="firstly")
    assert before is not None
    assert after is None
    ((_, _, again),) = collection.redo(clock.now(), card="firstly")
    assert again == before
    assert collection.log.disagreements() == []


@pytest.mark.parametrize("back", [1, 3, 5])
def test_undo_after_a_merge_takes_back_what_was_named(tmp_path: Path, back: int) -> None:
    """A merge is a union of rows: reviews of another device between our own, and undos of theirs."""
    with closing(Log(tmp_path / "c.db", SM2())) as log, closing(Collection(Paths(tmp_path / "home"), Settings(shipped=False))) as mine:
        theirs = [log.append(Review("second", f"2026-11-2{i}T11:00:00.000000Z", NOON.date(), Grade.GOOD, device="other")) for i in range(3)]
        log.undo("second", theirs[1].at, "2026-11-22T11:30:00.000000Z")
        for i in range(3):
            mine.grade("first", Grade.GOOD, NOON - timedelta(days=i))
        with mine.log.writing() as db:
            db.executemany("insert into reviews values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", log.reading("select * from reviews"))
            db.executemany("insert into undos values (?, ?, ?, ?)", log.reading("select * from undos"))
        mine.log.rebuild()
        before = mine.latest(9)
        assert len(before) == 5
        assert [u.review for u in mine.undo(NOON, 1, "", back)] == [before[back - 1]]
        assert mine.latest(9) == [r for r in before if r != before[back - 1]]
        assert [u.review for u in mine.redo(NOON)] == [before[back - 1]]
        assert mine.latest(9) == before
        assert mine.log.disagreements() == []
