"""Choice questions: what is right, whatever the order, and how picks are judged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmquiz.questions import Question, Unreadable, check_item, make
from llmquiz.questions.choice import Choice

TEXTS = st.lists(st.text(min_size=1).filter(str.strip), min_size=2, max_size=9, unique=True)


def choice(texts: list[str], right: set[int]) -> Question:
    options = [{"text": t, "why": f"because {t}"} | ({"correct": True} if i in right else {}) for i, t in enumerate(texts)]
    return make("t", {"id": "q", "kind": "choice", "question": "Which?", "options": options})


@given(TEXTS, st.data(), st.text())
def test_shuffling_never_changes_what_is_right(texts: list[str], data: st.DataObject, seed: str) -> None:
    right = data.draw(st.sets(st.integers(0, len(texts) - 1), min_size=1, max_size=len(texts) - 1))
    asked = choice(texts, right).asked(seed)
    shown = list(asked.options("en"))
    assert sorted(shown) == sorted(t.strip() for t in texts)
    said = " ".join(str(i + 1) for i, o in enumerate(asked.body["options"]) if o["text"] in {texts[j] for j in right})
    assert asked.judge(said, "en").grade == 5
    assert asked.judge(said, "en", slow=True).grade == 4
    assert asked.asked(seed).body != asked.body or len(texts) > 1
    assert choice(texts, right).asked(seed) == asked, "a redraw is the same"


@pytest.mark.parametrize(
    ("said", "grade"),
    [("1 2", 5), ("2,1", 5), ("1、2", 5), ("1", 2), ("2", 2), ("1 3", 1), ("1 2 3", 1), ("4", 1), ("", 1)],
)
def test_several_right_ones(said: str, grade: int) -> None:
    assert choice(["a", "b", "c", "d"], {0, 1}).judge(said, "en").grade == grade


@pytest.mark.parametrize("said", ["0", "5", "x", "1 x", "-1", "1 2", "99999999999999", "²"])
def test_what_is_no_pick_is_asked_again(said: str) -> None:
    with pytest.raises(Unreadable) as told:
        choice(["a", "b", "c", "d"], {0}).judge(said, "en")
    assert set(told.value.said) == {"en", "zh"}


def test_the_answer_side_says_why_of_every_option() -> None:
    q = choice(["a", "b"], {1})
    assert "✗ **a**  \n   because a" in q.back("en")
    assert "✓ **b**  \n   because b" in q.back("en")
    assert q.judge("1", "en").stored == "a"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "0 options"),
        ([{"text": "a", "why": "w"}] * 10, "10 options"),
        ([{"text": "a", "why": "w"}] * 3, "no option is `correct: true`"),
        ([{"text": "a", "why": "w", "correct": True}] * 3, "every option is `correct: true`"),
        ([{"text": "a"}, {"text": "b", "why": "w", "correct": True}], "option has no `why`"),
        ([{"text": "a", "why": "w", "right": True}], "unknown key 'right'"),
        ("a, b", "where a list is meant"),
    ],
)
def test_faults_are_told(options: Any, said: str) -> None:
    faults = list(check_item({"id": "q", "kind": "choice", "question": "Which?", "options": options}))
    assert any(said in message for _, message in faults), faults


def test_the_seed_decides_the_order() -> None:
    q = choice([str(i) for i in range(6)], {0})
    orders = {tuple(q.asked(f"card {n}").options("en")) for n in range(30)}
    assert len(orders) > 20
    assert isinstance(q.asked("x"), Choice)
