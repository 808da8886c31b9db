"""What is drawn ahead is shown only for what it was drawn for, and never by two threads at once."""

from __future__ import annotations

import threading

import pytest

from llmquiz.cli.study_ahead import Ahead


def test_what_is_ready_is_not_drawn_again() -> None:
    drawn: list[str] = []
    ahead = Ahead()
    ahead.begin("a", lambda: drawn.append("in the thread") or "text")  # type: ignore[func-returns-value]
    assert ahead.take("a", lambda: "drawn again") == "text"
    assert ahead.take("a", lambda: "drawn again") == "text"
    assert drawn == ["in the thread"]


def test_another_width_or_text_is_drawn_anew() -> None:
    ahead = Ahead()
    ahead.begin(("text", 80), lambda: "wide")
    assert ahead.take(("text", 40), lambda: "narrow") == "narrow"
    assert ahead.take(("text", 40), lambda: "again") == "narrow"


def test_an_error_is_raised_where_the_answer_is_asked_for() -> None:
    def fails() -> str:
        raise ValueError("no")  # noqa: EM101

    ahead = Ahead()
    ahead.begin("a", fails)
    with pytest.raises(ValueError, match="no"):
        ahead.take("a", fails)
    assert ahead.take("a", lambda: "mended") == "mended"


def test_one_at_a_time() -> None:
    going, most, gate = [0], [0], threading.Event()

    def draw() -> str:
        going[0] += 1
        most[0] = max(most[0], going[0])
        gate.wait(0.05)
        going[0] -= 1
        return "x"

    ahead = Ahead()
    for key in range(3):
        ahead.begin(key, draw)
    assert ahead.take(9, draw) == "x"
    assert most == [1]
