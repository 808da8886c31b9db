"""The use cases across days, zones and restarts, with a clock set by hand."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import NOON, FakeClock

from llmquiz.cli.sitting import LONGEST, Sitting
from llmquiz.cli.words import EN, ZH, Words, environment_language
from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.errors import LlmquizError
from llmquiz.log import cache
from llmquiz.model import BURIED, DRILL, FLAGGED, SUSPENDED, Grade
from llmquiz.session import BATCH, Wanted, by_urgency, interleave


def sit(collection: Collection, clock: FakeClock, wanted: Wanted | None = None, minutes: float | None = None) -> Sitting:
    session = collection.session(wanted or Wanted(), clock.now())
    return Sitting(collection, session, clock, "en", Words("en"), minutes=minutes)  # type: ignore[arg-type]


def test_a_card_comes_back_on_the_day_it_is_due(collection: Collection, clock: FakeClock) -> None:
    for days, due in ((0, 1), (1, 7), (6, 24)):
        clock.on(days=days)
        session = collection.session(Wanted(topics=("small",), levels=(1,)), clock.now())
        assert [c.id for c in session.cards] == ["first"]
        collection.grade("first", Grade.PERFECT, clock.now())
        memory = collection.memory("first")
        assert memory is not None
        assert memory.due == NOON.date() + timedelta(days=due)
        assert collection.session(Wanted(topics=("small",), levels=(1,)), clock.now()).current is None


def many(bank: Path, cards: int) -> None:
    """Add a third topic with many cards."""
    lines = ["topic: many", "questions:"]
    for i in range(cards):
        lines += [f"  - id: many-{i:03d}", f"    level: {i % 5 + 1}", f"    question: What is {i}?", f"    answer: It is {i}."]
    (bank / "many.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_backlog_is_planned_as_if_it_were_fetched_at_once(home: Path, bank: Path, clock: FakeClock) -> None:
    many(bank, 400)
    collection = Collection(Paths(home), Settings(), shipped=bank)
    collection.refresh()
    for i in range(390):
        for day in range(i % 3 + 1):
            collection.grade(f"many-{i:03d}", Grade(3 + i % 3), clock.now() + timedelta(days=7 * day))
    clock.on(days=40)
    piles, _ = cache.due_piles(collection.log, collection.day(clock.now()))
    whole = cache.due(collection.log, piles, collection.day(clock.now()))
    assert len(whole) == sum(pile.cards for pile in piles) > 2 * BATCH
    for seed in (0, 7):
        expected = [c.id for c in interleave(by_urgency(whole, collection.day(clock.now()), seed))]
        session = collection.session(Wanted(seed=seed, new=3), clock.now())
        assert session.left == (len(whole), 3, 0)
        assert session.current is not None
        assert len(session.fetched) == 1
        assert [c.id for c in session.cards][:-3] == expected
        limited = collection.session(Wanted(seed=seed, new=3, limit=len(whole) + 1), clock.now())
        assert (limited.left, len(limited.cards)) == ((len(whole), 1, 0), len(whole) + 1)
    session = collection.session(Wanted(new=0), clock.now())
    assert session.current is not None
    for card in expected[200:]:  # elsewhere, before this session comes to them
        collection.grade(card, Grade.PERFECT, clock.now())
    assert session.total == len(whole)
    assert 200 <= len(session.cards) == session.total < len(whole)
    collection.close()


def test_new_cards_are_the_same_wherever_they_are_remembered_to_begin(home: Path, bank: Path, clock: FakeClock) -> None:
    many(bank, 60)
    collection = Collection(Paths(home), Settings(), shipped=bank)
    collection.refresh()
    log, day = collection.log, collection.day(clock.now())
    order = [c.id for c in cache.new(log, day, Wanted(), 100)]

    def expect(new: list[str]) -> None:
        for least in (1000, 0):
            cache.remember_new(log, least)
            assert [c.id for c in cache.new(log, day, Wanted(), 100)] == new
            assert [c.id for c in cache.new(log, day, Wanted(levels=(2,)), 3)] == [card for card in new if card in second][:3]
            assert {c.id for c in cache.new(log, day, Wanted(seed=3), 100)} == set(new)

    second = [c.id for c in cache.new(log, day, Wanted(levels=(2,)), 100)]
    expect(order)
    for card in order[:30]:
        clock.on(seconds=1)
        collection.grade(card, Grade.GOOD, clock.now())
    expect(order[30:])
    collection.mark(order[30], SUSPENDED, clock.now())
    expect(order[31:])
    collection.mark(order[30], SUSPENDED, clock.now(), on=False)
    expect(order[30:])
    collection.undo(clock.now(), card=order[3])
    expect([order[3], *order[30:]])
    for card in (order[3], *order[30:]):
        clock.on(seconds=1)
        collection.grade(card, Grade.GOOD, clock.now())
    expect([])
    many(bank, 61)
    collection.refresh()
    expect(["many-060"])
    collection.close()


def test_a_session_across_the_cutoff_logs_and_schedules_one_day(collection: Collection) -> None:
    clock = FakeClock(datetime(2026, 11, 22, 3, 59, 59, tzinfo=ZoneInfo("Asia/Shanghai")))
    sitting = sit(collection, clock)
    assert sitting.offer()
    before = sitting.grade(Grade.GOOD)
    clock.on(seconds=1)
    assert sitting.offer()
    after = sitting.grade(Grade.GOOD)
    assert (before.day, after.day) == (date(2026, 11, 21), date(2026, 11, 22))
    for review in (before, after):
        memory = collection.memory(review.card)
        assert memory is not None
        assert memory.due == review.day + timedelta(days=1)
    assert collection.today(clock.now()).reviews == 1
    assert collection.streak(clock.now()) == 2


def test_a_clock_set_back_loses_nothing(collection: Collection, clock: FakeClock) -> None:
    collection.grade("first", Grade.GOOD, clock.now())
    clock.on(days=-30)
    collection.grade("first", Grade.GOOD, clock.now())
    collection.grade("second", Grade.WRONG, clock.now())
    assert len(collection.log.latest(9)) == 3
    assert collection.log.disagreements() == []
    memory = collection.memory("first")
    assert memory is not None
    assert (memory.repetitions, memory.due) == (2, NOON.date() + timedelta(days=6)), "the fold is in order of the instants"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Apia"])
def test_statistics_are_the_same_under_any_zone_afterwards(home: Path, bank: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(datetime(2026, 3, 27, 23, 30, tzinfo=ZoneInfo("Europe/Paris")))
    opened = Collection(Paths(home), Settings(), shipped=bank)
    opened.refresh()
    for i in range(12):
        opened.grade("first", Grade(3 + i % 3), clock.now(), seconds=1.5)
        clock.on(hours=17)
    opened.log.rebuild()
    before = opened.stats(NOON)
    opened.close()
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        again = Collection(Paths(home), Settings(), shipped=bank)
        again.log.rebuild()
        assert again.stats(NOON) == before
        again.close()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_marks_hide_and_show_cards(collection: Collection, clock: FakeClock) -> None:
    def asked() -> set[str]:
        return {c.id for c in collection.session(Wanted(), clock.now()).cards}

    collection.mark("first", SUSPENDED, clock.now())
    collection.mark("second", BURIED, clock.now())
    collection.mark("third", FLAGGED, clock.now())
    assert asked() == {"third", "fourth", "fifth"}
    assert collection.counts(clock.now()) == (5, 3)
    assert collection.new_today(clock.now()) == (3, {})
    clock.on(days=1)
    assert asked() == {"second", "third", "fourth", "fifth"}
    collection.mark("first", SUSPENDED, clock.now(), on=False)
    assert asked() == {"first", "second", "third", "fourth", "fifth"}


def test_a_card_hidden_or_graded_elsewhere_is_passed_over(collection: Collection, clock: FakeClock) -> None:
    sitting = sit(collection, clock)
    ids = [c.id for c in sitting.session.cards]
    collection.grade(ids[0], Grade.PERFECT, clock.now())
    collection.mark(ids[1], SUSPENDED, clock.now())
    assert sitting.offer()
    assert sitting.card is not None
    assert sitting.card.id == ids[2]
    sitting.grade(Grade.GOOD)
    assert "grade 4" in sitting.undo()
    assert sitting.offer()
    assert sitting.card.id == ids[2], "undo goes back to what was graded here, over what was passed"


def test_undo_in_the_drill(collection: Collection, clock: FakeClock) -> None:
    sitting = sit(collection, clock, Wanted(limit=1))
    assert sitting.offer()
    sitting.grade(Grade.WRONG)
    assert sitting.offer()
    assert sitting.grade(Grade.GOOD).mode == DRILL
    assert not sitting.offer()
    sitting.undo()
    assert sitting.offer()
    assert sitting.session.mode == DRILL
    sitting.undo()
    assert sitting.offer()
    assert sitting.session.mode == "study"
    assert collection.log.latest() == []


def test_undo_puts_back_a_card_that_was_looked_at_to_come_next(collection: Collection, clock: FakeClock) -> None:
    sitting = sit(collection, clock, Wanted(limit=2))
    first, second = sitting.session.cards
    assert sitting.offer()
    sitting.grade(Grade.WRONG)
    assert sitting.offer()
    sitting.prepare()
    assert sitting.session.current == second
    assert sitting.session.following == (first, DRILL)
    sitting.undo()
    assert sitting.offer()
    assert sitting.card == first, "not passed over as a card that is due tomorrow"
    assert sitting.grade(Grade.GOOD).mode == "study"


def test_a_grade_from_elsewhere_after_the_look_counts(collection: Collection, clock: FakeClock, home: Path, bank: Path) -> None:
    sitting = sit(collection, clock, Wanted(limit=2))
    card = sitting.session.cards[0].id
    assert sitting.offer()
    sitting.prepare()
    elsewhere = Collection(Paths(home), Settings(), shipped=bank)
    for days in (-8, -7):
        elsewhere.grade(card, Grade.PERFECT, clock.now() + timedelta(days=days))
    elsewhere.close()
    sitting.grade(Grade.GOOD)
    memory = collection.memory(card)
    assert memory is not None
    assert memory.repetitions == 3
    assert collection.log.disagreements() == []


def test_minutes_end_a_session_between_cards(collection: Collection, clock: FakeClock) -> None:
    sitting = sit(collection, clock, minutes=10)
    assert sitting.offer()
    clock.on(minutes=9)
    sitting.grade(Grade.GOOD)
    assert sitting.offer()
    clock.on(minutes=2)
    sitting.grade(Grade.GOOD)
    assert not sitting.offer()
    assert sitting.time_up


def test_a_card_left_open_over_lunch_counts_ten_minutes(collection: Collection, clock: FakeClock) -> None:
    sitting = sit(collection, clock)
    assert sitting.offer()
    clock.on(hours=1)
    assert sitting.grade(Grade.GOOD).seconds == LONGEST


def test_the_unchanged_bank_is_not_parsed_again(collection: Collection, bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmquiz.bank.files import BankFile, load

    parsed: list[str] = []

    def noting(path: str, raw: bytes) -> BankFile:
        parsed.append(Path(path).name)
        return load(path, raw)

    monkeypatch.setattr("llmquiz.loading.load", noting)
    collection.refresh()
    assert parsed == []
    os.utime(bank / "small.yaml")
    collection.refresh()
    assert parsed == [], "another mtime, the same content"
    (bank / "small.yaml").write_text((bank / "small.yaml").read_text() + "# changed\n")
    collection.refresh()
    assert parsed == ["small.yaml"]


def test_follow_ups_and_levels_order_new_cards(collection: Collection, clock: FakeClock) -> None:
    cards = collection.session(Wanted(), clock.now()).cards
    assert {c.id for c in cards[:2]} == {"first", "fourth"}, "level 1 before level 2"
    assert cards[-1].id == "third"
    assert all(a.topic != b.topic for a, b in pairwise(cards[:4]))


def test_a_question_that_does_not_exist_offers_the_nearest(collection: Collection) -> None:
    with pytest.raises(LlmquizError, match="did you mean `first`"):
        collection.question("frist")


def test_statistics(collection: Collection, clock: FakeClock) -> None:
    for day, grade in enumerate((4, 5, 2, 4)):
        clock.instant = NOON + timedelta(days=(0, 1, 7, 8)[day])
        collection.grade("first", Grade(grade), clock.now(), seconds=10)
    numbers = collection.stats(clock.now())
    assert (numbers.retention.passed, numbers.retention.reviews) == (2, 3)
    assert numbers.retention.value == pytest.approx(2 / 3)
    assert not numbers.retention.enough
    assert (numbers.streak, numbers.today.seconds) == (2, 10)
    assert {t.topic: (t.questions, t.new, t.retention.reviews) for t in numbers.topics} == {"other": (2, 2, 0), "small": (3, 2, 3)}
    assert numbers.upcoming == (0, 1, 0, 0, 0, 0, 0)
    assert collection.due_between(clock.now().date(), clock.now().date() + timedelta(days=3)) == 1


def test_the_words_of_both_languages_are_the_same() -> None:
    assert EN.keys() == ZH.keys()
    for name in EN:
        fields = [sorted({part.split("}")[0].split(":")[0] for part in text.split("{")[1:]}) for text in (EN[name], ZH[name])]
        assert fields[0] == fields[1], name


@pytest.mark.parametrize(("days", "text"), [(0, "0d"), (1, "1d"), (60, "60d"), (61, "2.0mo"), (364, "12.0mo"), (400, "1.1y")])
def test_intervals_in_words(days: int, text: str) -> None:
    assert Words("en").interval(days) == text
    assert Words("en").interval(None) == ""


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "zh_CN", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_TW"}, "zh"),
    ],
)
def test_the_language_of_the_environment(environ: dict[str, str], lang: str) -> None:
    assert environment_language(environ) == lang


def test_one_now_gives_both_instant_and_day(collection: Collection) -> None:
    now = datetime(2026, 11, 22, 3, 59, 59, 999999, tzinfo=UTC)
    review = collection.grade("first", Grade.GOOD, now)
    assert (review.at, review.day) == ("2026-11-22T03:59:59.999999Z", date(2026, 11, 21))


def test_files_that_another_version_parsed_are_parsed_again(collection: Collection, bank: Path) -> None:
    with collection.log.writing() as db:
        db.execute("delete from questions where id = 'first'")
    collection.refresh()
    assert "first" not in collection.ids(), "nothing changed, so nothing was read"
    with collection.log.writing():
        collection.log.set_meta("parsed by", "0.0.1")
    collection.refresh()
    assert "first" in collection.ids()
    (bank / "other.yaml").unlink()
    with collection.log.writing():
        collection.log.set_meta("parsed by", "0.0.1")
    collection.refresh()
    assert "other" not in collection.topic_names()
