"""From what the learner gives to the body of a question: options, a file, standard input.

Invariant: nothing is written here; a body that leaves this module is checked by `Collection.add` like any other.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Collection as Names
from pathlib import Path
from typing import Any

from llmquiz.bank.folders import LARGEST
from llmquiz.errors import LlmquizError

SLUG_LENGTH = 48


def slug(text: str, taken: Names[str] = ()) -> str:
    """Make a readable, unique id from a question; Chinese stays Chinese."""
    plain = unicodedata.normalize("NFKC", text).lower()
    words = re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]+", plain)
    out = ""
    for word in words:
        longer = f"{out}-{word}" if out else word
        if out and len(longer) > SLUG_LENGTH:
            break
        out = longer[:SLUG_LENGTH]
    out = out.strip("-") or "question"
    n, unique = 2, out
    while unique in taken:
        unique, n = f"{out}-{n}", n + 1
    return unique


def body_from_options(topic: str | None, question: str | None, answer: str | None, lang: str | None) -> tuple[str | None, dict[str, Any]]:
    """Build a body from --question and --answer; with --lang the texts are of that language."""
    missing = [name for name, value in (("--question", question), ("--answer", answer)) if not value]
    if missing:
        msg = f"{' and '.join(missing)} missing: give both, or --file, or run `llmquiz add` on a terminal to be asked"
        raise LlmquizError(msg)

    def text(value: str | None) -> Any:
        return {lang: value} if lang in ("en", "zh") else value

    return topic, {"question": text(question), "answer": text(answer)}


def body_from_file(path: Path, topic: str | None) -> tuple[str | None, dict[str, Any]]:
    """Read one item from a YAML file, or from standard input for "-"."""
    try:
        if str(path) == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise LlmquizError(msg) from error
    if len(raw) > LARGEST:
        msg = f"{path}: too large for one question (at most {LARGEST // 2**20} MiB)"
        raise LlmquizError(msg)
    return body_from_yaml("standard input" if str(path) == "-" else str(path), raw, topic)


def body_from_yaml(name: str, raw: bytes, topic: str | None) -> tuple[str | None, dict[str, Any]]:
    """Read one item: alone, in a list of one, or in a bank file with one question."""
    from llmquiz.bank.events import parse

    value, found = parse(raw)
    if found:
        (line, column), message = found[0]
        msg = f"{name}:{line}:{column}: {message}"
        raise LlmquizError(msg)
    if isinstance(value, dict) and isinstance(value.get("questions"), list):
        topic = topic or value.get("topic")
        value = value["questions"]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        msg = f"{name}: one question is meant: a mapping with `question` and `answer`"
        raise LlmquizError(msg)
    return topic, dict(value)


def complete(body: dict[str, Any], extra: dict[str, Any], taken: Names[str]) -> dict[str, Any]:
    """Add what the options give, and an id made from the question where there is none."""
    body = {**body, **extra}
    if "points" in extra:
        body["points"] = [point(p) for p in extra["points"]]
    if "sources" in extra:
        body["sources"] = [source(s) for s in extra["sources"]]
    if "id" not in body:
        text = body.get("question", "")
        first = next(iter(text.values()), "") if isinstance(text, dict) else text
        body["id"] = slug(str(first), taken)
    return body


def point(said: str) -> Any:
    """Return a point of the rubric; a leading ! makes it a must."""
    return {"text": said[1:].strip(), "must": True} if said.startswith("!") else said


def source(said: str) -> dict[str, str]:
    """Return a source: an arXiv id, an address, else a title."""
    if re.fullmatch(r"\d{4}\.\d{4,5}", said.removeprefix("arXiv:")):
        return {"arxiv": said.removeprefix("arXiv:")}
    return {"url": said} if re.match(r"https?://", said) else {"title": said}
