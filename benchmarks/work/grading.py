"""llmquiz's part of a review, in process: the grade, and the next card fetched with its question.

Invariant: it calls what the study screen calls between the key of a grade and the drawing of the next question, and
times what is timed of the others: the drawing is not.
"""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import cycle

from llmquiz.cli.context import Clock
from llmquiz.cli.sitting import Sitting
from llmquiz.cli.words import Words
from llmquiz.collection import Collection
from llmquiz.config import paths, settings
from llmquiz.model import Grade
from llmquiz.session import Wanted

GRADES = (Grade.GOOD, Grade.GOOD, Grade.PERFECT, Grade.CLOSE)


def main() -> None:
    """Study as many new cards as each line of standard input says; print the milliseconds of each as JSON."""
    where, clock = paths(os.environ), Clock()
    collection = Collection(where, settings(where.config))
    sitting = Sitting(collection, collection.session(Wanted(new=sys.maxsize), clock.now()), clock, "en", Words("en"))
    sitting.offer()
    sitting.prepare()
    grades = cycle(GRADES)
    for line in sys.stdin:
        took = []
        for _ in range(int(line)):
            before = time.perf_counter()
            sitting.grade(next(grades))
            sitting.offer()
            took.append((time.perf_counter() - before) * 1000)
            sitting.place(), sitting.left(), sitting.about(), sitting.front()
            sitting.prepare()  # as the screen does while it waits for the key
        print(json.dumps(took), flush=True)
    collection.close()


if __name__ == "__main__":
    main()
