"""Changing one question in its file: the bytes of an item, and putting others in their place.

Invariant: every byte outside the item stays as it was; the file is written only after it has been parsed again and found
to differ in that item alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmquiz.bank.events import Map, Seq, parse
from llmquiz.bank.files import load
from llmquiz.bank.write import item_text, replace
from llmquiz.errors import LlmquizError

BLANK = " \t\r\n"  # what is blank to YAML: a no-break space is text


@dataclass(frozen=True, slots=True)
class Item:
    """One question in its file: the file's text before it, its own lines, the text after it, and its indent in columns."""

    path: Path
    before: str
    text: str
    after: str
    indent: int

    @property
    def shown(self) -> str:
        """The item as an editor shows it: from column 1, with plain line ends."""
        lines = self.text.replace("\r\n", "\n").split("\n")
        return "\n".join(line[self.indent :] if not line[: self.indent].strip(BLANK) else line for line in lines)

    def file_with(self, shown: str) -> bytes:
        """Return the file with `shown` in the item's place, in the file's own indent and line ends."""
        pad = " " * self.indent
        lines = [pad + line if line.strip(BLANK) else "" for line in shown.rstrip(BLANK).split("\n")]
        break_ = "\r\n" if "\r\n" in self.text else "\n"
        end = break_ if self.text.endswith("\n") else ""
        return (self.before + break_.join(lines) + end + self.after).encode()


def find(path: Path, card: str) -> Item:
    """Return the item of a question; raises LlmquizError where the file has none, or has it in brackets."""
    raw = path.read_bytes()
    value, found = parse(raw)
    questions = value.get("questions") if isinstance(value, Map) and not found else None
    position = next((i for i, q in enumerate(questions or ()) if isinstance(q, Map) and q.get("id") == card), None)
    if not isinstance(questions, Seq) or position is None:
        msg = f"{path}: no question `{card}` in this file"
        raise LlmquizError(msg)
    if questions.flow:
        msg = f"{path}: the questions are written in brackets; edit the file itself"
        raise LlmquizError(msg)
    return item_at(path, raw.decode("utf-8").splitlines(keepends=True), questions, position)


def item_at(path: Path, lines: list[str], questions: Seq, position: int) -> Item:
    """Return the item at a position of a block list, `lines` being those of its file."""
    indent = questions.mark.column
    first = _dash_line(lines, questions.items_at[position].line, indent)
    ends = [_dash_line(lines, questions.items_at[position + 1].line, indent)] if position + 1 < len(questions) else []
    last = _trim(lines, first, ends[0] if ends else _end_of_list(lines, first, indent), indent)
    return Item(path, "".join(lines[:first]), "".join(lines[first:last]), "".join(lines[last:]), indent)


def _dash_line(lines: list[str], line: int, indent: int) -> int:
    """Return the line of an item's dash: the item may begin on a later line than its dash."""
    while not lines[line][indent:].startswith("-"):
        line -= 1
    return line


def _end_of_list(lines: list[str], first: int, indent: int) -> int:
    """Return the line after the last item: the first one that is indented less, or the end."""
    for i in range(first + 1, len(lines)):
        text = lines[i].strip(BLANK)
        if text and not text.startswith("#") and len(lines[i]) - len(lines[i].lstrip(BLANK)) < indent + (indent == 0):
            return i
    return len(lines)


def _trim(lines: list[str], first: int, last: int, indent: int) -> int:
    """Leave blank lines, and comments that are not indented into the item, to what follows."""
    while last > first + 1:
        line = lines[last - 1]
        comment = line.lstrip(BLANK).startswith("#") and len(line) - len(line.lstrip(BLANK)) <= indent
        if line.strip(BLANK) and not comment:
            break
        last -= 1
    return last


def rewrite(item: Item, card: str, shown: str) -> Mapping[str, Any]:
    """Put an edited item in the place of the old one; return its new body. Raises LlmquizError, the file as it was."""
    new = item.file_with(shown)
    bank_file = load(str(item.path), new)
    problem = next((p for p in bank_file.problems if not p.warning), None)
    if problem:
        raise LlmquizError(str(problem))
    body = _changed(item, card, new)
    if body.get("id") != card:
        new_id = body.get("id")
        msg = f"the id changed from `{card}` to `{new_id}`: `llmquiz rename {card} {new_id}` does that and keeps the history"
        raise LlmquizError(msg)
    replace(item.path, new)
    return body


def rename(item: Item, card: str, new_id: str) -> None:
    """Give an item another id and note the old one under `was:`; the rest of it stays where its layout allows."""
    body = _bodies(parse(item.path.read_bytes())[0])[card]
    expected = {**body, "id": new_id, "was": [*body.get("was", ()), card]}
    inner = " " * (len(item.shown) - len(item.shown.lstrip("- ")))
    line = rf"(?m)^([- ]{{{len(inner)}}}id:)\s*[\"']?{re.escape(card)}[\"']?(?=\s|$)"
    shown = re.sub(line, rf"\g<1> {new_id}\n{inner}was: [{card}]", item.shown, count=1)
    for text in (shown, item_text(expected)):
        new = item.file_with(text)
        value, found = parse(new)
        if not found and _bodies(value).get(new_id) == expected:
            replace(item.path, new)
            return
    msg = f"{item.path}: `{card}` cannot be renamed in this layout; edit the file: id: {new_id}, was: [{card}]"
    raise LlmquizError(msg)


def remove(item: Item, card: str) -> None:
    """Take an item out of its file; a file that has no question left says so with an empty list."""
    before = _bodies(parse(item.path.read_bytes())[0])
    new = (item.before + item.after).encode()
    if len(before) == 1:
        head, _, tail = item.before.rpartition("questions:")
        new = f"{head}questions: []{tail}{item.after}".encode()
    after, found = parse(new)
    if found or _bodies(after) != {k: v for k, v in before.items() if k != card}:
        msg = f"{item.path}: `{card}` cannot be taken out by itself; edit the file"
        raise LlmquizError(msg)
    replace(item.path, new)


def _bodies(value: Any) -> dict[str, Any]:
    return {q["id"]: q for q in value["questions"]} if isinstance(value, Map) else {}


def _changed(item: Item, card: str, new: bytes) -> Mapping[str, Any]:
    """Return the body that took the place of `card`; raises LlmquizError where anything else changed too."""
    old_items = parse(item.path.read_bytes())[0]["questions"]
    new_items = parse(new)[0]["questions"]
    position = next(i for i, q in enumerate(old_items) if q["id"] == card)
    if len(new_items) != len(old_items) or any(a != b for i, (a, b) in enumerate(zip(old_items, new_items, strict=True)) if i != position):
        msg = "the text has to stay one question: one `- id:` item, indented like before"
        raise LlmquizError(msg)
    body: Mapping[str, Any] = new_items[position]
    return body
