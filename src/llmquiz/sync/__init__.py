"""Two machines, one memory: carrying the log, the learner's own questions and settings through a folder.

Invariant: each device writes files of its own alone and reads the others', so that whatever carries the folder has nothing
to merge; what is said to be sent is on disk in the folder, whatever git says. docs/sync.md has the formats.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from llmquiz.config import Paths
from llmquiz.errors import LlmquizError
from llmquiz.log import Log
from llmquiz.log.merge import Before
from llmquiz.sync import events, git, things
from llmquiz.sync.edits import Base
from llmquiz.sync.files import SUFFIX


class Report(NamedTuple):
    """What a sync did: what went out and came in, by what it is; what git did, "" without a repository; what to say of it."""

    folder: Path
    device: str
    sent: Counter[str]
    came: Counter[str]
    git: str
    notes: list[str]
    problems: list[str]


BackUp = Callable[[], object]
MANY = 100  # events: more than a day's study on another machine


def sync(log: Log, paths: Paths, folder: Path, back_up: BackUp | None = None) -> Report:
    """Carry everything to a folder and from it; raises LlmquizError where the folder cannot be used.

    `back_up` is called before events come in from a folder that is new, or many of them at once.
    """
    if folder.resolve() == paths.home.resolve():
        msg = f"{folder}: this is the collection itself: name a folder beside it"
        raise LlmquizError(msg)
    new = not log.meta(_name(folder))

    def before(count: int) -> None:
        nonlocal new
        if back_up and (new or count >= MANY):
            back_up()
            new = False

    report = _exchange(log, paths, folder, before)
    if git.inside(folder):
        report = _by_git(log, paths, report, before)
    return report


def _exchange(log: Log, paths: Paths, folder: Path, coming: Before, before: Report | None = None) -> Report:
    """Carry everything once, and add that to what was carried `before`."""
    read, base = _remembered(log, folder)
    one = events.exchange(log, folder, paths.home, read, coming)
    two = things.exchange(paths, folder, one.device, base)
    _remember(log, folder, one.memory, base)
    out = Report(folder, one.device, one.sent + two.sent, one.came + two.came, "", one.notes, _once([*one.problems, *two.problems]))
    if before is None:
        return out
    problems = _once([*before.problems, *out.problems])
    return out._replace(sent=before.sent + out.sent, came=before.came + out.came, notes=before.notes + out.notes, problems=problems)


def _once(said: list[str]) -> list[str]:
    return list(dict.fromkeys(said))


def _by_git(log: Log, paths: Paths, report: Report, coming: Before) -> Report:
    """Commit, pull, carry what came, push; again where somebody else pushed first."""
    repository = git.Repository(report.folder)
    try:
        branch = repository.ready()
        committed = _commit(repository, report)
        remote = repository.remote(branch)
        if remote is None:
            return report._replace(git="committed; there is no remote to push to" if committed else "nothing to commit; there is no remote")
        for tries in range(1, git.TRIES + 1):
            others = repository.pull(*remote)
            before, report = report, _exchange(log, paths, report.folder, coming, report)
            if (report.sent, report.device) != (before.sent, before.device):
                _commit(repository, report)
            try:
                repository.push(*remote)
                return report._replace(git=_in_step(*remote, others))
            except git.RejectedError:
                if tries == git.TRIES:
                    raise
                git.pause(tries)
    except LlmquizError as error:
        problem = f"{error}. What is yours is in {report.folder}"
        return report._replace(git="not pushed", problems=[*report.problems, problem])
    return report


def _in_step(remote: str, branch: str, others: list[str]) -> str:
    said = f"in step with {remote}/{branch}"
    return f"{said}, which is new beside {', '.join(others)}: machines meet on one branch only" if others else said


def _commit(repository: git.Repository, report: Report) -> bool:
    own = (report.folder / f"{report.device}{SUFFIX}", report.folder / things.FOLDER / f"{report.device}{SUFFIX}")
    return repository.commit(own, f"llmquiz sync of {report.device}")


def _remembered(log: Log, folder: Path) -> tuple[events.Memory, things.Memory]:
    """Return what is remembered of a folder, nothing of one that is new."""
    said: dict[str, Any] = json.loads(log.meta(_name(folder)) or "{}")
    files = {name: (offset, digest) for name, (offset, digest) in said.get("files", {}).items()}
    base = {(what, name): Base(value, tuple(after)) for what, name, value, after in said.get("edits", ())}
    return events.Memory(said.get("size", 0), files), base


def _remember(log: Log, folder: Path, read: events.Memory, base: things.Memory) -> None:
    edits = [[*thing, b.value, b.versions] for thing, b in sorted(base.items())]
    said = json.dumps({"size": read.size, "files": read.files, "edits": edits}, ensure_ascii=False)
    if log.meta(_name(folder)) != said:
        with log.writing():
            log.set_meta(_name(folder), said)


def _name(folder: Path) -> str:
    """Return the name in `meta` under which a folder is remembered."""
    return f"sync {folder.resolve()}"
