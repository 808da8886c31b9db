"""The rows of the table: what is measured, against what, within which budget.

Invariant: a row measures its contenders in turn within itself; its budget is the project's, not what was measured once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from contenders import Anki, Floors, Ours
from homes import CARDS, MANY, REVIEWS, Homes
from measure import Figure, alone, compared, in_turn, percentile
from reviewers import side_by_side

FLOOR = "Typer + sqlite3 floor"
READING = 0.02  # seconds before a grade; people take more
GRADES, PAUSED = 2000, 400  # reviews of each contender; pauses make them long


class Bench:
    """One run: who is measured, and how many rounds; rounds that take seconds each are made a fifth as often, at least 3 times."""

    def __init__(self, folder: Path, rounds: int, anki: str | None) -> None:
        """Measure in `folder`; `anki` is a Python that has Anki, None to leave it out."""
        self.homes = Homes(folder)
        self.ours, self.floors = Ours(self.homes), Floors(self.homes)
        self.anki = Anki(self.homes, anki) if anki else None
        self.rounds, self.few = rounds, max(3, rounds // 5)


def version(bench: Bench) -> Iterator[Figure]:
    """Compare `--version` with an empty Python."""
    rounds = in_turn(bench.rounds, lambda: bench.ours.command("--version"), bench.floors.python)
    yield compared("llmquiz --version", "python -c pass", "ms", rounds, 1.3)


def due(bench: Bench) -> Iterator[Figure]:
    """Compare the commands of a status line with a bare Typer command."""
    commands = (("due", "--count"), (), ("due", "--json"))  # the last has to be parsed
    rounds = in_turn(bench.rounds, bench.floors.due, *(lambda c=c: bench.ours.command(*c) for c in commands))
    for i, command in enumerate(commands, 1):
        pairs = [(r[i], r[0]) for r in rounds]
        yield compared(" ".join(("llmquiz", *command)), FLOOR, "ms", pairs, 1.3)


def first(bench: Bench) -> Iterator[Figure]:
    """Compare the start of a session, to the question on the screen, with the floor's output on a screen: time and memory."""
    shipped, large = bench.homes.shipped(), bench.homes.large()
    others = [bench.floors.first, *([bench.anki.first] if bench.anki else [])]
    parsed = lambda: bench.ours.first(shipped, "--new", "10")  # noqa: E731
    rounds = in_turn(bench.rounds, lambda: bench.ours.first(shipped), lambda: bench.ours.first(large), *others, parsed)
    start, peak = "start to the first question", "peak memory, first question"
    yield compared(start, FLOOR, "ms", [(r[0].ms, r[2].ms) for r in rounds], 1.4)
    yield compared("the same with an option to parse", FLOOR, "ms", [(r[-1].ms, r[2].ms) for r in rounds], 1.4)
    yield compared("the same with 10,000 cards", "the shipped bank", "ms", [(r[1].ms, r[0].ms) for r in rounds], 1.5)
    yield compared(peak, FLOOR, "MiB", [(r[0].peak, r[2].peak) for r in rounds], None)
    if bench.anki:
        yield compared(start, "Anki to its first card", "ms", [(r[0].ms, r[3].ms) for r in rounds], 0.35)
        yield compared(peak, "Anki to its first card", "MiB", [(r[0].peak, r[3].peak) for r in rounds], 0.35)


def enter(bench: Bench) -> Iterator[Figure]:
    """Measure on a screen from Enter to the answer, of the first card and of those after it, and from a grade to the next question."""
    sessions = [bench.ours.answers(6) for _ in range(bench.few)]
    yield alone("Enter to the answer, first card", "ms", [answered[0] for answered, _ in sessions], 20)
    yield alone("Enter to the answer, later cards", "ms", [t for answered, _ in sessions for t in answered[1:]], 20)
    yield alone("grade to the next question drawn", "ms", [t for _, graded in sessions for t in graded], None)


