"""The study day: every kind of zone, both transitions, the cutoff to the second."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from llmquiz.model import instant, just_after, study_day


def local(zone: str, *when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("when", "day"),
    [
        (local("Europe/Paris", 2026, 11, 22, 3, 59, 59), date(2026, 11, 21)),
        (local("Europe/Paris", 2026, 11, 22, 4, 0, 0), date(2026, 11, 22)),
        (local("Asia/Shanghai", 2026, 1, 1, 0, 0, 0), date(2025, 12, 31)),
        (local("Asia/Shanghai", 2026, 1, 1, 3, 59, 59), date(2025, 12, 31)),
        (local("Asia/Shanghai", 2026, 1, 1, 4, 0, 0), date(2026, 1, 1)),
        # Paris springs forward on 29 March 2026 (2:00 becomes 3:00) and falls back on 25 October (3:00 becomes 2:00)
        (local("Europe/Paris", 2026, 3, 29, 1, 59, 59), date(2026, 3, 28)),
        (local("Europe/Paris", 2026, 3, 29, 3, 0, 0), date(2026, 3, 28)),
        (local("Europe/Paris", 2026, 3, 29, 4, 0, 0), date(2026, 3, 29)),
        (local("Europe/Paris", 2026, 10, 25, 2, 30, 0, fold=0), date(2026, 10, 24)),
        (local("Europe/Paris", 2026, 10, 25, 2, 30, 0, fold=1), date(2026, 10, 24)),
        (local("Europe/Paris", 2026, 10, 25, 4, 0, 0), date(2026, 10, 25)),
        (local("America/Los_Angeles", 2026, 3, 8, 3, 59, 59), date(2026, 3, 7)),
        (local("America/Los_Angeles", 2026, 3, 8, 4, 0, 0), date(2026, 3, 8)),
        (local("America/Los_Angeles", 2026, 11, 1, 1, 30, 0, fold=1), date(2026, 10, 31)),
        (local("Australia/Sydney", 2026, 10, 4, 3, 59, 59), date(2026, 10, 3)),
        (local("Australia/Sydney", 2026, 4, 5, 4, 0, 0), date(2026, 4, 5)),
        # Lord Howe shifts by 30 minutes
        (local("Australia/Lord_Howe", 2026, 10, 4, 2, 30, 0), date(2026, 10, 3)),
        (local("Australia/Lord_Howe", 2026, 4, 5, 1, 45, 0, fold=1), date(2026, 4, 4)),
        (local("Australia/Lord_Howe", 2026, 4, 5, 4, 0, 0), date(2026, 4, 5)),
        # Apia skipped 30 December 2011: the night after the 29th counts for the date that was left out, 4:00 begins the 31st
        (local("Pacific/Apia", 2011, 12, 29, 23, 59, 59), date(2011, 12, 29)),
        (local("Pacific/Apia", 2011, 12, 31, 0, 30, 0), date(2011, 12, 30)),
        (local("Pacific/Apia", 2011, 12, 31, 4, 0, 0), date(2011, 12, 31)),
    ],
)
def test_study_day(when: datetime, day: date) -> None:
    assert study_day(when) == day


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "America/Los_Angeles", "Australia/Sydney", "Australia/Lord_Howe", "Asia/Shanghai", "Pacific/Apia"]
)
def test_the_study_day_never_goes_back_while_time_goes_on(zone: str) -> None:
    there = ZoneInfo(zone)
    for year in (2011, 2026):
        start = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
        days = [study_day(datetime.fromtimestamp(start + 1800 * i, there)) for i in range(365 * 48)]
        assert days == sorted(days)


def test_another_cutoff() -> None:
    assert study_day(local("Asia/Shanghai", 2026, 5, 5, 0, 0), time(0)) == date(2026, 5, 5)
    assert study_day(local("Asia/Shanghai", 2026, 5, 5, 5, 59), time(6)) == date(2026, 5, 4)


def test_instants_sort_as_text() -> None:
    early = local("Asia/Shanghai", 2026, 5, 5, 7, 0)
    late = datetime(2026, 5, 4, 23, 0, 0, 1, tzinfo=UTC)
    assert instant(early) == "2026-05-04T23:00:00.000000Z" < instant(late) == just_after(instant(early))
    assert just_after("2026-12-31T23:59:59.999999Z") == "2027-01-01T00:00:00.000000Z"
