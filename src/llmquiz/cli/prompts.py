"""Asking for a question on a terminal, line by line.

Invariant: only question and answer have to be given; everything else is skipped with Enter, and nothing is saved before
the learner has seen the card as it will look and said yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from llmquiz.cli.adding import point, source
from llmquiz.cli.context import out
from llmquiz.collection import Collection
from llmquiz.errors import LlmquizError
from llmquiz.questions import make
from llmquiz.questions.base import SLUG_TYPE

LEVEL_DIGITS = ("1", "2", "3", "4", "5")


def ask(opened: Collection, topic: str | None, lang: str) -> tuple[str, dict[str, Any]]:
    """Ask for question, topic, answer, points, level, tags and source; return topic and body."""
    one = lang if lang in ("en", "zh") else None

    def text(value: str) -> Any:
        return {one: value} if one else value

    if topic and (wrong := _wrong(topic)):
        raise LlmquizError(wrong)
    out("A new question. Enter skips what is optional; Ctrl-C leaves without saving.")
    question = typer.prompt("Question").strip()
    topic = topic or _topic(opened.topic_names())
    body = {
        "level": 0,
        "tags": [],
        "question": text(question),
        "answer": text(_answer(opened.settings.editor)),
        "points": _lines("Points that one can tick, a line each; ! makes one a must; an empty line ends:"),
    }
    body["points"] = [point(p) for p in body["points"]]
    body["level"] = _level()
    body["tags"] = [t for t in re.split(r"[,，\s]+", typer.prompt("Tags, with commas", default="", show_default=False)) if t]
    said = typer.prompt("Source: arXiv id, address or title", default="", show_default=False).strip()
    body["sources"] = [source(said)] if said else []
    return topic, {k: v for k, v in body.items() if v}


def confirm(topic: str, body: dict[str, Any], alike: Sequence[tuple[str, str]]) -> bool:
    """Show the card as it will look, and questions that are like it; ask whether to save it."""
    from rich.console import Console

    from llmquiz.render.markdown import Markdown

    question = make(topic, body)
    console = Console(highlight=False)
    console.rule(f"{body['id']} · {topic}")
    console.print(Markdown(f"**{question.front('both')}**\n\n{question.back('both')}"))
    for p in body.get("points", ()):
        said = p if isinstance(p, str) else p["text"] + (" (must)" if p.get("must") else "")
        console.print(f"  [ ] {said}", markup=False)
    console.rule()
    for card, text in alike:
        out(f"like it: {card}: {text}")
    return typer.confirm("Save it?", default=True)


def _answer(editor: str) -> str:
    """Read the answer's lines until an empty one; `e` alone opens the editor."""
    from llmquiz.cli import editor as external

    while True:
        lines = _lines("Answer, in Markdown; an empty line ends it; e alone opens your editor:")
        answer = external.edit("", editor).strip() if lines == ["e"] else "\n".join(lines).strip()
        if answer:
            return answer


def _lines(head: str) -> list[str]:
    out(head)
    return list(iter(_line, ""))


def _line() -> str:
    try:
        return input("  ").rstrip()
    except EOFError:
        return ""


def _topic(names: Sequence[str]) -> str:
    """Ask for a topic until it can be one; Tab completes the known ones."""
    while True:
        with _completing(names):
            said = input(f"Topic, Tab completes ({', '.join(names[:2])}, ...) [my-questions]: " if names else "Topic [my-questions]: ")
        topic = said.strip() or "my-questions"
        if not (wrong := _wrong(topic)):
            return topic
        out(wrong)


def _wrong(topic: str) -> str:
    """Say why a topic cannot be one, "" where it can."""
    return next((f"topic {message}" for _, message in SLUG_TYPE.check(topic)), "")


def _level() -> int:
    """Ask for a level until it is one."""
    while (said := typer.prompt("Level, 1 warm-up to 5 staff", default="2").strip()) not in LEVEL_DIGITS:
        out(f"{said}: a level is 1 to 5")
    return int(said)


@contextmanager
def _completing(names: Sequence[str]) -> Iterator[None]:
    """While inside, Tab completes one of `names` where readline is there."""
    try:
        import readline
    except ImportError:
        yield
        return
    before = readline.get_completer()

    def complete(begun: str, state: int) -> str | None:
        found = [n for n in names if n.startswith(begun)]
        return found[state] if state < len(found) else None

    readline.set_completer_delims(" ")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before)
