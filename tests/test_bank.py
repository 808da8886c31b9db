"""Loading banks: every problem with its place, nothing raised for bad content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import SMALL
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from llmquiz.bank.check import load_bank
from llmquiz.bank.events import DEEPEST, parse
from llmquiz.bank.files import load
from llmquiz.bank.folders import LARGEST, listing, read
from llmquiz.collection import shipped_bank
from llmquiz.questions import file_schema

HEAD = "topic: t\nquestions:\n"
GOOD = "  - id: good\n    question: Q?\n    answer: A.\n"


def said(text: str | bytes, name: str = "t") -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    return [str(p) for p in load(f"{name}.yaml", raw).problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "t.yaml:1:1: empty: a bank file is a mapping with `questions:`"),
        ("# nothing\n", "t.yaml:1:1: empty: a bank file is a mapping with `questions:`"),
        ("- a\n", "t.yaml:1:1: no list of questions: a bank file is a mapping with `questions:` and a list"),
        ("questions: 3\n", "t.yaml:1:12: no list of questions: a bank file is a mapping with `questions:` and a list"),
        ("topic: u\nquestions: []\n", "t.yaml:1:8: topic 'u' is not the file's name: rename the file, or write `topic: t`"),
        ("topics: t\nquestions: []\n", "t.yaml:1:1: unknown key 'topics': did you mean `topic`?"),
        ("title: {en: 3}\nquestions: []\n", "t.yaml:1:13: '3' where text is meant: put it in quotes"),
        (HEAD + "  - id: a\n    question: [x\n", "not YAML"),
        (HEAD + "\t- id: a\n", "t.yaml:3:1: not YAML"),
        (
            HEAD + "  - id: a\n    question: Q?\n",
            "t.yaml:3:5: question has no `answer`: the whole answer, in Markdown; LaTeX between $...$",
        ),
        (HEAD + "  - question: Q?\n    answer: A.\n", "t.yaml:3:5: question has no `id`"),
        (HEAD + GOOD + "    id: again\n", "t.yaml:6:5: duplicate key `id`: first given in line 3"),
        (HEAD + GOOD + GOOD, "t.yaml:6:9: duplicate id `good`: first given in line 3"),
        (HEAD + GOOD + "    levl: 2\n", "t.yaml:6:5: unknown key 'levl': did you mean `level`?"),
        (HEAD + GOOD + "    level: high\n", "t.yaml:6:12: 'high' is not a whole number from 1 to 5"),
        (HEAD + GOOD + "    level: 9\n", "t.yaml:6:12: '9' is not a whole number from 1 to 5"),
        (HEAD + GOOD + "    level: true\n", "t.yaml:6:12: true (a true/false value) is not a whole number from 1 to 5"),
        (HEAD + GOOD + "    kind: opne\n", "t.yaml:6:11: unknown kind 'opne': did you mean `open`?"),
        (HEAD + GOOD + "    kind: [open]\n", "t.yaml:6:11: unknown kind"),
        (HEAD + GOOD + "    short: yes\n", "t.yaml:6:12: true (a true/false value) where text is meant: put it in quotes"),
        (HEAD + GOOD + "    short: 1\n", "t.yaml:6:12: '1' where text is meant: put it in quotes"),
        (HEAD + GOOD + "    short: 2026-01-01\n", "t.yaml:6:12: '2026-01-01' where text is meant: put it in quotes"),
        (HEAD + GOOD + "    short:\n", "t.yaml:6:11: nothing where text is meant"),
        (HEAD + GOOD + "    short: ''\n", "t.yaml:6:12: empty text"),
        (HEAD + GOOD + "    short: {}\n", "t.yaml:6:12: empty: give a text, or one for each language (en, zh)"),
        (HEAD + GOOD + "    short: [a]\n", "t.yaml:6:12: a list where text is meant"),
        (HEAD + GOOD + "    short: {en: a, cn: b}\n", "t.yaml:6:20: unknown language 'cn': known are en, zh"),
        (HEAD + GOOD + "    tags: easy\n", "t.yaml:6:11: 'easy' where a list is meant"),
        (HEAD + GOOD + "    tags: [1]\n", "t.yaml:6:12: '1' where text is meant: put it in quotes"),
        (HEAD + GOOD + "    points: [{en: a, must: yep}]\n", "t.yaml:6:28: 'yep' is not true or false"),
        (
            HEAD + GOOD + "    points: [{text: a, en: b}]\n",
            "t.yaml:6:24: `en` beside `text`: give either one text or one for each language",
        ),
        (HEAD + GOOD + "    points: [{must: true}]\n", "t.yaml:6:14: empty: give a text"),
        (HEAD + GOOD + "    sources: [{where: s}]\n", "t.yaml:6:15: source has none of `arxiv`, `url`, `title`: give at least one"),
        (HEAD + GOOD + "    sources: [{arxiv: 1706.03762}]\n", "t.yaml:6:23: '1706.03762' where text is meant: put it in quotes"),
        (HEAD + GOOD + "    sources: [paper]\n", "'paper' where a mapping (arxiv, url, title, where) is meant"),
        (HEAD + GOOD + "    follow_ups: [Bad Id]\n", "t.yaml:6:18: 'Bad Id' is not a slug: lower-case letters, digits, hyphens"),
        (HEAD + "  - &x {id: a}\n", "t.yaml:3:5: an anchor (`&x`): bank files do not use them; write the text twice"),
        (HEAD + "  - *x\n", "an alias (`*x`): bank files do not use them; write the text twice"),
        (HEAD + "  - {<<: {id: a}}\n", "t.yaml:3:6: a merge key (`<<`): bank files do not use them"),
        (
            HEAD + "  - !!python/object:os.system {}\n",
            "t.yaml:3:5: a tag (`tag:yaml.org,2002:python/object:os.system`): bank files do not use them",
        ),
        (HEAD + "  - ? [a]\n    : b\n", "t.yaml:3:7: a list, mapping or alias as a key: keys are plain words"),
        (HEAD + "  - " + "[" * (DEEPEST + 5), f"nested deeper than {DEEPEST} levels"),
        (HEAD + "  - a\n---\nb\n", "t.yaml:4:1: a second document (`---`): a bank file has one"),
        (HEAD + "  - just text\n", "'just text' where a mapping"),
    ],
)
def test_every_problem_has_its_place(text: str, expected: str) -> None:
    assert any(expected in s for s in said(text)), said(text)


def test_not_utf8_names_line_and_byte() -> None:
    assert said(b"topic: t\nquestions: \xff\n") == ["t.yaml:2:12: not UTF-8: byte 0xff. Save the file as UTF-8"]


def test_a_control_character_is_placed_by_characters_not_bytes() -> None:
    (problem,) = said("topic: small\n# 注意力机制\ntitle: 注意力\x07机制\n")
    assert ":3:11:" in problem


def test_a_control_character_is_told_with_its_place() -> None:
    (problem,) = said(HEAD + "  - id: a\x07\n")
    assert problem.startswith("t.yaml:3:")
    assert "U+0007" in problem or "control characters" in problem


def test_one_bad_question_does_not_cost_the_others() -> None:
    bank = load("t.yaml", (HEAD + GOOD + "  - id: bad\n    question: 1\n    answer: A.\n" + GOOD.replace("good", "better")).encode())
    assert [q.id for q in bank.questions] == ["good", "better"]
    assert len(bank.problems) == 1


def test_plain_words_that_yaml_would_type_stay_text_where_they_are_no_type() -> None:
    value, found = parse(b"a: 12:30\nb: 2026-13-45\nc: '1'\nd: 1.5\ne: ~\nf: 0x1F\n")
    assert found == []
    assert value == {"a": "12:30", "b": "2026-13-45", "c": "1", "d": 1.5, "e": None, "f": 31}


plain = st.recursive(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])) | st.integers(-(10**6), 10**6) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_parsing_agrees_with_pyyaml(value: object) -> None:
    got, found = parse(yaml.safe_dump(value, allow_unicode=True).encode())
    assert found == []
    assert got == value


@given(st.binary(max_size=300) | st.text("-:[]{}&*!|>'\"#%@`?, \n\tab1", max_size=200).map(str.encode))
@example(b"%YAML 9.9\n---\n")
@example(b"a: !<tag:x> b")
@example(b"? ")
def test_no_bytes_make_loading_raise(raw: bytes) -> None:
    for problem in load("x.yaml", raw).problems:
        assert problem.line >= 1
        assert problem.column >= 1


def test_ten_megabytes_are_refused_in_one_line(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (LARGEST + 1))
    assert [str(p) for p in read(str(big))[1]] == [f"{big}: 8 MiB is too large for a bank file (at most 8 MiB): split it by topic"]
    bank = load_bank([tmp_path])
    assert len(bank.problems) == 1


def test_deep_nesting_of_megabytes_ends_at_once() -> None:
    assert "nested deeper" in said("[" * 1_000_000)[0]


def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    found, problems = listing(tmp_path / "nowhere")
    assert found == []
    assert "bank folder cannot be read: No such file or directory" in str(problems[0])


def test_hidden_files_and_others_are_passed_over(tmp_path: Path) -> None:
    for name in (".hidden.yaml", "notes.txt", "a.yaml", "b.yml"):
        (tmp_path / name).write_text("questions: []\n")
    assert [Path(e.path).name for e in listing(tmp_path)[0]] == ["a.yaml", "b.yml"]


def test_checks_across_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "questions:\n"
        "  - {id: a, question: {en: Q, zh: 问}, answer: {en: A}, follow_ups: [b, nowhere, a]}\n"
        "  - {id: b, question: Q, answer: A, follow_ups: [a], was: [old, a]}\n"
    )
    (tmp_path / "b.yaml").write_text("questions:\n  - {id: a, question: Q, answer: A}\n  - {id: c, question: Q, answer: A, was: [old]}\n")
    text = "\n".join(str(p) for p in load_bank([tmp_path], lenient=[tmp_path]).problems).replace(str(tmp_path) + "/", "")
    assert text.split("\n") == [
        "a.yaml:2:47: warning: no `zh` text, but the question has one",
        "a.yaml:2:69: `a` and `b` follow up on each other: drop one of the two",
        "a.yaml:2:72: unknown follow-up 'nowhere': known are a, b, c",
        "a.yaml:2:81: `a` follows up on itself",
        "a.yaml:3:65: former id `a` is in use by a question",
        "b.yaml:2:10: duplicate id `a`: first given in a.yaml:2",
        "b.yaml:3:43: former id `old` is claimed by `b` too",
    ]


def test_the_schema_accepts_what_loads_and_refuses_what_does_not() -> None:
    validator = Draft202012Validator(file_schema())
    Draft202012Validator.check_schema(file_schema())
    good = json.loads(json.dumps(yaml.safe_load(SMALL)))
    assert list(validator.iter_errors(good)) == []
    bad: dict[str, Any]
    for bad in (
        {"questions": [{"id": "x", "question": "q"}]},
        {"questions": [{"id": "x", "question": 1, "answer": "a"}]},
        {"question": []},
    ):
        assert list(validator.iter_errors(bad))


def test_the_shipped_bank_has_no_problem_and_no_warning() -> None:
    bank = load_bank([shipped_bank()])
    assert [str(p) for p in bank.problems] == []
    assert len(bank.questions) >= 40
