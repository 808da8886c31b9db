"""Checks on a whole bank. A new check is one function from the questions to problems and one line in `CHECKS` or `GUIDE`.

Invariant: a check only reads; what a question can be asked without (a missing translation, say) is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from llmquiz.bank import guide, similar, typography
from llmquiz.bank.carry import CONFLICT
from llmquiz.bank.events import locate
from llmquiz.bank.files import BankFile, load
from llmquiz.bank.folders import Entry, digest, listing, read
from llmquiz.bank.placed import Placed, problem
from llmquiz.model import Bank, Problem
from llmquiz.questions import Question, unknown

TRIALS = 200  # draws of a numeric question


def load_bank(folders: Sequence[Path], lenient: Collection[Path] = (), kind: str = "", beside: Sequence[Path] = ()) -> Bank:
    """Load every bank file of the folders (or files), the first folder first, and run all checks.

    Of what stands in `lenient` folders the structure is checked, but it is not held to the guide. With a `kind`, only its
    questions are returned and checked; what did not load may be of any kind, and is told. The folders `beside` have the rest
    of the bank that single files are of: its questions are loaded where follow-ups lead out of the files or may lead into
    them (`LINKS`), and are neither returned nor checked.
    """
    problems: list[Problem] = []
    files: list[BankFile] = []
    hashes: dict[str, str] = {}
    for folder in folders:
        entries, unread = _entries(folder)
        problems += unread
        for entry in entries:
            raw, unread = read(entry.path)
            problems += unread
            if not unread:
                files.append(load(entry.path, raw))
                hashes[entry.path] = digest(raw)
    placed, doubles = _place(files)
    problems += [p for f in files for p in f.problems] + doubles
    about = _about(placed, kind)
    chosen = {i: (path, q) for i, (path, q) in placed.items() if kind in ("", q.kind)}
    linked = _with_the_rest(placed, beside) if beside and any(True for check in LINKS for _ in check(placed)) else placed

    def found(checks: Sequence[Check]) -> Iterator[Problem]:
        for check in checks:
            yield from (p for p in check(linked if check in LINKS else placed) if p.path in hashes and about(p))

    problems += found(CHECKS)
    problems += list(trials(chosen))
    exempt = {entry.path for folder in lenient for entry in _entries(folder)[0]}
    problems += [p for p in found(GUIDE) if p.path not in exempt]
    questions = {i: q for i, (_, q) in chosen.items()}
    return Bank(questions, tuple(sorted(problems)), {i: (path, hashes[path]) for i, (path, _) in chosen.items()})


def _with_the_rest(placed: Placed, beside: Sequence[Path]) -> Placed:
    """Return the questions of some files and those of the folders beside, of which none takes the place of one of the files."""
    entries = [entry for folder in beside for entry in listing(folder)[0]]
    rest, _ = _place([load(entry.path, raw) for entry in entries if (raw := read(entry.path)[0])])
    return rest | dict(placed)


def _about(placed: Placed, kind: str) -> Callable[[Problem], bool]:
    """Return whether a problem that a check found is about a question of a kind: by the line that it stands in."""
    if not kind:
        return lambda _: True
    starts: dict[str, list[tuple[int, str]]] = {}
    for path, q in placed.values():
        starts.setdefault(path, []).append((locate(q.body, ())[0], q.kind))
    for places in starts.values():
        places.sort()

    def about(p: Problem) -> bool:
        before = [k for line, k in starts.get(p.path, ()) if line <= p.line]
        return bool(before) and before[-1] == kind

    return about


def _entries(folder: Path) -> tuple[list[Entry], list[Problem]]:
    if not folder.is_file():
        return listing(folder)
    stat = folder.stat()
    return [Entry(str(folder), stat.st_size, stat.st_mtime_ns)], []


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
                problems.append(problem(f.path, q, ("replaces",), said, warning=True))
            else:
                problems.append(problem(f.path, q, ("id",), f"duplicate id `{q.id}`: first given in {where}"))
    return placed, problems


def dangling_follow_ups(placed: Placed) -> Iterator[Problem]:
    """Find follow-ups that are no questions of the bank."""
    for path, q in placed.values():
        for i, name in enumerate(q.follow_ups):
            if name not in placed:
                yield problem(path, q, ("follow_ups", i), unknown("follow-up", name, placed))


def short_cycles(placed: Placed) -> Iterator[Problem]:
    """Find questions that follow up on themselves, or two on each other."""
    for path, q in placed.values():
        for i, name in enumerate(q.follow_ups):
            if name == q.id:
                yield problem(path, q, ("follow_ups", i), f"`{q.id}` follows up on itself")
            elif name in placed and q.id in placed[name][1].follow_ups and q.id < name:
                yield problem(path, q, ("follow_ups", i), f"`{q.id}` and `{name}` follow up on each other: drop one of the two")


def reused_ids(placed: Placed) -> Iterator[Problem]:
    """Find former ids that are in use, or claimed by two questions."""
    owner: dict[str, str] = {}
    for path, q in placed.values():
        for i, old in enumerate(q.was):
            if old in placed:
                yield problem(path, q, ("was", i), f"former id `{old}` is in use by a question")
            elif old in owner:
                yield problem(path, q, ("was", i), f"former id `{old}` is claimed by `{owner[old]}` too")
            owner.setdefault(old, q.id)


def missing_translations(placed: Placed) -> Iterator[Problem]:
    """Find texts that lack a language in which their question is asked."""
    for path, q in placed.values():
        for where, text in q.texts():
            for lang in q.languages if isinstance(text, Mapping) else ():
                if lang not in text:
                    yield problem(path, q, where, f"no `{lang}` text, but the question has one", warning=True)


def trials(placed: Placed) -> Iterator[Problem]:
    """Ask each question `TRIALS` times, where it draws numbers, and find what goes wrong."""
    for path, q in placed.values():
        for where, message in q.trial(TRIALS):
            yield problem(path, q, where, message)


def conflicts(placed: Placed) -> Iterator[Problem]:
    """Find the other of two edits of one question, made on two machines."""
    for path, q in placed.values():
        if found := CONFLICT.fullmatch(q.id):
            said = f"`{found[1]}` was edited on two machines, and this is the other edit: take what you want of it into `{found[1]}`"
            yield problem(path, q, ("id",), f"{said}, then `llmquiz remove {q.id}`")


Check = Callable[[Placed], Iterator[Problem]]
CHECKS: tuple[Check, ...] = (
    dangling_follow_ups,
    short_cycles,
    reused_ids,
    conflicts,
    missing_translations,
)
LINKS: tuple[Check, ...] = (dangling_follow_ups, guide.orphans)  # what of single files the rest of their bank may answer
GUIDE: tuple[Check, ...] = (
    guide.lengths,
    guide.rubric,
    guide.self_graded,
    guide.both_languages,
    guide.primary_source,
    guide.well_formed,
    guide.follow_up_count,
    guide.orphans,
    typography.half_width,
    typography.unspaced,
    typography.unshown_formulas,
    typography.unclosed_bold,
    similar.near_duplicates,
)
