"""SM-2: the published sequences, an independent implementation in exact fractions, and what stands outside the plan."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest

from llmquiz.model import DRILL, INTERVIEW, STUDY, Grade, Memory
from llmquiz.schedulers import preview, replay
from llmquiz.schedulers.sm2 import SM2

DAY = date(2026, 1, 1)
CASES = json.loads((Path(__file__).parent / "sm2_vectors.json").read_text())["cases"]


def study(grades: list[int]) -> list[Memory]:
    """Grade a card each time on the day that it falls due; return the memory after each review."""
    memory, day, out = None, DAY, []
    for grade in grades:
        memory = SM2().review(memory, Grade(grade), day, STUDY)
        assert memory is not None
        out.append(memory)
        day = memory.due
    return out


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_published_sequences(case: dict[str, object]) -> None:
    memories = study(case["grades"])  # type: ignore[arg-type]
    got = [{"ef": m.ease / 100, "repetitions": m.repetitions, "interval": m.interval} for m in memories]
    assert got == [{k: s[k] for k in ("ef", "repetitions", "interval")} for s in case["states"]]  # type: ignore[attr-defined]


def exact(grades: tuple[int, ...]) -> list[tuple[Fraction, int, int]]:
    """SuperMemo 2 from its text, in fractions, sharing nothing with the program."""
    ef, n, interval, out = Fraction(5, 2), 0, 0, []
    for q in grades:
        if q < 3:
            n, interval = 0, 1
        else:
            n += 1
            interval = 1 if n == 1 else 6 if n == 2 else ceil(interval * ef)
            ef = max(Fraction(13, 10), ef + Fraction(1, 10) - (5 - q) * (Fraction(8, 100) + (5 - q) * Fraction(2, 100)))
        out.append((ef, n, interval))
    return out


def test_equals_exact_fractions_for_all_sequences_up_to_length_6() -> None:
    compared = 0
    for grades in itertools.product(range(6), repeat=6):  # every shorter sequence is a prefix of one of these
        got = [(Fraction(m.ease, 100), m.repetitions, m.interval) for m in study(list(grades))]
        assert got == exact(grades), grades
        compared += 1
    assert compared == 6**6


def test_where_floats_round_up_we_do_not() -> None:
    assert ceil(125 * (2.5 + 0.1 + 0.1 + 0.1)) == 351
    after = SM2().review(Memory(DAY, 125, 280, 5, 0), Grade.GOOD, DAY, STUDY)
    assert after is not None
    assert after.interval == 350


MEMORY = Memory(DAY + timedelta(days=6), 6, 250, 2, 0)


@pytest.mark.parametrize("grade", list(Grade))
def test_a_drill_changes_nothing(grade: Grade) -> None:
    assert SM2().review(MEMORY, grade, DAY, DRILL) == MEMORY
    assert SM2().review(None, grade, DAY, DRILL) is None


@pytest.mark.parametrize("mode", [STUDY, INTERVIEW])
@pytest.mark.parametrize("grade", [3, 4, 5])
def test_a_pass_before_due_changes_nothing(grade: int, mode: str) -> None:
    assert SM2().review(MEMORY, Grade(grade), DAY, mode) == MEMORY


@pytest.mark.parametrize("mode", [STUDY, INTERVIEW])
@pytest.mark.parametrize("grade", [0, 1, 2])
def test_a_fail_before_due_restarts_and_is_one_lapse(grade: int, mode: str) -> None:
    failed = SM2().review(MEMORY, Grade(grade), DAY, mode)
    assert failed == Memory(DAY + timedelta(days=1), 1, 250, 0, 1)
    assert SM2().review(failed, Grade(grade), DAY, mode) == failed, "a bad evening is not punished twice"


def test_failing_a_card_that_was_never_passed_is_no_lapse() -> None:
    failed = SM2().review(None, Grade.BLACKOUT, DAY, STUDY)
    assert failed == Memory(DAY + timedelta(days=1), 1, 250, 0, 0)


def test_preview_gives_every_grade_its_interval() -> None:
    assert preview(SM2(), None, DAY) == (1, 1, 1, 1, 1, 1)
    assert preview(SM2(), Memory(DAY, 6, 250, 2, 0), DAY) == (1, 1, 1, 15, 15, 15)
    assert preview(SM2(), None, DAY, DRILL) == (None,) * 6


def test_an_interval_past_the_last_date_stays_on_it() -> None:
    after = SM2().review(Memory(DAY, 10**7, 250, 9, 0), Grade.GOOD, DAY, STUDY)
    assert after is not None
    assert after.due == date.max


def test_replay_of_nothing_is_a_new_card() -> None:
    assert replay(SM2(), []) is None
