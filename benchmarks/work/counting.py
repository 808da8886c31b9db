"""llmquiz's part at a large scale, in process: the caches folded again, statistics, a search; and the floors of two of them.

Invariant: every figure is the median of a few runs in one process, its floor's runs among them in turn.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from statistics import median

from llmquiz.cli.context import Clock
from llmquiz.collection import Collection
from llmquiz.config import paths, settings
from llmquiz.query import parse
from llmquiz.render.numbers import stats_json

WORD = "键值缓存"  # in every third card
RUNS = 5
Task = Callable[[], object]


def took(*tasks: Task, runs: int = RUNS) -> list[float]:
    """Return the median seconds of each task; they are run in turn."""
    out: list[list[float]] = [[] for _ in tasks]
    for _ in range(runs):
        for task, seconds in zip(tasks, out, strict=True):
            before = time.perf_counter()
            task()
            seconds.append(time.perf_counter() - before)
    return [median(seconds) for seconds in out]


def bare_replay(reviews: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int, int, int]]:
    """Fold (card, day, grade), sorted by card and instant, by SuperMemo 2: what no replay can do without."""
    memories = {}
    last, due, interval, ease, repetitions = "", 0, 0, 250, 0
    for card, day, grade in reviews:
        if card != last:
            last, due, interval, ease, repetitions = card, day, 0, 250, 0
        if grade < 3:  # noqa: PLR2004
            interval, repetitions = 1, 0
        elif day >= due:
            interval = (1, 6)[repetitions] if repetitions < 2 else -(-interval * ease // 100)  # noqa: PLR2004
            ease = max(130, ease + (5 - grade) * (-8 - (5 - grade) * 2) + 10)
            repetitions += 1
        else:
            continue
        due = day + interval
        memories[card] = due, interval, ease, repetitions
    return memories


def replay(collection: Collection) -> list[float]:
    """Return the seconds of folding the whole log again, caches written, and of the bare loop over as many tuples."""
    rows = collection.log.db.execute("select card, cast(julianday(day) as integer), grade from reviews order by card, at").fetchall()
    return took(collection.log.rebuild, lambda: bare_replay(rows), runs=1)


def statistics(collection: Collection) -> list[float]:
    """Return the seconds of `stats --json`."""
    now = Clock().now()
    return took(lambda: json.dumps(stats_json(collection.stats(now))))


def search(collection: Collection) -> list[float]:
    """Return the seconds of a search for a Chinese word, and of `instr` in SQLite over the same texts."""
    now, query = Clock().now(), parse(WORD)
    floor = "select id from questions where instr(said, ?)"
    return took(lambda: collection.find(query, now), lambda: collection.log.db.execute(floor, (WORD,)).fetchall())


def main(task: str) -> None:
    """Do a task on the collection of LLMQUIZ_HOME; print its seconds as JSON."""
    where = paths(os.environ)
    collection = Collection(where, settings(where.config))
    print(json.dumps({"replay": replay, "stats": statistics, "search": search}[task](collection)))
    collection.close()


if __name__ == "__main__":
    main(sys.argv[1])
