"""Anki's part, in a Python that has `anki` (pip install anki==26.9.3): load, grade, first, graphs. llmquiz itself never needs it.

Invariant: Anki is set up to do what SM-2 does (no learning steps, no daily limit), and only its own work is timed.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import anki.collection  # before anki.cards, which imports it in a circle
from anki.cards import Card
from anki.import_export_pb2 import CsvMetadata
from anki.scheduler.v3 import CardAnswer

RATINGS = (CardAnswer.GOOD, CardAnswer.GOOD, CardAnswer.EASY, CardAnswer.AGAIN)


def load(collection: Any, tsv: str) -> float:
    """Import a file of cards; return the seconds."""
    before = time.perf_counter()
    metadata = collection.get_csv_metadata(tsv, None)
    metadata.dupe_resolution = CsvMetadata.DupeResolution.UPDATE
    collection.import_csv(anki.collection.ImportCsvRequest(path=tsv, metadata=metadata))
    return time.perf_counter() - before


def unlimited(collection: Any) -> None:
    """One answer graduates a card, and no day is too long."""
    config = collection.decks.config_dict_for_deck_id(1)
    config["new"]["perDay"] = config["rev"]["perDay"] = 9999
    config["new"]["delays"] = []
    config["lapse"]["delays"] = []
    collection.decks.update_config(config)
    collection.decks.select(1)


def following(collection: Any) -> tuple[Any, Any]:
    """Fetch the next card and its states."""
    queued = collection.sched.get_queued_cards(fetch_limit=1).cards[0]
    card = Card(collection, backend_card=queued.card)
    card.start_timer()
    return card, queued.states


def grade(collection: Any) -> None:
    """Answer as many cards as each line of standard input says; print the milliseconds from each answer to the next card as JSON."""
    unlimited(collection)
    card, states = following(collection)
    ratings = cycle(RATINGS)
    for line in sys.stdin:
        took = []
        for _ in range(int(line)):
            before = time.perf_counter()
            answer = collection.sched.build_answer(card=card, states=states, rating=next(ratings))
            collection.sched.answer_card(answer)
            card, states = following(collection)
            took.append((time.perf_counter() - before) * 1000)
        print(json.dumps(took), flush=True)


def graphs(path: str, reviews: int) -> float:
    """Give the cards a log of two years, the last review a day ago at most; return the seconds of all graphs, the median of 3."""
    with sqlite3.connect(path) as db:
        cards = [card for (card,) in db.execute("select id from cards order by id")]
        now, apart = int(time.time() * 1000), 2 * 365 * 86_400_000 // reviews  # noqa: TID251
        rows = (
            (now - (reviews - n) * apart, cards[n * 7919 % len(cards)], -1, 1 + n % 4, 1 + n % 120, 1, 2500, 9000, 1)
            for n in range(reviews)
        )
        db.executemany("insert into revlog values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        due = ((100 + n % 60, 10 + n % 90, card) for n, card in enumerate(cards))
        db.executemany("update cards set type = 2, queue = 2, due = ?, ivl = ? where id = ?", due)
    db.close()
    collection = anki.collection.Collection(path)
    took = []
    for _ in range(3):
        before = time.perf_counter()
        collection._backend.graphs(search="", days=0)  # noqa: SLF001  as its screens do
        took.append(time.perf_counter() - before)
    collection.close()
    return sorted(took)[1]


def main(task: str, path: str, *rest: str) -> None:
    """Do a task on the collection at `path`; print what it took as JSON."""
    if task == "graphs":
        print(json.dumps(graphs(path, int(rest[0]))))
        return
    collection = anki.collection.Collection(path)
    if task == "load":
        whole, again = load(collection, rest[0]), load(collection, rest[1])
        print(json.dumps({"load": whole, "reload": again, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
    elif task == "grade":
        grade(collection)
    else:
        collection.decks.select(1)
        print(following(collection)[0].question()[:60])
    collection.close()


if __name__ == "__main__":
    Path(sys.argv[2]).parent.mkdir(parents=True, exist_ok=True)
    main(*sys.argv[1:])
