"""The order of a sitting and what comes back in it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmquiz.model import DRILL, STUDY, Card, Grade, Memory
from llmquiz.session import LOOKAHEAD, Pile, Session, batches, by_urgency, interleave

DAY = date(2026, 11, 22)


def card(name: str, topic: str = "t", *follow_ups: str, overdue: int | None = None, interval: int = 10) -> Card:
    memory = None if overdue is None else Memory(DAY - timedelta(days=overdue), interval, 250, 3, 0)
    return Card(name, topic, 2, follow_ups, memory)


cards = st.lists(
    st.builds(
        Card,
        id=st.uuids().map(str),
        topic=st.sampled_from("abc"),
        level=st.integers(1, 5),
        memory=st.builds(Memory, st.dates(date(2026, 1, 1), DAY), st.integers(1, 300), st.just(250), st.just(3), st.just(0)),
    ),
    max_size=40,
)


def test_most_overdue_relative_to_its_interval_comes_first() -> None:
    late, very_late, fresh = card("a", overdue=10, interval=100), card("b", overdue=5, interval=5), card("c", overdue=0)
    assert [c.id for c in by_urgency([late, fresh, very_late], DAY)] == ["b", "a", "c"]


@given(cards, st.integers(0, 5))
def test_order_is_a_permutation_that_does_not_depend_on_where_cards_came_from(some: list[Card], seed: int) -> None:
    ordered = by_urgency(some, DAY, seed)
    assert sorted(c.id for c in ordered) == sorted(c.id for c in some)
    assert by_urgency(reversed(some), DAY, seed) == ordered
    assert sorted(c.id for c in interleave(ordered)) == sorted(c.id for c in some)


@given(cards, st.integers(0, 5), st.integers(1, 10))
def test_the_order_is_the_same_in_batches(some: list[Card], seed: int, least: int) -> None:
    by_pile: dict[tuple[date, int], list[Card]] = {}
    for c in some:
        if c.memory:
            by_pile.setdefault((c.memory.due, c.memory.interval), []).append(c)
    piles = [Pile(*key, len(members)) for key, members in by_pile.items()]
    in_batches = [[c for pile in batch for c in by_pile[pile[:2]]] for batch in batches(piles, DAY, least)]
    assert [c for batch in in_batches for c in by_urgency(batch, DAY, seed)] == by_urgency([c for c in some if c.memory], DAY, seed)
    assert all(len(batch) >= least for batch in in_batches[:-1])


@given(cards, st.integers(0, 30))
def test_no_card_is_taken_before_it_is_needed(some: list[Card], wanted: int) -> None:
    coming = iter(some)
    assert list(islice(interleave(coming), wanted)) == list(interleave(some))[:wanted]
    assert len(list(coming)) >= len(some) - wanted - LOOKAHEAD


def test_a_plan_that_turns_out_shorter_counts_what_there_is() -> None:
    session = Session(iter([card("a", overdue=1), card("b", overdue=0), card("a", overdue=1), card("c")]), counts=(4, 1))
    assert (session.total, session.left, len(session.fetched)) == (5, (4, 1, 0), 0)
    for left in ((3, 1, 0), (2, 1, 0)):
        session.graded(Grade.GOOD)
        assert session.left == left
    session.graded(Grade.GOOD)
    assert (session.current, session.total, session.left) == (None, 3, (0, 0, 0))


def test_a_seed_changes_the_order_of_equals_only() -> None:
    equals = [card(str(i), overdue=0) for i in range(20)]
    assert by_urgency(equals, DAY, 1) != by_urgency(equals, DAY, 2)


@given(cards)
def test_topics_alternate_wherever_the_window_has_another(some: list[Card]) -> None:
    left = list(some)
    last = None
    for picked in interleave(some):
        if last is not None and picked.topic == last.topic:
            assert all(c.topic == last.topic for c in left[:LOOKAHEAD])
        left.remove(picked)
        last = picked


def test_a_follow_up_comes_near_its_parent_but_not_straight_after() -> None:
    parent, child = card("p", "x", "child"), card("child", "y")
    others = [card(str(i), "xyz"[i % 3]) for i in range(9)]
    order = [c.id for c in interleave([parent, child, *others])]
    assert 2 <= order.index("child") - order.index("p") <= 4


def test_grades_below_4_come_back_until_4() -> None:
    session = Session([card("a"), card("b")])
    session.graded(Grade.HARD)
    session.graded(Grade.GOOD)
    assert (session.mode, session.current and session.current.id) == (DRILL, "a")
    session.graded(Grade.BLACKOUT)
    assert session.current is not None
    session.graded(Grade.GOOD)
    assert session.current is None


def test_left_counts_due_new_and_again() -> None:
    session = Session([card("a", overdue=1), card("b"), card("c")])
    assert session.left == (1, 2, 0)
    session.graded(Grade.WRONG)
    assert session.left == (0, 2, 1)


def test_what_an_earlier_sitting_left_is_drilled_once() -> None:
    session = Session([card("a")], again=[card("a"), card("b")])
    session.graded(Grade.PERFECT)
    assert [c.id for c in session.again] == ["b"]


@given(st.lists(st.one_of(st.sampled_from(list(Grade)), st.none()), max_size=30))
def test_going_back_restores_exactly_what_was(steps: list[Grade | None]) -> None:
    session = Session([card("a"), card("b"), card("c", overdue=1)], again=[card("d")])
    seen = []
    for grade in steps:
        if session.current is None:
            break
        seen.append((session.current, session.mode, session.left))
        if grade is None:
            session.dropped()
        else:
            session.graded(grade)
    for before in reversed(seen):
        session.back()
        assert (session.current, session.mode, session.left) == before
    assert session.back() is None


def test_nothing_moves_when_the_session_is_over() -> None:
    session = Session([])
    assert session.mode == DRILL
    assert session.mode != STUDY
    with pytest.raises(RuntimeError, match="over"):
        session.graded(Grade.GOOD)
