"""Statistics: the pure numbers, the caches against the log, filters, and what is drawn."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from functools import partial
from io import StringIO

import pytest
from conftest import NOON, FakeClock, Run
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from llmquiz import stats
from llmquiz.cli import words_looking
from llmquiz.collection import Collection
from llmquiz.errors import LlmquizError
from llmquiz.log import tally
from llmquiz.model import DRILL, STUDY, Grade, instant
from llmquiz.render import View
from llmquiz.render.heatmap import heatmap
from llmquiz.render.numbers import stats_json
from llmquiz.render.report import bar, share, stats_report
from llmquiz.stats import DayCount, Share
from llmquiz.stats.whole import Scope

DAY = NOON.date()
EVERYTHING = Scope(("small", "other"), since=date.min)  # a filter that lets all pass: counted from the log, not from the caches


def fill(collection: Collection, clock: FakeClock, days: int = 40) -> None:
    """Study the small bank for some days, in both languages, with fails and drills, and take one review back."""
    cards = ("first", "second", "third", "fourth", "fifth")
    for i in range(days):
        for j, card in enumerate(cards[: 3 + i % 3]):
            grade = Grade((i * 7 + j * 5) % 6)
            collection.grade(card, grade, clock.now(), seconds=10.5 + i, lang=("en", "zh", "")[(i + j) % 3])
            if grade < Grade.GOOD:
                collection.grade(card, Grade.GOOD, clock.now(), seconds=1.25, mode=DRILL, lang="en")
        clock.on(days=1 if i % 5 else 3)
    for again in collection.undo(clock.now(), 3)[1:]:
        collection.log.undo(again.review.card, again.review.at, instant(clock.now()), undone=False)


def test_the_caches_say_what_the_log_says(collection: Collection, clock: FakeClock) -> None:
    fill(collection, clock)
    cached, counted = collection.stats(clock.now()), collection.stats(clock.now(), EVERYTHING)
    for name in (
        "today",
        "retention",
        "time",
        "topics",
        "levels",
        "kinds",
        "languages",
        "year",
        "forecast",
        "maturity",
        "hardest",
        "leeches",
    ):
        assert getattr(cached, name) == getattr(counted, name), name
    assert cached.weeks == counted.weeks[-len(cached.weeks) :]
    assert collection.stats(clock.now(), Scope(since=date.min)).topics == cached.topics
    assert sum(t.retention.reviews for t in cached.topics) == sum(x.reviews for _, x in cached.languages) == cached.retention.reviews > 40


def test_without_a_filter_the_log_is_not_read(collection: Collection, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(collection, clock, 3)
    seen: list[str] = []
    collection.log.db.set_trace_callback(seen.append)
    collection.stats(clock.now())
    assert seen
    assert not [sql for sql in seen if "reviews r" in sql or "live_reviews" in sql or "undos" in sql]


def test_what_a_filter_costs_grows_with_the_undos_not_with_their_square(collection: Collection, clock: FakeClock) -> None:
    costs = []
    for _ in range(2):
        for _ in range(200):
            collection.grade("first", Grade.GOOD, clock.now())
            clock.on(seconds=1)
        collection.undo(clock.now(), 100)
        steps: list[int] = []
        collection.log.db.set_progress_handler(partial(steps.append, 1), 100)  # each hundred of SQLite's own steps, not seconds
        collection.stats(clock.now(), EVERYTHING)
        collection.log.db.set_progress_handler(None, 0)
        costs.append(len(steps))
    assert costs[1] < 2.5 * costs[0]


def test_hidden_cards_are_neither_due_nor_new(collection: Collection, clock: FakeClock) -> None:
    for card in ("first", "second", "third"):
        collection.grade(card, Grade.GOOD, clock.now())
    clock.on(days=1)
    before = collection.stats(clock.now())
    for card, mark, value in (("first", "suspended", "1"), ("second", "buried", "2099-01-01"), ("fourth", "suspended", "1")):
        collection.log.mark(card, mark, value, instant(clock.now()))
    after = collection.stats(clock.now())
    assert (before.due, after.due, before.new - after.new) == (3, 1, 1)
    assert sum(x.due for x in after.levels) == sum(k.due for k in after.kinds) == 1
    assert after.maturity == before.maturity


def test_filters_part_the_reviews(collection: Collection, clock: FakeClock) -> None:
    fill(collection, clock)
    now = clock.now()
    all_ = collection.stats(now).time.reviews
    assert sum(collection.stats(now, Scope(lang=x)).time.reviews for x in ("en", "zh")) < all_
    assert sum(collection.stats(now, Scope(topics=(t,))).time.reviews for t in ("small", "other")) == all_
    tagged = collection.stats(now, Scope(tags=("easy",)))
    assert [(t.topic, t.questions) for t in tagged.topics] == [("small", 1)]
    since = collection.stats(now, Scope(since=collection.day(now) - timedelta(days=10)))
    assert 0 < since.time.reviews < all_
    assert since.time.days <= 11
    assert since.streak == collection.stats(now).streak


def test_a_first_meeting_before_the_filter_still_was_the_first(collection: Collection, clock: FakeClock) -> None:
    collection.grade("first", Grade.GOOD, clock.now(), lang="en")
    clock.on(days=1)
    collection.grade("first", Grade.GOOD, clock.now(), lang="zh")
    for scope in (Scope(since=clock.now().date()), Scope(lang="zh"), Scope(topics=("small",))):
        assert collection.stats(clock.now(), scope).retention == Share(1, 1), scope


def test_unknown_names_offer_the_nearest(collection: Collection) -> None:
    with pytest.raises(LlmquizError, match="did you mean `small`"):
        collection.stats(NOON, Scope(topics=("smal",)))
    with pytest.raises(LlmquizError, match="did you mean `easy`"):
        collection.stats(NOON, Scope(tags=("eazy",)))


def count(day: date, grade: int = 4, n: int = 1, *, new: bool = False, mode: str = STUDY) -> DayCount:
    return DayCount(day, mode, Grade(grade), new, "en", n, n * 2000)


def test_weeks_begin_on_monday_with_the_first_review_and_leave_none_out() -> None:
    weeks = stats.weeks([count(date(2026, 11, 1)), count(date(2026, 11, 22), 1, 3), count(date(2026, 11, 16), mode=DRILL)], DAY)
    assert [(w.start.isoformat(), w.reviews) for w in weeks] == [
        ("2026-10-26", 1), ("2026-11-02", 0), ("2026-11-09", 0), ("2026-11-16", 4),
    ]  # fmt: skip
    assert weeks[-1].retention == Share(0, 3)
    assert (weeks[-1].per_card, weeks[1].per_card) == (2.0, None)
    assert stats.weeks([], DAY) == ()
    many = [count(DAY - timedelta(weeks=i)) for i in range(40)]
    assert (len(stats.weeks(many, DAY)), len(stats.weeks(many, DAY, DAY - timedelta(weeks=30)))) == (12, 31)


def test_a_year_is_53_weeks() -> None:
    first = stats.monday(DAY) - timedelta(weeks=52)
    counts = [count(first - timedelta(days=1)), count(first), count(DAY), count(DAY, 2, 4), count(DAY + timedelta(days=1))]
    assert stats.year(counts, DAY) == ((first, 1), (DAY, 5))


def test_maturity_hardest_and_leeches(collection: Collection, clock: FakeClock) -> None:
    for _ in range(8):
        for grade in (Grade.GOOD, Grade.WRONG):
            collection.grade("first", grade, clock.now())
            clock.on(days=1)
    for days in (0, 1, 6, 20):
        clock.on(days=days)
        collection.grade("second", Grade.PERFECT, clock.now())
    numbers = collection.stats(clock.now())
    assert numbers.maturity == (3, 1, 1)
    assert [(c.id, c.lapses) for c in numbers.leeches] == [("first", 8)]
    assert [c.id for c in numbers.hardest] == ["first"], "a card that never failed is not hard"
    assert numbers.load[-1] == sum(numbers.forecast)
    assert numbers.upcoming == numbers.forecast[:7]


def test_a_share_of_few_reviews_is_not_said() -> None:
    view = View("en", words_looking.words("en"), DAY)
    assert [share(s, view) for s in (Share(0, 0), Share(9, 9), Share(9, 10))] == ["-", "not enough data (9)", "90% of 10"]


@given(st.floats(0, 1000), st.floats(0, 1000), st.integers(1, 80))
def test_a_bar_is_as_long_as_its_part_and_never_longer(n: float, most: float, cells: int) -> None:
    drawn = bar(min(n, most), most, cells)
    assert cell_len(drawn) <= cells
    assert bool(drawn) == (min(n, most) > 0)
    assert bar(most, most, cells) in ("█" * cells, "")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(collection: Collection, clock: FakeClock, lang: str, width: int) -> None:
    fill(collection, clock)
    numbers = collection.stats(clock.now(), Scope(lang="en"))
    report = stats_report(numbers, collection.titles(), View(lang, words_looking.words(lang), numbers.day, width))
    file, terminal = StringIO(), StringIO()
    Console(file=file, width=width, color_system=None).print(report)
    assert all(cell_len(line.rstrip()) <= width for line in file.getvalue().splitlines())
    Console(file=terminal, width=width, force_terminal=True, no_color=True).print(report)
    assert not re.search(r"\x1b\[[0-9;]*[39][0-7]m", terminal.getvalue())
    for part in ("Retention", "in English", "By week", "warm-up") if lang == "en" else ("保持率", "英文", "按周", "热身"):
        assert part in file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_heatmap_has_a_sign_for_each_day(width: int) -> None:
    file = StringIO()
    console = Console(file=file, width=width, color_system=None)
    console.print(heatmap([(DAY, 8), (DAY - timedelta(days=7), 1)], DAY, View("en", words_looking.words("en"), DAY, width)))
    lines = file.getvalue().splitlines()
    step = 2 if width == 120 else 1
    assert lines[7].startswith("Sun  ·")
    assert lines[7].rstrip().endswith("░" * step + "█" * step)
    assert " ".join(line.strip() for line in lines[8:]) == "· ░ ▒ ▓ █   none to 8 reviews a day"
    assert sum(line[5:].count("·") for line in lines[1:8]) == min(53, width - 5) * 7 - 2


def test_stats_from_the_command_line(run: Run) -> None:
    run("study", "--topic", "small", "--lang", "zh", lines="\n5\n\n5\n\n5\n")
    run("study", "--topic", "other", "--lang", "en", lines="\n5\n\n5\n")
    assert json.loads(run("stats", "--json", "--topic", "small").stdout)["today"]["reviews"] == 3
    assert json.loads(run("stats", "--json", "--lang", "en").stdout)["today"]["reviews"] == 2
    assert json.loads(run("stats", "--json", "--since", "0d").stdout)["scope"]["since"] is not None
    assert json.loads(run("stats", "--json", "--since", "2020-01-01").stdout)["time"]["reviews"] == 5
    shown = run("stats", "--topic", "small", "--lang", "zh").stdout
    assert "范围       small, 中文" in shown
    assert "未来 30 天到期" in shown
    assert "明天" in shown
    assert "\x1b" not in shown
    wrong = run("stats", "--since", "yesterday")
    assert wrong.exit_code == 2
    assert "is no day" in wrong.stderr
    assert run("stats", "--tag", "eazy").stderr == "error: unknown tag 'eazy': did you mean `easy`?\n"


def test_a_fresh_collection_has_no_empty_tables(run: Run) -> None:
    shown = run("stats").stdout
    assert "Nothing is due in the next 30 days." in shown
    for absent in ("By week", "By language", "Hardest", "Leeches", "12 months", "█"):
        assert absent not in shown, absent


def test_the_keys_that_programs_know_stay(collection: Collection, clock: FakeClock) -> None:
    found = stats_json(collection.stats(clock.now()))
    assert found["upcoming"] == [0] * 7
    assert {"day", "today", "streak", "due", "new", "upcoming", "retention", "topics"} <= found.keys()
    assert tally.leeches(collection.log, Scope()) == ()


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("3m", date(2026, 2, 28)),
        ("1y", date(2025, 5, 31)),
        ("2w", date(2026, 5, 17)),
        ("10d", date(2026, 5, 21)),
        ("2026-01-05", date(2026, 1, 5)),
    ],
)
def test_since_counts_in_calendar_months(said: str, day: date) -> None:
    from llmquiz.cli.looking import _since

    assert _since(said, date(2026, 5, 31)) == day
