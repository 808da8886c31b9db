"""Checks on a whole bank. A new check is one function here from the questions to problems and one line in `CHECKS`.

Invariant: a check only reads; what a question can be asked without (a missing translation, say) is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from llmquiz.bank.events import locate
from llmquiz.bank.files import BankFile, load
from llmquiz.bank.folders import Entry, listing, read
from llmquiz.model import Bank, Problem
from llmquiz.questions import LANGUAGES, Question, unknown
from llmquiz.questions.fields import Path as Steps

Placed = Mapping[str, tuple[str, Question]]  # id -> (file, question)


def load_bank(folders: Sequence[Path]) -> Bank:
    """Load every bank file of the folders, the first folder first, and run all checks."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for folder in folders:
        if folder.is_file():
            stat = folder.stat()
            entries.append(Entry(str(folder), stat.st_size, stat.st_mtime_ns))
            continue
        found, unread = listing(folder)
        entries += found
        problems += unread
    files = []
    for entry in entries:
        raw, unread = read(entry.path)
        problems += unread
        if not unread:
            files.append(load(entry.path, raw))
    placed, doubles = _place(files)
    problems += [p for f in files for p in f.problems] + doubles
    problems += [p for check in CHECKS for p in check(placed)]
    return Bank({i: q for i, (_, q) in placed.items()}, tuple(sorted(problems)))


def _place(files: Sequence[BankFile]) -> tuple[dict[str, tuple[str, Question]], list[Problem]]:
    placed: dict[str, tuple[str, Question]] = {}
    problems = []
    for f in files:
        for q in f.questions:
            if q.id not in placed:
                placed[q.id] = (f.path, q)
                continue
            first = placed[q.id]
            where = f"{first[0]}:{locate(first[1].body, ('id',))[0]}"
            if q.body.get("replaces"):
                placed[q.id] = (f.path, q)
                said = f"`{q.id}` is asked in place of {where}; `llmquiz edit --revert {q.id}` takes this one away"
                problems.append(_problem(f.path, q, ("replaces",), said, warning=True))
            else:
                problems.append(_problem(f.path, q, ("id",), f"duplicate id `{q.id}`: first given in {where}"))
    return placed, problems


def _problem(path: str, q: Question, where: Steps, message: str, *, warning: bool = False) -> Problem:
    return Problem(path, *locate(q.body, where), message, warning)


def dangling_follow_ups(placed: Placed) -> Iterator[Problem]:
    """Find follow-ups that are no questions of the bank."""
    for path, q in placed.values():
        for i, name in enumerate(q.follow_ups):
            if name not in placed:
                yield _problem(path, q, ("follow_ups", i), unknown("follow-up", name, placed))


def short_cycles(placed: Placed) -> Iterator[Problem]:
    """Find questions that follow up on themselves, or two on each other."""
    for path, q in placed.values():
        for i, name in enumerate(q.follow_ups):
            if name == q.id:
                yield _problem(path, q, ("follow_ups", i), f"`{q.id}` follows up on itself")
            elif name in placed and q.id in placed[name][1].follow_ups and q.id < name:
                yield _problem(path, q, ("follow_ups", i), f"`{q.id}` and `{name}` follow up on each other: drop one of the two")


def reused_ids(placed: Placed) -> Iterator[Problem]:
    """Find former ids that are in use, or claimed by two questions."""
    owner: dict[str, str] = {}
    for path, q in placed.values():
        for i, old in enumerate(q.was):
            if old in placed:
                yield _problem(path, q, ("was", i), f"former id `{old}` is in use by a question")
            elif old in owner:
                yield _problem(path, q, ("was", i), f"former id `{old}` is claimed by `{owner[old]}` too")
            owner.setdefault(old, q.id)


def missing_translations(placed: Placed) -> Iterator[Problem]:
    """Find texts that lack a language in which their question is asked."""
    for path, q in placed.values():
        for where, text in _texts(q.body, ()):
            for lang in q.languages:
                if lang not in text:
                    yield _problem(path, q, where, f"no `{lang}` text, but the question has one", warning=True)


def _texts(value: object, path: Steps) -> Iterator[tuple[Steps, Mapping[str, object]]]:
    """Yield every map of languages in a value, with its path."""
    if isinstance(value, Mapping):
        if any(lang in value for lang in LANGUAGES):
            yield path, value
        else:
            for name, item in value.items():
                yield from _texts(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, (*path, i))


CHECKS: tuple[Callable[[Placed], Iterator[Problem]], ...] = (
    dangling_follow_ups,
    short_cycles,
    reused_ids,
    missing_translations,
)
