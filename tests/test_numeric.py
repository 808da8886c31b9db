"""Numeric questions: draws, judgement, the numbers that people write, and formulas that can do nothing but arithmetic."""

from __future__ import annotations

import contextlib
import math
import random
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmquiz.bank.files import load
from llmquiz.errors import LlmquizError
from llmquiz.questions import Unreadable, check_item, make
from llmquiz.questions.formula import FormulaError, evaluate
from llmquiz.questions.numeric import Numeric
from llmquiz.questions.quantity import UNITS, read, written
from llmquiz.questions.readable import number, show

QUICK = Path(__file__).parent / "quick.yaml"
SIMPLE: dict[str, Any] = {
    "id": "n",
    "kind": "numeric",
    "question": "{aa} times {bb}?",
    "params": {"aa": [3, 5, 7], "bb": {"from": 10, "to": 50, "step": 10}},
    "where": ["aa * bb > 40"],
    "formula": "aa * bb",
    "unit": "parameter",
    "tolerance": 0.01,
    "mistakes": [{"formula": "aa + bb", "why": "that is the sum"}, {"formula": "aa * bb * 3", "why": "thrice"}],
    "answer": "{aa} x {bb} = {result}; {other} stays",
}


def simple(**more: Any) -> Numeric:
    body = SIMPLE | more
    assert not list(check_item(body))
    made = make("t", body)
    assert isinstance(made, Numeric)
    return made


# draws


@given(st.text())
def test_a_draw_satisfies_where_and_is_the_same_for_the_same_seed(seed: str) -> None:
    q = simple()
    drawn = q.draw(seed)
    assert drawn["aa"] in (3, 5, 7)
    assert drawn["bb"] in (10, 20, 30, 40, 50)
    assert drawn["aa"] * drawn["bb"] > 40
    assert q.draw(seed) == drawn
    asked = q.asked(seed)
    assert asked.front("en") == f"{drawn['aa']} times {drawn['bb']}?"
    assert f"= {show(drawn['aa'] * drawn['bb'], 'parameter', 'en')}; {{other}} stays" in asked.back("en")


def test_every_number_of_a_range_is_drawn() -> None:
    q = simple(params={"aa": [1], "bb": {"from": 3, "to": 100, "scale": "log2"}}, where=["aa > 0"], mistakes=[])
    assert {q.draw(str(i))["bb"] for i in range(300)} == {3, 6, 12, 24, 48, 96}
    q = simple(params={"aa": [1], "bb": {"from": 0.1, "to": 0.5, "step": 0.1}}, mistakes=[], where=[])
    assert {q.draw(str(i))["bb"] for i in range(300)} == {0.1, 0.2, 0.3, 0.4, 0.5}


@given(st.integers(0, 10**6))
def test_a_listed_mistake_is_always_recognised(seed: int) -> None:
    q = simple().asked(str(seed))
    d = q.body["draw"]
    for value, why in ((d["aa"] + d["bb"], "that is the sum"), (d["aa"] * d["bb"] * 3, "thrice")):
        verdict = q.judge(str(value), "en")
        assert verdict.grade == 2
        assert why in verdict.note["en"]  # type: ignore[index]


@given(st.integers(0, 10**6), st.sampled_from(sorted(UNITS)))
def test_the_true_answer_is_accepted_in_every_spelling(seed: int, unit: str) -> None:
    formula = "aa / bb / 10" if unit == "fraction" else "aa * bb"
    q = simple(unit=unit, formula=formula, mistakes=[]).asked(str(seed))
    for spelled in written(q.body["draw"]["result"], unit):
        assert q.judge(spelled, "en").grade == 5, spelled


@pytest.mark.parametrize(("factor", "grade"), [(1, 5), (1.009, 5), (0.992, 5), (1.5, 3), (0.5, 3), (2, 3), (2.1, 1), (0.4, 1), (-1, 1)])
def test_grades_by_distance(factor: float, grade: int) -> None:
    q = simple(mistakes=[]).asked("s")
    assert q.judge(repr(q.body["draw"]["result"] * factor), "en").grade == grade


def test_giving_up_is_a_fail_and_the_log_keeps_the_draw() -> None:
    q = simple().asked("s")
    d = q.body["draw"]
    given_up = q.judge("  ", "en")
    assert given_up.grade == 1
    assert given_up.stored == f'- {{"aa": {d["aa"]}, "bb": {d["bb"]}}}'
    assert q.judge("7", "en").stored.startswith('7 {"aa"')


