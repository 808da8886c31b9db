"""The use cases that write questions: add, edit, remove, rename.

Invariant: only the learner's own files and configured banks are written, never the shipped bank; a shipped question is
changed through a copy of the learner's that says openly that it replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from llmquiz.collection import Collection
from llmquiz.disk import there, tighten
from llmquiz.errors import LlmquizError
from llmquiz.log import cache
from llmquiz.looking import CODE
from llmquiz.questions import LANGUAGES, check_item, say
from llmquiz.questions.base import SLUG_TYPE

ALIKE = 0.75  # difflib's ratio from which two questions look like one


def add(collection: Collection, topic: str, body: Mapping[str, Any], *, own_hand: bool = False) -> Path:
    """Append a question to the learner's own file of a topic; return the file. Raises LlmquizError, nothing written.

    Code that the learner's `own_hand` wrote may run; other code stays locked until somebody has read it.
    """
    from llmquiz.bank.folders import leads_out
    from llmquiz.bank.write import append

    for _, message in SLUG_TYPE.check(topic):
        msg = f"topic {message}"
        raise LlmquizError(msg)
    for where, message in check_item(body):
        place = ".".join(str(step) for step in where)
        raise LlmquizError(f"{place}: {message}" if place else message)
    if cache.question(collection.log, body["id"]) and not body.get("replaces"):
        msg = f"a question `{body['id']}` exists: choose another id, or change it with `llmquiz edit {body['id']}`"
        raise LlmquizError(msg)
    path = collection.paths.questions / f"{topic}.yaml"
    if leads_out(path, linked=path.is_symlink()):
        msg = f"{path}: a link that leads out of its folder, which is not followed: put the file itself there"
        raise LlmquizError(msg)
    with _changing(collection, path, trusted=own_hand or body.get("kind") != CODE):
        append(path, body)
    collection.watch(collection.paths.questions)
    return path


@contextmanager
def _changing(collection: Collection, path: Path, *, trusted: bool = True) -> Iterator[None]:
    """Around a change of a bank file: the learner's own stays the learner's alone, and where code might run, it still may.

    `trusted` is False for a change whose code nobody has read.
    """
    from llmquiz.log import trust

    before, code = _content(path)
    clear = trusted and (not code or collection.may_run(path, before))
    yield
    if path.parent == collection.paths.questions:  # others may share another bank
        tighten(path)
    after, code = _content(path)
    if clear and code:
        trust.trust(collection.log, after, str(path.resolve()))


def _content(path: Path) -> tuple[str, bool]:
    """Return the hash of a bank file, and whether it has code; "" for none."""
    from llmquiz.bank.files import load
    from llmquiz.bank.folders import digest

    raw = path.read_bytes() if there(path) else b""
    if CODE.encode() not in raw:  # most files: not worth parsing
        return "", False
    return digest(raw), any(q.kind == CODE for q in load(str(path), raw).questions)


def similar(collection: Collection, body: Mapping[str, Any], limit: int = 3) -> list[tuple[str, str]]:
    """Return questions of the bank that look like a new one, most alike first: (id, question)."""
    if check_item(body):
        return []
    wanted = {say(body["question"], lang).lower() for lang in LANGUAGES}
    found = []
    for card, text in cache.texts(collection.log):
        asked = {say(text, lang) for lang in LANGUAGES}
        ratio = max(_alike(w, a.lower()) for w in wanted for a in asked)
        if ratio >= ALIKE:
            found.append((-ratio, card, say(text, "en")))
    return [(card, text) for _, card, text in sorted(found)[:limit]]


def _alike(a: str, b: str) -> float:
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE else 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    """A question on its way through an editor: its text as a YAML item, and whether saving makes a replacing copy."""

    card: str
    text: str
    path: Path
    copy: bool


def draft(collection: Collection, card: str) -> Draft:
    """Return a question as an item to edit; of a shipped one a copy that will replace it in the learner's folder."""
    from llmquiz.bank.edit import find
    from llmquiz.bank.write import item_text

    question = collection.question(card)
    path = Path(cache.file_of(collection.log, card))
    if not collection.is_shipped(path):
        return Draft(card, find(path, card).shown, path, copy=False)
    own = collection.paths.questions / f"{question.topic}.yaml"
    return Draft(card, item_text({**question.body, "replaces": True}), own, copy=True)


def save(collection: Collection, edited: Draft, text: str) -> None:
    """Write an edited question back. Raises LlmquizError with the place of a problem, every file as it was."""
    from llmquiz.bank.edit import find, rewrite
    from llmquiz.bank.events import parse

    if not edited.copy:
        with _changing(collection, edited.path):
            rewrite(find(edited.path, edited.card), edited.card, text)
        collection.refresh()
        return
    value, found = parse(text.encode())
    if found:
        (line, column), message = found[0]
        msg = f"line {line}, column {column}: {message}"
        raise LlmquizError(msg)
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict) or value[0].get("id") != edited.card:
        msg = f"the text has to stay one question with the id `{edited.card}`"
        raise LlmquizError(msg)
    add(collection, edited.path.stem, {**value[0], "replaces": True}, own_hand=True)


def revert(collection: Collection, card: str) -> Path:
    """Take away the learner's question that replaces another; the other is asked again. Return the file."""
    if not collection.question(card).body.get("replaces"):
        msg = f"`{card}` replaces no other question: there is nothing to revert"
        raise LlmquizError(msg)
    return _take_out(collection, card)


def remove(collection: Collection, card: str) -> Path:
    """Take the learner's own question out of its file; its reviews stay in the log. Return the file."""
    collection.question(card)
    return _take_out(collection, card)


def _take_out(collection: Collection, card: str) -> Path:
    from llmquiz.bank.edit import find
    from llmquiz.bank.edit import remove as take_out

    path = _own(collection, card)
    with _changing(collection, path):
        take_out(find(path, card), card)
    collection.refresh()
    return path


def rename(collection: Collection, card: str, new_id: str) -> Path:
    """Give the learner's own question another id; its history follows. Return the file."""
    from llmquiz.bank.edit import find
    from llmquiz.bank.edit import rename as give_id

    collection.question(card)
    for _, message in SLUG_TYPE.check(new_id):
        raise LlmquizError(message)
    if new_id in collection.ids():
        msg = f"a question `{new_id}` exists: choose another id"
        raise LlmquizError(msg)
    path = _own(collection, card)
    with _changing(collection, path):
        give_id(find(path, card), card, new_id)
    collection.refresh()
    return path


def _own(collection: Collection, card: str) -> Path:
    path = Path(cache.file_of(collection.log, card))
    if collection.is_shipped(path):
        msg = f"`{card}` is a shipped question: suspend it in a session, or make a copy that replaces it with `llmquiz edit {card}`"
        raise LlmquizError(msg)
    return path
