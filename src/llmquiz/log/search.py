"""Queries of cards as SQL over the cache.

Invariant: what a learner typed reaches SQLite as a bound value, never as SQL; no query here reads the review log's rows,
so that none grows with them.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import NamedTuple

from llmquiz.log import MEMORY_COLUMNS, Log, memory
from llmquiz.log.cache import HIDDEN
from llmquiz.log.fold import Row
from llmquiz.model import LEECH_LAPSES, MATURE_DAYS, Memory
from llmquiz.query import WORD, Query, Term, groups
from llmquiz.questions import Text
from llmquiz.questions.base import folded

MEMORIES = ", ".join(f"m.{c}" for c in MEMORY_COLUMNS.split(", "))
# a scan in the order of the file: the index on levels would fetch every row from another page
CARDS = "questions q not indexed left join memories m on m.card = q.id"
SUSPENDED = "q.id in (select card from current_marks where mark = 'suspended' and value = '1')"
decode = json.JSONDecoder().decode
STATES = {
    "due": f"m.due <= :day and q.id not in ({HIDDEN})",
    "new": "m.card is null",
    "young": f"m.interval < {MATURE_DAYS}",
    "mature": f"m.interval >= {MATURE_DAYS}",
    "leech": f"m.lapses >= {LEECH_LAPSES}",
    "suspended": SUSPENDED,
    "flagged": "q.id in (select card from current_marks where mark = 'flagged' and value = '1')",
    "buried": "q.id in (select card from current_marks where mark = 'buried' and value > :day)",
    "mine": "instr(q.file, :mine) = 1",
}
SORTS = {
    "topic": "q.topic, q.level, q.id",
    "due": "m.due is null, m.due, q.level, q.id",
    "level": "q.level, q.topic, q.id",
    "ease": "m.ease is null, m.ease, q.id",
    "lapses": "coalesce(m.lapses, -1) desc, m.ease, q.id",
    "id": "q.id",
}


class Hit(NamedTuple):
    """A card that a query found. `memory` is None for a new one; `marks` are those that hold, and "replaces"; `text` is the question."""

    id: str
    kind: str
    topic: str
    level: int
    tags: tuple[str, ...]
    memory: Memory | None
    marks: tuple[str, ...]
    text: Text


def find(log: Log, query: Query, day: date, mine: Path, sort: str = "topic") -> list[Hit]:
    """Return the cards that a query means on a study day, in the order of `SORTS`; `mine` is the learner's own folder."""
    where, values = condition(query, day, mine)
    rows = log.reading(
        f"""select q.id, q.kind, q.topic, q.level, q.tags, json_extract(q.body, '$.question', '$.replaces'), {MEMORIES}
        from {CARDS} where {where} order by {SORTS[sort]}""",  # noqa: S608
        values,
    )
    marks = _marks(log, day) if rows else {}
    return [_hit(row, marks) for row in rows]


def place(log: Log, card: str) -> str:
    """Return the bank file of a question that is in the bank."""
    ((path,),) = log.reading("select file from questions where id = ? and not shadowed", (card,))
    return str(path)


def condition(query: Query, day: date, mine: Path) -> tuple[str, dict[str, object]]:
    """Return the condition on `CARDS` that a query means, and its values."""
    values: dict[str, object] = {"day": day.isoformat(), "mine": f"{mine}{os.sep}"}
    said = ["not q.shadowed"]
    said += ["(" + " or ".join(_one(term, values) for term in group) + ")" for group in groups(query)]
    return " and ".join(said), values


def _one(term: Term, values: dict[str, object]) -> str:
    name = f"v{len(values)}"
    match term.key:
        case "is":
            sql = STATES[term.value]
        case "tag":
            sql, values[name] = f"instr(q.tags, :{name})", f"\x1f{term.value}\x1f"
        case "lang":
            sql, values[name] = f"json_extract(q.body, :{name}) is not null", f"$.question.{term.value}"
        case key if key == WORD:
            sql, values[name] = f"instr(q.said, :{name})", folded(term.value)
        case column:
            sql, values[name] = f"q.{column} = :{name}", int(term.value) if column == "level" else term.value
    return f"not coalesce({sql}, 0)" if term.negated else sql


def _marks(log: Log, day: date) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    sql = "select card, mark from current_marks where value <> '' and (mark <> 'buried' or value > ?) order by card, mark"
    for card, mark in log.reading(sql, (day.isoformat(),)):
        out.setdefault(card, []).append(mark)
    return out


def _hit(row: Row, marks: dict[str, list[str]]) -> Hit:
    card, kind, topic, level, tags, text, *rest = row
    asked, replaces = decode(text)
    held = (*marks.get(card, ()), *(["replaces"] if replaces else [])) if replaces or card in marks else ()
    return Hit(card, kind, topic, level, tuple(filter(None, tags.split("\x1f"))), memory(rest) if rest[0] else None, held, asked)
