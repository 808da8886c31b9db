"""The learner's own questions, titles and settings on this device: read as values, changed to values that came.

Invariant: nothing is taken for removed because it cannot be read: a file that does not parse stops the exchange of
questions, and a folder of questions that is gone is filled again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from llmquiz.bank import carry
from llmquiz.bank.edit import find, remove, rewrite
from llmquiz.bank.folders import listing
from llmquiz.bank.write import replace
from llmquiz.config import TRAVELS, Paths, given, with_setting, without_setting
from llmquiz.disk import is_folder
from llmquiz.errors import LlmquizError
from llmquiz.sync.edits import QUESTION, SETTING, TITLE, Thing, Value, digest_of, is_title, is_topic


def settings(paths: Paths) -> dict[Thing, Value]:
    """Return the settings that the configuration gives and that travel."""
    there = ((name, value) for name, value in given(paths.config).items() if name in TRAVELS)
    return {(SETTING, name): value.isoformat() if isinstance(value, date) else value for name, value in there}


def questions(paths: Paths) -> dict[Thing, Value]:
    """Return the learner's own questions and the titles of their topics; raises LlmquizError where a file is not in order."""
    out: dict[Thing, Value] = {}
    for topic, path in _files(paths).items():
        if not is_topic(topic):
            msg = f"{path}: a name that is no name of a file everywhere: rename it"
            raise LlmquizError(msg)
        carried = carry.read(path)
        for card, text in carried.items.items():
            if (QUESTION, card) in out:
                msg = f"{path}: duplicate id `{card}`: another file of yours has it too"
                raise LlmquizError(msg)
            out[QUESTION, card] = {"topic": topic, "text": text}
        if carried.title is not None:
            if not is_title(topic, carried.title):
                msg = f"{path}: `title` has to be a text, or one by language"
                raise LlmquizError(msg)
            out[TITLE, topic] = carried.title
    return out


def _files(paths: Paths) -> dict[str, Path]:
    """Return the learner's bank files by topic; raises LlmquizError where the folder cannot be read."""
    if not is_folder(paths.questions):
        return {}
    found, unread = listing(paths.questions)
    if unread:
        raise LlmquizError(str(unread[0]))
    return {path.stem: path for path in (Path(entry.path) for entry in reversed(found))}


Changes = Mapping[Thing, tuple[Value, Value]]  # what a thing is here, and what it is to be


def put(paths: Paths, changes: Changes) -> dict[Thing, str]:
    """Make things what came; return those that could not be, with what is wrong ("": there is no file yet that it stands in)."""
    failed: dict[Thing, str] = {}
    together = _added_together(paths, changes)
    for thing in sorted(changes.keys() - together, key=_order):
        here, value = changes[thing]
        try:
            if not _put(paths, thing, here, value):
                failed[thing] = ""
        except LlmquizError as error:
            failed[thing] = str(error)
    return failed


def _order(thing: Thing) -> tuple[int, str]:
    return (QUESTION, TITLE, SETTING).index(thing[0]), thing[1]  # a title after the questions whose file it stands in


def _added_together(paths: Paths, changes: Changes) -> set[Thing]:
    """Add the questions that are new here a topic at a time, which is quick; return those of the topics where that went well."""
    topics: dict[str, dict[str, str]] = {}
    for (what, name), (here, value) in sorted(changes.items()):
        if what == QUESTION and not here and value:
            topics.setdefault(value["topic"], {})[name] = value["text"]
    done: set[Thing] = set()
    for topic, items in topics.items():
        with contextlib.suppress(LlmquizError):
            carry.add(_path(paths, topic), items)
            done |= {(QUESTION, name) for name in items}
    return done


def _put(paths: Paths, thing: Thing, here: Value, value: Value) -> bool:
    what, name = thing
    if what == SETTING:
        _put_setting(paths.config, name, value)
    elif what == QUESTION:
        _put_question(paths, name, here, value)
    elif not (path := _path(paths, name)).exists():
        return False
    else:
        carry.set_title(path, value)
    return True


def _path(paths: Paths, topic: str) -> Path:
    return _files(paths).get(topic) or paths.questions / f"{topic}.yaml"


def _put_question(paths: Paths, card: str, here: Value, value: Value) -> None:
    if here and value and here["topic"] == value["topic"]:
        item = find(_path(paths, value["topic"]), card)
        carry.body(value["text"], card)
        rewrite(item, card, value["text"])
        return
    if value:
        carry.add(_path(paths, value["topic"]), {card: value["text"]})
    if here:
        remove(find(_path(paths, here["topic"]), card), card)


def _put_setting(path: Path, name: str, value: Value) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    new = without_setting(text, name) if value is None else with_setting(text, name, json.dumps(value, ensure_ascii=False))
    replace(path, new.encode())


def conflict(card: str, displaced: Value) -> tuple[Thing, Value]:
    """Return the question under which the other of two edits is kept: the same on every device."""
    new_id = f"{card}-conflict-{digest_of(displaced)[:8]}"
    return (QUESTION, new_id), {"topic": displaced["topic"], "text": carry.renamed(displaced["text"], card, new_id)}
