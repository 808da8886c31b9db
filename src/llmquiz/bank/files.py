"""A bank file: from its bytes to questions and located problems.

Invariant: what is right is kept, what is wrong is told; one bad item never costs the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from llmquiz.bank.events import START, Map, Seq, locate, parse
from llmquiz.model import Problem
from llmquiz.questions import LANGUAGES, Question, check_item, make
from llmquiz.questions.fields import TEXT, Fault, Key, unknown, within

HEAD = ("topic", "title", "questions")


class BankFile(NamedTuple):
    """A parsed bank file: its questions with the place of each, and its problems."""

    path: str
    topic: str
    title: Mapping[str, str]
    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]


def load(path: str, raw: bytes) -> BankFile:
    """Parse and check the bytes of a bank file; what is right is kept, what is wrong is told."""
    stem = Path(path).stem
    value, found = parse(raw)
    problems = [Problem(path, *at, message) for at, message in found]
    title: Mapping[str, str] = {}
    questions: list[Question] = []
    if value is None:
        if not problems:
            problems.append(Problem(path, *START, "empty: a bank file is a mapping with `questions:`"))
    elif not isinstance(value, Map) or not isinstance(value.get("questions"), Seq):
        problems.append(
            Problem(path, *locate(value, ("questions",)), "no list of questions: a bank file is a mapping with `questions:` and a list")
        )
    else:
        problems += [Problem(path, *locate(value, where), message) for where, message in _head(value, stem)]
        raw_title = value.get("title", stem)
        title = dict(raw_title) if isinstance(raw_title, Mapping) else dict.fromkeys(LANGUAGES, str(raw_title))
        questions = _questions(path, stem, value["questions"], problems)
    return BankFile(path, stem, title, tuple(questions), tuple(sorted(problems)))


def _head(value: Map, stem: str) -> Iterator[Fault]:
    for name in value:
        if name not in HEAD:
            yield (Key(name),), unknown("key", name, HEAD)
    if "topic" in value and value["topic"] != stem:
        yield ("topic",), f"topic {value['topic']!r} is not the file's name: rename the file, or write `topic: {stem}`"
    if "title" in value:
        yield from within("title", TEXT.check(value["title"]))


def _questions(path: str, topic: str, items: Seq, problems: list[Problem]) -> list[Question]:
    """Return each question without a fault, the first of an id; add the faults of the others to `problems`."""
    first: dict[str, int] = {}
    out = []
    for i, item in enumerate(items):
        if faults := check_item(item):
            problems += [Problem(path, *locate(items, (i, *where)), message) for where, message in faults]
        elif (card := item["id"]) in first:
            line = locate(items, (first[card],))[0]
            problems.append(Problem(path, *locate(item, ("id",)), f"duplicate id `{card}`: first given in line {line}"))
        else:
            first[card] = i
            out.append(make(topic, item))
    return out
