"""The use cases that carry a collection between machines: sync and merge.

Invariant: nothing that is in the collection goes away; what comes is added to it, or told; before much of it comes the log
is backed up.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from llmquiz.collection import Collection
from llmquiz.config import with_setting
from llmquiz.disk import expanded, is_folder, read_file, there
from llmquiz.errors import LlmquizError

if TYPE_CHECKING:
    from llmquiz.sync import Report


class Merged(NamedTuple):
    """What a merge brought: how many events of each name, and problems."""

    came: Counter[str]
    problems: list[str]


def sync(collection: Collection, folder: Path | None, now: datetime) -> Report:
    """Carry everything to a folder and from it, and remember the folder; None is the remembered one."""
    from llmquiz.backup.listing import SYNC
    from llmquiz.sync import sync as carry

    chosen = _remembered(collection) if folder is None else _made(folder)
    report = carry(collection.log, collection.paths, chosen, partial(_back_up, collection, now, SYNC))
    if folder is not None:
        _remember(collection, chosen)
    if collection.paths.questions.is_dir():
        collection.watch(collection.paths.questions)
    return report


def _remembered(collection: Collection) -> Path:
    folder = collection.settings.sync
    if not folder:
        msg = "no folder is known yet: name one once, as in `llmquiz sync ~/Sync/llmquiz`"
        raise LlmquizError(msg)
    if not is_folder(Path(folder)):
        msg = f"{folder}: not there now (setting `sync`): connect the drive or start the carrier, or name another folder"
        raise LlmquizError(msg)
    return Path(folder)


def _made(folder: Path) -> Path:
    """Return a folder that the learner named, made where only itself is missing."""
    chosen = expanded(folder).absolute()
    try:
        chosen.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        msg = f"{folder}: cannot be made: {error.strerror}"
        raise LlmquizError(msg) from error
    return chosen


def _remember(collection: Collection, folder: Path) -> None:
    if collection.settings.sync == str(folder):
        return
    from llmquiz.bank.write import replace

    path = collection.paths.config
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    replace(path, with_setting(text, "sync", json.dumps(str(folder), ensure_ascii=False)).encode())


def merge(collection: Collection, path: Path, now: datetime) -> Merged:
    """Take in the events of another database, or of a file of lines; raises LlmquizError, nothing merged, where it is neither."""
    from llmquiz.backup.listing import MERGE
    from llmquiz.log.lines import from_line
    from llmquiz.log.merge import merge as union
    from llmquiz.sync.files import SUFFIX, read

    if there(path) and path.samefile(collection.paths.database):
        msg = f"{path}: this is the collection itself: name another one's database"
        raise LlmquizError(msg)
    reading = read(path, _bytes(path) if path.suffix == SUFFIX else _lines(path), from_line)
    merged = union(collection.log, reading.found, lambda _: _back_up(collection, now, MERGE))
    return Merged(merged.added, reading.problems + merged.rivals)


def _back_up(collection: Collection, now: datetime, why: str) -> None:
    """Back up a log that has anything; raises LlmquizError, before anything is taken in, where that cannot be done."""
    from llmquiz.backup import counts

    if any(counts(collection.log.db)):
        collection.back_up(now, why)


def _bytes(path: Path) -> bytes:
    try:
        raw = read_file(path)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}. Nothing was merged"
        raise LlmquizError(msg) from error
    return raw if raw.endswith(b"\n") else raw + b"\n"


def _lines(path: Path) -> bytes:
    from llmquiz.log.other import lines

    return "".join(f"{line}\n" for line in lines(path)).encode()