# faults


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"formula": "aa *"}, "has no value"),
        ({"formula": "aa * cc"}, "'cc' is not defined"),
        ({"formula": "aa - aa"}, "no sane one"),
        ({"formula": "aa / 0"}, "division by zero"),
        ({"where": ["aa > 100"]}, "no draw of 1000 satisfies"),
        ({"mistakes": [{"formula": "aa * bb + 0.001", "why": "w"}]}, "counts as right"),
        ({"mistakes": [{"formula": "qq", "why": "w"}]}, "'qq' is not defined"),
        ({"unit": "bytes"}, "unknown unit 'bytes'"),
        ({"unit": "fraction"}, "no fraction"),
        ({"params": {"a": [1]}}, "two or more lower-case letters"),
        ({"params": {"aa": []}}, "give the numbers"),
        ({"params": {"aa": [True]}}, "is not a number"),
        ({"params": {"aa": {"from": 3, "to": 1}}}, "`from` is above `to`"),
        ({"params": {"aa": {"from": 0, "to": 1, "scale": "log2"}}}, "above 0"),
        ({"params": {"aa": {"from": 0, "to": 1, "scale": "log"}}}, "did you mean `log2`"),
        ({"params": {"aa": {"from": 0}}}, "no `to`"),
        ({"params": 3}, "where a mapping of names is meant"),
        ({"let": {"aa": "1"}}, "`aa` is taken"),
        ({"let": {"result": "1"}}, "`result` is taken"),
        ({"tolerance": 2}, "is not a number from 0 to 0.5"),
    ],
)
def test_faults_are_told(change: dict[str, Any], said: str) -> None:
    faults = [message for _, message in check_item(SIMPLE | change)]
    assert any(said in message for message in faults), faults


def test_a_trial_finds_what_the_first_draws_do_not() -> None:
    q = simple(params={"aa": list(range(1, 100)), "bb": [10]}, formula="comb(aa, 98) * bb + (1 if aa < 98 else 0)", mistakes=[], where=[])
    assert not list(q.trial(3))
    q = simple(params={"aa": list(range(1, 40)), "bb": [10]}, formula="bb / (aa - 20)", mistakes=[], where=["aa >= 20"])
    assert list(q.trial(200)), "one draw in twenty divides by zero"


def test_a_question_that_cannot_be_drawn_says_so() -> None:
    q = make("t", SIMPLE | {"where": ["aa > 100"]})
    with pytest.raises(LlmquizError, match="`n` cannot be asked: no draw"):
        q.asked("s")


def test_the_place_of_a_fault_is_told() -> None:
    f = load("quick.yaml", QUICK.read_bytes().replace(b"layers * per_layer\n", b"layers * oops\n"))
    said = "`layers * oops` has no value: 'oops' is not defined for expression 'layers * oops'"
    assert [str(p) for p in f.problems] == [f"quick.yaml:27:14: {said}"]


# reading


@pytest.mark.parametrize(
    ("said", "unit", "value"),
    [
        ("4.3e9", "B", 4.3e9),
        ("4.3 GB", "B", 4.3e9),
        ("4 GiB", "B", 2**32),
        ("4gb", "B", 4e9),
        ("４．３ＧＢ", "B", 4.3e9),
        ("40 亿", "parameter", 4e9),
        ("40亿参数", "parameter", 4e9),
        ("7B", "parameter", 7e9),
        ("7 B", "B", 7),
        ("±3.2%", "fraction", 0.032),
        ("3.2 个百分点", "fraction", 0.032),
        ("1152", "B", 1152),
        ("1/3", "fraction", 1 / 3),
        ("86%", "fraction", 0.86),
        ("百分之 8", "fraction", 0.08),
        ("1,024", "token", 1024),
        ("2^32", "B", 2**32),
        ("4.3×10⁹", "B", 4.3e9),
        ("4.3*10^9 字节", "B", 4.3e9),
        ("约 3 天", "s", 259200),
        ("~12ms", "s", 0.012),
        ("3 µs", "s", 3e-6),
        ("989 TFLOPS", "FLOP/s", 989e12),
        ("1.5E21", "FLOP", 1.5e21),
        ("16 Gbit", "bit", 16e9),
        ("1.2k tok/s", "token/s", 1200),
        ("4x", "x", 4),
        ("8 倍", "x", 8),
        ("4.5 bits", "bit/parameter", 4.5),
        (".5", "x", 0.5),
        ("12 条", "sequence", 12),
    ],
)
def test_numbers_as_people_write_them(said: str, unit: str, value: float) -> None:
    assert math.isclose(read(said, unit), value, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("said", "unit", "reason"),
    [
        ("16 Gb", "B", "that is bits; bytes are asked"),
        ("16 Gbit", "B", "that is bits; bytes are asked"),
        ("4 GB", "parameter", "that is bytes; a number of parameters is asked"),
        ("3 days", "B", "that is a time; bytes are asked"),
        ("86", "fraction", "a fraction is between 0 and 1: write it as in 0.86 / 86%"),
        ("24.3", "B", "24.3 of what? Give the unit, as in 4.3 GB"),
        ("18.3", "s", "18.3 of what? Give the unit, as in 12 ms"),
        ("", "B", "cannot read '' as a number: write it as in 4.3 GB"),
        ("four", "B", "cannot read"),
        ("4-5 GB", "B", "cannot read"),
        ("1/0", "x", "cannot read"),
        ("1e400", "B", "cannot read"),
        ("9" * 200, "B", "cannot read"),
        ("2^9999", "x", "cannot read"),
    ],
)
def test_what_cannot_be_read_is_told(said: str, unit: str, reason: str) -> None:
    with pytest.raises(Unreadable) as told:
        read(said, unit)
    assert told.value.said["en"].startswith(reason)  # type: ignore[index]
    assert told.value.said["zh"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        (2**32, "B", "4.295 GB (4 GiB)", "4.295 GB（4 GiB）"),
        (500, "B", "500 B", "500 B"),
        (8030261248, "parameter", "8.03B parameters", "80.3 亿参数"),
        (116534784, "parameter", "116.5M parameters", "1.165 亿参数"),
        (3.1e23, "FLOP", "3.1e23 FLOP", "3.1e23 FLOP"),
        (275000, "s", "3.183 days", "3.183 天"),
        (0.0123, "s", "12.3 ms", "12.3 毫秒"),
        (1 / 12, "fraction", "0.08333 (8.333%)", "0.08333（8.333%）"),
        (44040192, "parameter", "44.04M parameters", "4404 万参数"),
        (8192, "parameter", "8192 parameters", "8192 参数"),
        (8, "x", "8x", "8 倍"),
        (131072, "token", "131,072 tokens", "131,072 个 token"),
        (4.127, "bit/parameter", "4.127 bits/parameter", "4.127 bit/参数"),
    ],
)
def test_quantities_are_shown_in_a_scale_that_can_be_read(value: float, unit: str, en: str, zh: str) -> None:
    assert show(value, unit, "en") == en
    assert show(value, unit, "zh") == zh


