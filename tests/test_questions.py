"""Questions: their faces, their languages, what a rubric suggests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmquiz.questions import KINDS, Point, check_item, kind_of, make, say, suggest
from llmquiz.questions.base import source_line
from llmquiz.questions.fields import unknown

ITEM = {
    "id": "q",
    "question": {"en": "Why?", "zh": "为什么？"},
    "short": {"en": "Because.", "zh": "因为。"},
    "answer": {"en": "It is **so**.", "zh": "就是**这样**。"},
    "points": [{"en": "one", "zh": "一", "must": True}, "two", {"text": "three", "must": False}],
    "pitfalls": [{"en": "never", "zh": "绝不"}],
    "sources": [{"arxiv": "1706.03762", "title": "Vaswani et al.", "where": "section 3"}],
    "as_of": "2026-11",
}


def test_faces_in_each_language() -> None:
    assert list(check_item(ITEM)) == []
    q = make("t", ITEM)
    assert q.front("en") == "Why?"
    assert q.front("both") == "Why?\n\n为什么？"
    assert q.back("zh") == (
        "**一句话**\n\n因为。\n\n**详细回答**\n\n就是**这样**。\n\n**常见错误**\n\n- 绝不\n\n"
        "**出处 (截至 2026-11)**\n\n- Vaswani et al., section 3 <https://arxiv.org/abs/1706.03762>"
    )
    both = q.back("both")
    assert both.count("\n---\n") == 1
    assert "It is **so**." in both
    assert "就是**这样**。" in both


def test_a_question_of_one_language_is_shown_in_any() -> None:
    q = make("t", {"id": "q", "question": "Why?", "answer": {"zh": "因为"}})
    assert [q.front(x) for x in ("en", "zh", "both")] == ["Why?"] * 3
    assert say({"en": "JAX / vLLM", "zh": "JAX / vLLM"}, "both") == "JAX / vLLM", "said once"
    assert [q.back(x) for x in ("en", "zh", "both")] == ["因为"] * 3


def test_a_plain_question_has_modest_defaults() -> None:
    q = make("t", {"id": "q", "question": "Why?", "answer": "So."})
    assert (q.level, q.tags, q.follow_ups, q.was, q.kind) == (2, (), (), (), "open")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ({"url": "https://x.org"}, "<https://x.org>"),
        ({"title": "A book", "where": "chapter 2"}, "A book, chapter 2"),
        ({"arxiv": "2305.13245"}, "<https://arxiv.org/abs/2305.13245>"),
    ],
)
def test_source_lines(source: dict[str, str], line: str) -> None:
    assert source_line(source) == line


M, N = Point("must", must=True), Point("nice", must=False)


@pytest.mark.parametrize(
    ("points", "ticked", "grade"),
    [
        ((M, M, N, N, N), set(), None),
        ((M, M, N, N, N), {0, 1, 2, 3, 4}, 5),
        ((M, M, N, N, N), {0, 1, 2, 3}, 4),
        ((M, M, N, N, N), {0, 1, 2}, 3),
        ((M, M, N, N, N), {0, 1}, 3),
        ((M, M, N, N, N), {0, 2, 3, 4}, 2),
        ((M, M, N, N, N), {0}, 1),
        ((N, N, N), {0, 1}, 4),
        ((N, N, N), {0}, 3),
        ((M,), {0}, 5),
        ((), {0}, None),
    ],
)
def test_suggestions(points: tuple[Point, ...], ticked: set[int], grade: int | None) -> None:
    assert suggest(points, ticked) == grade


@given(st.lists(st.sampled_from([M, N]), max_size=9).map(tuple), st.sets(st.integers(0, 9)), st.integers(0, 9))
def test_saying_more_never_lowers_the_suggestion(points: tuple[Point, ...], ticked: set[int], more: int) -> None:
    assert (suggest(points, ticked) or 0) <= (suggest(points, ticked | {more}) or 0)


@given(
    st.dictionaries(st.sampled_from(["en", "zh"]), st.text(min_size=1).filter(str.strip), min_size=1), st.sampled_from(["en", "zh", "both"])
)
def test_there_is_always_something_to_say(text: dict[str, str], lang: str) -> None:
    assert say(text, lang)


def test_the_nearest_name_is_offered() -> None:
    assert unknown("topic", "atention", ["attention", "moe"]) == "unknown topic 'atention': did you mean `attention`?"
    assert unknown("topic", "xyz", ["attention", "moe"]) == "unknown topic 'xyz': known are attention, moe"
    assert unknown("id", "xyz", [str(i) for i in range(100)]) == "unknown id 'xyz'"


def test_every_kind_is_known_by_its_name() -> None:
    assert all(kind_of(name).kind == name for name in KINDS)
