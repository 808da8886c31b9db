"""The use cases around the code of a bank: proving it, and saying which of it may run.

Invariant: code runs only from the shipped bank and from files whose content the learner has trusted; what was not run is
counted, never taken for fine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from llmquiz.bank.events import locate
from llmquiz.bank.files import load
from llmquiz.bank.folders import digest, listing, read
from llmquiz.collection import Collection
from llmquiz.errors import LlmquizError
from llmquiz.extras import missing
from llmquiz.log import trust
from llmquiz.model import Bank, Problem
from llmquiz.questions import say
from llmquiz.questions.code import Code
from llmquiz.running import Ran, run_all

Progress = Callable[[int, int], None]


class Proof(NamedTuple):
    """What became of a code question: its solution, and each of its wrong ones."""

    card: str
    solution: Ran
    wrong: tuple[Ran, ...]


class Proved(NamedTuple):
    """What was proved: a proof a question, the problems, how many questions of which locked file were left out, what lacks here."""

    proofs: tuple[Proof, ...]
    problems: tuple[Problem, ...]
    locked: Mapping[str, int]
    lack: str
    left_out: int


def prove(collection: Collection, bank: Bank, progress: Progress) -> Proved:
    """Run every solution and every wrong one of a bank's code questions against their tests, on all processors."""
    code = [q for q in bank.questions.values() if isinstance(q, Code)]
    lack = missing() if code else ""
    locked: dict[str, int] = {}
    for path, hash_ in (bank.files[q.id] for q in code):
        if not collection.may_run(Path(path), hash_):
            locked[path] = locked.get(path, 0) + 1
    running = [] if lack else [q for q in code if bank.files[q.id][0] not in locked]
    proofs = []
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) as pool:
        for n, proof in enumerate(pool.map(_prove, running), 1):
            progress(n, len(running))
            proofs.append(proof)
    problems = [p for q, proof in zip(running, proofs, strict=True) for p in _problems(q, bank.files[q.id][0], proof)]
    return Proved(tuple(proofs), tuple(problems), {} if lack else locked, lack, len(code) - len(running))


def _prove(q: Code) -> Proof:
    solution, *wrong = run_all([q.solution, *(source for source, _ in q.wrong)], q.tests)
    return Proof(q.id, solution, tuple(wrong))


def _problems(q: Code, path: str, proof: Proof) -> list[Problem]:
    found = []
    if not proof.solution.passed:
        found.append(Problem(path, *locate(q.body, ("solution",)), f"the solution of `{q.id}` does not pass: {reason(proof.solution)}"))
    for i, ran in enumerate(proof.wrong):
        where = locate(q.body, ("wrong", i, "code"))
        if ran.passed:
            found.append(Problem(path, *where, f"wrong {i + 1} of `{q.id}` passes every test: write one that catches it"))
        elif ran.stop:
            found.append(Problem(path, *where, f"wrong {i + 1} of `{q.id}` has to fail a test, but was stopped: {reason(ran)}"))
    return found


def reason(ran: Ran) -> str:
    """Say in English why a run did not pass: the first test that failed, with its message, or what stopped it."""
    if case := next(iter(ran.failed), None):
        return f"{case.name}: {say(case.failure.said, 'en') if case.failure else ''}"
    return say(ran.stop.said, "en") if ran.stop else "no test ran"


# trust


class Claim(NamedTuple):
    """A bank file with code: its path, the hash of its content, its code questions, and whether they may run."""

    path: Path
    hash: str
    cards: tuple[str, ...]
    trusted: bool


def claims(collection: Collection, paths: Sequence[Path]) -> list[Claim]:
    """Return the bank files with code among some files and folders; raises LlmquizError where one cannot be read."""
    found = []
    for path in _files(paths):
        raw, problems = read(str(path))
        if problems:
            raise LlmquizError(str(problems[0]))
        cards = tuple(q.id for q in load(str(path), raw).questions if isinstance(q, Code))
        if cards:
            found.append(Claim(path, digest(raw), cards, collection.may_run(path, digest(raw))))
    return found


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path.resolve())
            continue
        entries, problems = listing(path.resolve())
        if problems:
            raise LlmquizError(str(problems[0]))
        files += [Path(e.path) for e in entries]
    return files


def allow(collection: Collection, claim: Claim) -> None:
    """Let the code of a file run, as long as its content stays what it is."""
    trust.trust(collection.log, claim.hash, str(claim.path))


def allowed(collection: Collection) -> list[tuple[str, bool]]:
    """Return the paths that were trusted, each with whether its content still is what was trusted."""
    return [(path, _hash(Path(path)) == hash_) for hash_, path in trust.trusted(collection.log).items()]


def _hash(path: Path) -> str:
    raw, problems = read(str(path))
    return "" if problems else digest(raw)


def forget(collection: Collection, paths: Sequence[Path]) -> list[str]:
    """Trust files no longer, or all files of folders; return those that were trusted."""
    roots = [path.resolve() for path in paths]
    hashes = {_hash(root) for root in roots if root.is_file()}
    known = trust.trusted(collection.log)
    gone = {h: p for h, p in known.items() if h in hashes or any(root == Path(p) or root in Path(p).parents for root in roots)}
    trust.forget(collection.log, list(gone))
    return sorted(gone.values())
