"""Anki's part, in a Python that has `anki` (pip install anki==26.9.3): load, grade, first. llmquiz itself never needs it.

Invariant: Anki is set up to do what SM-2 does (no learning steps, no daily limit), and only its own work is timed.
"""

from __future__ import annotations

import json
import sys
import time
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


def grade(collection: Any, reviews: int, pause: float) -> list[float]:
    """Answer cards, `pause` seconds before each; return the milliseconds from each answer to the next card."""
    unlimited(collection)
    card, states = following(collection)
    took = []
    for n in range(reviews):
        time.sleep(pause)
        before = time.perf_counter()
        answer = collection.sched.build_answer(card=card, states=states, rating=RATINGS[n % len(RATINGS)])
        collection.sched.answer_card(answer)
        card, states = following(collection)
        took.append((time.perf_counter() - before) * 1000)
    return took


def main(task: str, path: str, *rest: str) -> None:
    """Do a task on the collection at `path`; print what it took as JSON."""
    collection = anki.collection.Collection(path)
    if task == "load":
        print(json.dumps({"load": load(collection, rest[0]), "reload": load(collection, rest[1])}))
    elif task == "grade":
        print(json.dumps(grade(collection, int(rest[0]), float(rest[1]))))
    else:
        collection.decks.select(1)
        print(following(collection)[0].question()[:60])
    collection.close()


if __name__ == "__main__":
    Path(sys.argv[2]).parent.mkdir(parents=True, exist_ok=True)
    main(*sys.argv[1:])
