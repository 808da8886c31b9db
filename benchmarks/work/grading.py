"""llmquiz's part of a review, in process: the grade, and the next card fetched with its question.

Invariant: it calls what the study screen calls between the key of a grade and the drawing of the next question, and
times what is timed of the others: the drawing is not.
"""

from __future__ import annotations

import json
import os
import sys
import time

from llmquiz.cli.context import Clock
from llmquiz.cli.sitting import Sitting
from llmquiz.cli.words import Words
from llmquiz.collection import Collection
from llmquiz.config import paths, settings
from llmquiz.model import Grade
from llmquiz.session import Wanted

GRADES = (Grade.GOOD, Grade.GOOD, Grade.PERFECT, Grade.CLOSE)


def main(reviews: int, pause: float) -> None:
    """Study cards of the collection of LLMQUIZ_HOME, `pause` seconds before each grade; print the milliseconds of each as JSON."""
    where, clock = paths(os.environ), Clock()
    collection = Collection(where, settings(where.config))
    session = collection.session(Wanted(new=reviews + 1), clock.now())
    sitting = Sitting(collection, session, clock, "en", Words("en"))
    sitting.offer()
    took = []
    for n in range(reviews):
        sitting.prepare()  # as the screen does while it waits for the key
        time.sleep(pause)
        before = time.perf_counter()
        sitting.grade(GRADES[n % len(GRADES)])
        sitting.offer()
        took.append((time.perf_counter() - before) * 1000)
        sitting.place(), sitting.left(), sitting.about(), sitting.front()
    collection.close()
    print(json.dumps(took))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
