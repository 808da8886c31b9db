"""Appending questions: one more item, every other byte as it was, or nothing at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmquiz.bank.events import parse
from llmquiz.bank.write import append, item_text, replace
from llmquiz.errors import LlmquizError

BODY = {"id": "new", "question": {"en": "Why?", "zh": "为什么？"}, "answer": "Because:\n\n- one\n- two"}
HOSTILE = (
    "---", "...", "- a", "a: b", "#x", " lead", "trail ", "\ttab", "a\r\nb", "yes", "1", "2026-01-01", "null", "'\"",
    "\u202eabc", "👩‍💻", "\x85", "|", ">", "a\n b\n", "\n\na", "%x", "@x", "`x`", "x\n---\ny",
)  # fmt: skip
hostile = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.sampled_from(HOSTILE)


def test_a_new_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "topic.yaml"
    append(path, BODY)
    value, found = parse(path.read_bytes())
    assert found == []
    assert value == {"topic": "topic", "questions": [BODY]}


def test_comments_and_layout_stay_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    before = (
        "# mine\ntopic: t   # a comment\n\nquestions:\n    -   id: a\n        question: Q   # why\n"
        "        answer: >-\n            folded\n            text\n# the end"
    )
    path.write_text(before)
    append(path, BODY)
    after = path.read_text()
    assert after.startswith(before + "\n")
    assert parse(after.encode())[0]["questions"][1] == BODY
    assert "        answer: |-" in after or "      answer: |-" in after


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(b"questions:\r\n- id: a\r\n  question: Q\r\n  answer: A\r\n")
    append(path, BODY)
    raw = path.read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert parse(raw)[0]["questions"][1] == BODY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("questions:\n- {id: a, question: Q, answer: A}\ntitle: T\n", "`questions:` has to be its last key"),
        ("questions: [{id: a, question: Q, answer: A}]\n", "`questions:` has to be its last key, with a block list"),
        ("questions: [\n", "not YAML"),
        ("questions:\n- {id: a, question: 1, answer: A}\n", "t.yaml:2:21: '1' where text is meant"),
    ],
)
def test_what_cannot_be_appended_to_stays_as_it_is(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(text)
    with pytest.raises(LlmquizError, match=r"t\.yaml") as caught:
        append(path, BODY)
    assert message in str(caught.value)
    assert path.read_text() == text
    assert [p.name for p in tmp_path.iterdir()] == ["t.yaml"]


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "t.yaml"
    real.write_text("questions: []\n")
    real.chmod(0o640)
    link.symlink_to(real)
    append(link, BODY)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert parse(real.read_bytes())[0]["questions"] == [BODY]


@given(hostile, hostile, st.lists(hostile, max_size=3))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, question: str, answer: str, tags: list[str]) -> None:
    path = tmp_path_factory.mktemp("w") / "t.yaml"
    body = {"id": "x", "question": question, "answer": {"en": answer}, "tags": tags}
    append(path, {"id": "first", "question": "Q", "answer": "A"})
    first = path.read_bytes()
    append(path, body)
    assert path.read_bytes().startswith(first)
    assert parse(path.read_bytes())[0]["questions"][1] == body


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_a_pipe_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "config.toml").symlink_to(tmp_path / "pipe")
    with pytest.raises(LlmquizError, match="not a file, but a pipe or a device"):
        replace(tmp_path / "config.toml", b"lang = 'zh'")
    assert (tmp_path / "pipe").is_fifo()
    assert len(list(tmp_path.iterdir())) == 2


def test_items_are_written_as_people_write_them() -> None:
    text = item_text({"answer": "Two lines:\nhere.\n", "tags": ["a", "b"], "id": "x", "question": {"zh": "为什么？"}})
    assert text == "- id: x\n  tags:\n    - a\n    - b\n  question:\n    zh: 为什么？\n  answer: |\n    Two lines:\n    here.\n"