@given(st.floats(1e-14, 1e29))
def test_a_shown_number_is_near_the_value(value: float) -> None:
    assert math.isclose(float(number(value).replace(",", "")), value, rel_tol=1e-3)


PIECES = [
    *string.printable,
    *"０１２３万亿％／×·⁰⁹⁻KkGgBbi字节",
    "e999",
    "^",
    "**",
    "10^",
    "GiB",
    "\x1b[2J",
    "\u202e",
    "__class__",
    "1" * 50,
]


def test_ten_thousand_hostile_answers_are_read_or_refused() -> None:
    rng = random.Random(7)
    for _ in range(10_000):
        said = "".join(rng.choices(PIECES, k=rng.randint(0, 12)))
        with contextlib.suppress(Unreadable):
            assert math.isfinite(read(said, rng.choice(list(UNITS))))


# formulas

ATOMS = [
    *("aa", "3", "2.5", "1e308", "10**10", "(", ")", "*", "**", "/", "//", "%", "+", "-", "<", "==", "if", "else", "and", "not", ","),
    *("sqrt(", "log(", "comb(", "max(", "round(", "__import__('os')", "aa.__class__", "[", "]", "{", "}", "'x'", "lambda:0", ";"),
    *("=", ":=", "9**9**9", "while", "f'{aa}'", "exec", "0x", "1j", "True", "None", "*args", "print(", "open("),
]


def test_ten_thousand_hostile_formulas_end_with_a_number_or_a_reason() -> None:
    rng = random.Random(11)
    for _ in range(10_000):
        formula = " ".join(rng.choices(ATOMS, k=rng.randint(1, 14)))
        with contextlib.suppress(FormulaError):
            assert math.isfinite(evaluate(formula, {"aa": 3}))


@pytest.mark.parametrize(
    "formula",
    [
        *("aa.real", "().__class__", "'x'*10", "[aa][0]", "open('x')", "print(1)", "1;2", "aa=3", "(aa:=3)", "True", "1j", "lambda:1"),
        *("9**9**9", "2**99999", "comb(10**6,5)", "max(*aa)", "log(-1)", "(-8)**0.5", "10**300*10**300", "1e999", "(" * 200, "aa" * 300),
    ],
)
def test_formulas_can_do_nothing_but_arithmetic(formula: str) -> None:
    with pytest.raises(FormulaError):
        evaluate(formula, {"aa": 3})


def test_formulas_that_are_meant() -> None:
    names = {"nn": 5, "kk": 2}
    assert evaluate("1 - comb(nn - kk, 2) / comb(nn, 2) if nn >= kk else 0", names) == pytest.approx(0.7)
    assert evaluate("ceil(log2(nn)) + floor(pi) + max(1, min(nn, kk))", names) == 8
    assert evaluate("nn ** kk % 7 // 2", names) == 2
