"""The log as JSON lines: what is written is read back equal, and what is no event is told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from strategies import events, texts

from llmquiz.log import Log
from llmquiz.log.lines import Event, LineError, NewerLineError, from_line, to_line, to_lines
from llmquiz.model import Grade, Review
from llmquiz.schedulers.sm2 import SM2

AT = "2026-11-22T12:00:00.000000Z"
REVIEW = Event("reviews", ("a", AT, "2026-11-22", 4, 1.5, "study", "self", "zh", "答", "aaaaaaaa"))
LINE = (
    '{"v": 1, "event": "review", "card": "a", "at": "2026-11-22T12:00:00.000000Z", "day": "2026-11-22", "grade": 4, "seconds": 1.5, '
    '"mode": "study", "grader": "self", "lang": "zh", "answer": "答", "device": "aaaaaaaa"}'
)


def test_the_format_is_the_documented_one() -> None:
    assert to_line(REVIEW) == LINE
    assert from_line(LINE) == REVIEW


@given(events)
def test_an_event_comes_back_equal(event: Event) -> None:
    line = to_line(event)
    assert "\n" not in line
    assert from_line(line) == event
    assert to_line(from_line(line)) == line


@given(texts)
def test_any_text_is_an_event_or_is_told(text: str) -> None:
    with pytest.raises(LineError):
        from_line(text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"grade": 6}, "`grade` has to be a whole number from 0 to 5"),
        ({"grade": True}, "`grade`"),
        ({"grade": 4.0}, "`grade`"),
        ({"at": "2026-13-22T12:00:00.000000Z"}, "`at` has to be an instant"),
        ({"at": "2026-11-22T12:00:00Z"}, "`at`"),
        ({"at": "٢٠٢٦-11-22T12:00:00.000000Z"}, "`at`"),
        ({"day": "20261122"}, "`day` has to be a day"),
        ({"day": "9999-12-31"}, "`day`"),
        ({"seconds": float("nan")}, "`seconds`"),
        ({"seconds": 1e308}, "`seconds`"),
        ({"seconds": -1}, "`seconds`"),
        ({"mode": ["study"]}, "`mode` has to be one of study, drill, interview"),
        ({"card": ""}, "`card`"),
        ({"answer": "\ud800"}, "`answer` has to be a text"),
        ({"more": 1}, "unknown key `more`"),
        ({"event": "grade"}, "`event` has to be one of review, undo, mark"),
        ({"event": ["review"]}, "`event` has to be"),
        ({"v": "1"}, "a version"),
        ({"v": True}, "a version"),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, object], said: str) -> None:
    with pytest.raises(LineError, match=said):
        from_line(json.dumps(json.loads(LINE) | change))


@pytest.mark.parametrize("line", ["", "[]", "null", "{", LINE[:-1], LINE + LINE, "[" * 100_000, "1" * 5000, "\x00"])
def test_garbage_is_told(line: str) -> None:
    with pytest.raises(LineError, match="not a JSON object"):
        from_line(line)


def test_a_missing_key_is_told() -> None:
    with pytest.raises(LineError, match="`answer` is missing"):
        from_line(json.dumps({k: v for k, v in json.loads(LINE).items() if k != "answer"}))


def test_a_newer_line_is_refused_whatever_it_holds() -> None:
    with pytest.raises(NewerLineError, match=r"newer llmquiz \(format 2, this one knows 1\). Upgrade"):
        from_line('{"v": 2, "event": "cram"}')


def test_a_log_is_its_lines_in_order_of_time(tmp_path: Path) -> None:
    log = Log(tmp_path / "c.db", SM2())
    late = log.append(Review("b", "2026-11-23T12:00:00.000000Z", date(2026, 11, 23), Grade.GOOD))
    log.append(Review("a", AT, date(2026, 11, 22), Grade.GOOD))
    log.mark("b", "flagged", "1", AT)
    log.undo("b", late.at, "2026-11-24T12:00:00.000000Z")
    lines = list(to_lines(log))
    log.close()
    found = [from_line(line) for line in lines]
    assert [(e.name, e.row[0]) for e in found] == [("mark", "b"), ("review", "a"), ("review", "b"), ("undo", "b")]
    assert [e.stamp for e in found] == sorted(e.stamp for e in found)
    assert '"undone": true' in lines[-1]
