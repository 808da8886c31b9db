"""What programs read: cards, one card and reviews as JSON values, and as tab-separated lines.

Invariant: nothing here depends on the width of a terminal or the language of the labels, and a line has no tab or line
end inside a field; Rich is not imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmquiz.log.search import Hit
from llmquiz.model import Memory, Review, Whole
from llmquiz.questions import say
from llmquiz.render import clean


def cards_json(hits: Sequence[Hit], lang: str) -> list[dict[str, Any]]:
    """Return cards as JSON values; docs/json.md tells their shape."""
    return [
        {
            "id": h.id,
            "kind": h.kind,
            "topic": h.topic,
            "level": h.level,
            "tags": list(h.tags),
            "due": h.memory.due.isoformat() if h.memory else None,
            "interval": h.memory.interval if h.memory else None,
            "ease": h.memory.ease / 100 if h.memory else None,
            "lapses": h.memory.lapses if h.memory else 0,
            "flags": list(h.marks),
            "question": say(h.text, lang),
        }
        for h in hits
    ]


def cards_lines(hits: Sequence[Hit], lang: str) -> list[str]:
    """Return a line a card: id, kind, topic, level, due, interval, ease, lapses, flags, question, a tab apart; "-" for none."""
    out = []
    for card in cards_json(hits, lang):
        fields = [card[k] for k in ("id", "kind", "topic", "level", "due", "interval", "ease", "lapses")]
        fields += [",".join(card["flags"]) or None, card["question"]]
        out.append(tab_separated(fields))
    return out


def tab_separated(fields: Sequence[object]) -> str:
    """Return a line of fields, a tab apart; "-" for None and for empty text."""
    return "\t".join([" ".join(clean(f if isinstance(f, str) else str("" if f is None else f)).split()) or "-" for f in fields])


def memory_json(memory: Memory | None) -> dict[str, Any] | None:
    """Return a memory as JSON values, None for a new card."""
    if memory is None:
        return None
    return {
        "due": memory.due.isoformat(),
        "interval": memory.interval,
        "ease": memory.ease / 100,
        "repetitions": memory.repetitions,
        "lapses": memory.lapses,
    }


def review_json(r: Review) -> dict[str, Any]:
    """Return a review as JSON values."""
    return {
        "card": r.card,
        "at": r.at,
        "day": r.day.isoformat(),
        "grade": int(r.grade),
        "seconds": r.seconds,
        "mode": r.mode,
        "grader": r.grader,
        "lang": r.lang,
        "answer": r.answer,
        "device": r.device,
    }


def whole_json(card: Whole) -> dict[str, Any]:
    """Return everything about a card as JSON values: the question as it stands in YAML, its memory, its history."""
    q = card.question
    return {
        "id": q.id,
        "kind": q.kind,
        "topic": q.topic,
        "level": q.level,
        "path": card.path,
        "mine": card.mine,
        "flags": list(card.marks),
        "question": dict(q.body),
        "memory": memory_json(card.memory),
        "history": [review_json(r) | {"interval": days} for r, days in zip(card.history, card.intervals, strict=True)],
    }


def history_lines(reviews: Sequence[Review]) -> list[str]:
    """Return a line a review: at, day, card, grade, mode, seconds, lang, answer, a tab apart; "-" for none."""
    return [tab_separated([r.at, r.day, r.card, int(r.grade), r.mode, r.seconds, r.lang, r.answer]) for r in reviews]
