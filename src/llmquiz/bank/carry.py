"""Items and titles of bank files by their text: what sync carries from one machine to another, comments included.

Invariant: a file is written only after it has been parsed again and found to differ in the item or the title alone; a
file that does not parse is told, never taken for one without questions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from llmquiz.bank.edit import BLANK, Item, item_at
from llmquiz.bank.events import Map, Seq, parse
from llmquiz.bank.files import load
from llmquiz.bank.write import item_text, replace
from llmquiz.disk import there
from llmquiz.errors import LlmquizError
from llmquiz.model import Problem
from llmquiz.questions import Text

CONFLICT = re.compile(r"(.+)-conflict-[0-9a-f]{8}")  # the id under which the other of two edits of a question is kept


class Carried(NamedTuple):
    """What of a bank file travels: its title, None without one, and the text of each item, by id."""

    title: Text | None
    items: Mapping[str, str]


def read(path: Path) -> Carried:
    """Return what of a bank file travels; raises LlmquizError with the place of what is wrong with the file."""
    raw = path.read_bytes()
    value, questions = _parsed(path, raw)
    lines = raw.decode("utf-8").splitlines(keepends=True)
    items: dict[str, str] = {}
    for i, q in enumerate(questions):
        card = q.get("id") if isinstance(q, Map) else None
        if not isinstance(card, str) or card in items:
            at = questions.items_at[i]
            said = f"duplicate id `{card}`" if isinstance(card, str) else "question has no `id`"
            raise LlmquizError(str(Problem(str(path), at.line + 1, at.column + 1, said)))
        items[card] = normal(item_text(q) if questions.flow else item_at(path, lines, questions, i).shown)
    title = value.get("title")
    return Carried(title if isinstance(title, (str, dict)) else None, items)


def normal(text: str) -> str:
    """Return the text of an item as it comes back from a file that it is written to."""
    return "\n".join(line if line.strip(BLANK) else "" for line in text.split("\n")).rstrip(BLANK)


def _parsed(path: Path, raw: bytes) -> tuple[Map, Seq]:
    value, found = parse(raw)
    if found:
        at, message = found[0]
        raise LlmquizError(str(Problem(str(path), *at, message)))
    questions = value.get("questions") if isinstance(value, Map) else None
    if not isinstance(value, Map) or not isinstance(questions, Seq):
        msg = f"{path}: no list of questions"
        raise LlmquizError(msg)
    return value, questions


def body(text: str, card: str) -> dict[str, Any]:
    """Return the mapping of an item's text; raises LlmquizError where the text is not that one question."""
    value, found = parse(f"{text}\n".encode())
    if found or not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict) or value[0].get("id") != card:
        msg = f"`{card}`: what came is not one question of that id"
        raise LlmquizError(msg)
    return dict(value[0])


def renamed(text: str, card: str, new_id: str) -> str:
    """Return the text of an item under another id, as a question of its own: it replaces none and has no former ids."""
    old = body(text, card)
    new = {k: v for k, v in old.items() if k not in ("was", "replaces")} | {"id": new_id}
    shown = re.sub(rf"(?m)^([- ]*id:)\s*[\"']?{re.escape(card)}[\"']?(?=\s|$)", rf"\g<1> {new_id}", text, count=1)
    value, found = parse(f"{shown}\n".encode())
    return shown if not found and value == [new] else normal(item_text(new))


def add(path: Path, items: Mapping[str, str]) -> None:
    """Put items, by id, at the end of a bank file, which is made where there is none; raises LlmquizError, the file as it was."""
    wanted = [body(text, card) for card, text in items.items()]
    old = path.read_bytes() if there(path) else f"topic: {path.stem}\nquestions: []\n".encode()
    value, questions = _parsed(path, old)
    new = _place(path, old, questions).file_with("\n".join(items.values()))
    _replace(path, new, {**value, "questions": [*questions, *wanted]})


def _place(path: Path, old: bytes, questions: Seq) -> Item:
    """Return an empty item after the last one."""
    lines = old.decode("utf-8").splitlines(keepends=True)
    break_ = "\r\n" if "\r\n" in lines[0] else "\n"
    if questions and not questions.flow:
        last = item_at(path, lines, questions, len(questions) - 1)
        return Item(path, last.before + last.text.rstrip("\r\n") + break_, break_, last.after, last.indent)
    head, bracket, tail = old.decode("utf-8").rpartition("[]")
    if questions or not bracket:
        msg = f"{path}: the questions are written in brackets; edit the file itself"
        raise LlmquizError(msg)
    return Item(path, head.rstrip(" ") + break_, break_, tail.lstrip("\r\n"), 2)


def set_title(path: Path, title: Text | None) -> None:
    """Give a bank file another title, or none; raises LlmquizError, the file as it was."""
    raw = path.read_bytes()
    value, _ = _parsed(path, raw)
    lines = raw.decode("utf-8").splitlines(keepends=True)
    first, last = _lines_of(value, "title", lines)
    dumped = yaml.dump({"title": title}, default_flow_style=None, allow_unicode=True, sort_keys=False, width=10**6)
    new = "".join([*lines[:first], dumped if title is not None else "", *lines[last:]])
    rest = {k: v for k, v in value.items() if k != "title"}
    _replace(path, new.encode(), rest if title is None else rest | {"title": title})


def _lines_of(value: Map, key: str, lines: list[str]) -> tuple[int, int]:
    """Return the lines of a key of the file, from one to before the other; without that key the place after `topic`."""
    if key not in value:
        at = _lines_of(value, "topic", lines)[1] if "topic" in value else min(m.line for m in value.keys_at.values())
        return at, at
    first = value.keys_at[key].line
    last = min((m.line for m in value.keys_at.values() if m.line > first), default=len(lines))
    while last > first + 1 and (not lines[last - 1].strip(BLANK) or lines[last - 1].startswith("#")):
        last -= 1
    return first, last


def _replace(path: Path, new: bytes, expected: Mapping[str, Any]) -> None:
    """Write a file that says what is expected and has no fault."""
    problem = next((p for p in load(str(path), new).problems if not p.warning), None)
    if problem:
        raise LlmquizError(str(problem))
    if parse(new)[0] != expected:
        msg = f"{path}: the change cannot be made in this layout; edit the file itself"
        raise LlmquizError(msg)
    replace(path, new)