def grade(bench: Bench) -> Iterator[Figure]:
    """Compare grade to next card fetched on 10,000 cards, in process: a review each in turn, the same after a pause, and all at once.

    A disk that has rested takes longer over the next fsync. So a review each in turn is what the budgets are for: it finds the same
    disk and the same cold caches for all. Thousands without a break are no learner's; the row shows what is work and what is the disk.
    """
    ways = (
        ("grade to next question", GRADES, 1, 0.0, True),
        ("the same after a pause", PAUSED, 1, READING, True),
        ("the same without a break", GRADES, GRADES, 0.0, False),
    )
    others = [("sqlite3 WAL + FULL floor", bench.floors.reviewer, 1.6), *([("Anki", bench.anki.reviewer, 1.0)] if bench.anki else [])]
    for how, reviews, at_once, pause, held in ways:
        starts = [bench.ours.reviewer, *(start for _, start, _ in others)]
        rounds = [side_by_side(starts, reviews, at_once, pause) for _ in range(bench.few)]
        for i, (against, _, budget) in enumerate(others, 1):
            for said, share in (("median", 0.5), ("p99", 0.99)):
                pairs = [(percentile(r[0], share), percentile(r[i], share)) for r in rounds]
                yield compared(f"{how}, {said}", against, "ms", pairs, budget if held else None)


def load(bench: Bench) -> Iterator[Figure]:
    """Compare loading 10,000 cards, and loading again with one file of 100 changed."""
    bare = in_turn(bench.few, lambda: bench.ours.loads()["load"], bench.floors.load)
    yield compared("load 10,000 cards", "libyaml's events alone", "s", bare, None)
    if anki := bench.anki:
        both = in_turn(bench.few, bench.ours.loads, anki.loads)
        yield compared("load 10,000 cards", "Anki, from TSV", "s", [(a["load"], b["load"]) for a, b in both], 1.0)
        yield compared("load 1 changed file of 100", "Anki, from TSV", "s", [(a["reload"], b["reload"]) for a, b in both], 0.1)


def changed(bench: Bench) -> Iterator[Figure]:
    """Compare a start after 1 of 100 files changed with a start after none did."""
    pairs = in_turn(bench.rounds, bench.ours.start_changed, bench.ours.start_unchanged)
    yield compared("start after 1 of 100 files changed", "after none changed", "ms", pairs, None)


def large(bench: Bench) -> Iterator[Figure]:
    """Compare what a large collection costs: its first question, its load, its statistics, a search, the fold of its log."""
    huge, fresh = bench.homes.reviewed(MANY), bench.homes.fresh()
    often = bench.homes.reviewed(CARDS)
    pairs = in_turn(bench.rounds, lambda: bench.ours.first(huge), lambda: bench.ours.first(fresh))
    yield compared("start to the first question, huge", "400 cards, no review", "ms", [(a.ms, b.ms) for a, b in pairs], 1.5)
    folds = in_turn(3, lambda: bench.ours.counted("replay", often))
    yield compared("fold 1,000,000 reviews again", "bare loop over tuples", "s", [fold for (fold,) in folds], 3.0)
    found = in_turn(3, lambda: bench.ours.counted("search", bench.homes.unmet()))
    yield compared("search a word in 10,000 cards", "bare instr", "s", [search for (search,) in found], 2.0)
    if not (anki := bench.anki):
        return
    both = in_turn(3, lambda: bench.ours.loads(MANY), lambda: anki.loads(cards=MANY))
    yield compared("load 100,000 cards", "Anki, from TSV", "s", [(a["load"], b["load"]) for a, b in both], 1.0)
    yield compared("load 1 changed file of 100, huge", "Anki, from TSV", "s", [(a["reload"], b["reload"]) for a, b in both], 0.1)
    yield compared("peak memory, load 100,000 cards", "Anki, from TSV", "MiB", [(a["peak"], b["peak"]) for a, b in both], 0.7)
    graphs = in_turn(3, lambda: bench.ours.counted("stats", often)[0], lambda: anki.graphs(REVIEWS))
    yield compared("stats of 1,000,000 reviews", "Anki's graphs", "s", graphs, 0.5)


ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "version": version,
    "due": due,
    "first": first,
    "enter": enter,
    "grade": grade,
    "load": load,
    "changed": changed,
    "large": large,
}
LONG = ("large",)  # rows that take minutes: measured when they are asked for
