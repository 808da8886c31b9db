"""Questions, titles and settings in the folder: each device's versions in a file of its own.

Invariant: a version is in the folder before anything here is changed for it; what was displaced is a question of its own, a
line in the report, or both, never gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from llmquiz.config import Paths
from llmquiz.disk import is_folder
from llmquiz.errors import LlmquizError
from llmquiz.sync import own
from llmquiz.sync.edits import QUESTION, SETTING, TITLE, Base, Edit, Outcome, Thing, Value, Versions, from_line, reconcile, to_line
from llmquiz.sync.files import SUFFIX, append, listing, read, whole

FOLDER = "edits"
Memory = dict[Thing, Base]


class Exchanged(NamedTuple):
    """How many things went out and came in, by what they are, and problems."""

    sent: Counter[str]
    came: Counter[str]
    problems: list[str]


def exchange(paths: Paths, folder: Path, device: str, memory: Memory) -> Exchanged:
    """Bring the learner's own questions and settings and those of the folder together; `memory` is brought up to date."""
    out = Exchanged(Counter(), Counter(), [])
    known = _known(folder / FOLDER, out.problems)
    here = own.settings(paths)
    whats = [SETTING]
    try:
        here |= own.questions(paths)
        whats = [QUESTION, TITLE, SETTING]
    except LlmquizError as error:
        out.problems.append(f"{error}. Your questions were not exchanged: mend this first")
    if not is_folder(paths.questions):
        for thing in [t for t in memory if t[0] != SETTING]:
            del memory[thing]
    things = [t for t in {*here, *memory, *known.by_thing} if t[0] in whats]
    outcomes = {t: reconcile(known, t, here.get(t), memory.get(t)) for t in sorted(things)}
    outcomes |= _conflicts(known, outcomes, out.problems)
    new = [edit for outcome in outcomes.values() for edit in outcome.new]
    append(folder / FOLDER / f"{device}{SUFFIX}", [to_line(edit) for edit in new], from_line)
    out.sent.update({edit.thing: edit.thing[0] for edit in new}.values())
    _take(paths, here, outcomes, memory, out)
    return out


def _known(folder: Path, problems: list[str]) -> Versions:
    paths, links = listing(folder)
    problems += links
    edits: list[Edit] = []
    for path in paths:
        try:
            reading = read(path, whole(path), from_line)
        except LlmquizError as error:
            problems.append(str(error))
            continue
        edits += reading.found
        problems += reading.problems
    return Versions(edits)


def _conflicts(known: Versions, outcomes: dict[Thing, Outcome], problems: list[str]) -> dict[Thing, Outcome]:
    """Return the questions under which displaced edits are kept; tell each."""
    out: dict[Thing, Outcome] = {}
    for (what, name), outcome in outcomes.items():
        for value in outcome.displaced:
            said = f"the {what} `{name}` was changed on two machines"
            if what != QUESTION:
                problems.append(f"{said}: {outcome.value!r} holds, {value!r} does not")
                continue
            try:
                thing, copy = own.conflict(name, value)
            except LlmquizError:
                problems.append(f"{said}: the other edit is no whole question, and stands in the folder {FOLDER} alone")
                continue
            problems.append(f"{said}: the other edit is kept as `{thing[1]}`, `llmquiz check` shows it")
            if thing not in known.by_thing:
                edit = Edit(thing, copy)
                known.add(edit)
                out[thing] = reconcile(known, thing, copy, None)._replace(new=[edit])
    return out


def _take(paths: Paths, here: Mapping[Thing, Value], outcomes: Mapping[Thing, Outcome], memory: Memory, out: Exchanged) -> None:
    """Change what is to change here, and remember what is as it should be."""
    changes = {thing: (here.get(thing), o.value) for thing, o in outcomes.items() if here.get(thing) != o.value}
    failed = own.put(paths, changes)
    for thing, outcome in outcomes.items():
        if thing not in failed:
            memory[thing] = outcome.base
            out.came[thing[0]] += thing in changes
        elif failed[thing]:
            out.problems.append(f"the {thing[0]} `{thing[1]}` came and cannot be put in place: {failed[thing]}")
