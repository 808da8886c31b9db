"""The queries that pick cards from the cache of parsed bank files, which `filling` fills.

Invariant: no query here reads a bank file, and none grows with the review log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date

from llmquiz.log import MEMORY_COLUMNS, Log, memory
from llmquiz.log.memories import NEW_FROM
from llmquiz.log.store import told
from llmquiz.model import Card, Problem
from llmquiz.questions import Question, Text, make
from llmquiz.session import Pile, Wanted

HIDDEN = """select card from current_marks
    where (mark = 'suspended' and value = '1') or (mark = 'buried' and value > :day)"""
ANY = Wanted()
Condition = tuple[str, dict[str, object]]  # on questions `q`, and its values
ALL: Condition = "1", {}
MANY = 1000  # cards whose lookup one notices
MOST = 9  # more than any level
PLACE = ("from_level", "from_rank", "from_id")
UNMET = """questions q where not q.shadowed and (q.level, q.rank, q.id) >= (:from_level, :from_rank, :from_id)
        and not exists (select 1 from memories m where m.card = q.id)"""
# all in the order of ids: in another each of many cards is on a page that has to be fetched again
BY_ID = "questions q indexed by questions_asked"
MET = f"{BY_ID} cross join memories m on m.card = q.id"
CARD_COLUMNS = "q.id, q.topic, q.level, q.follow_ups, q.kind"
MEMORIES = ", ".join(f"m.{c}" for c in MEMORY_COLUMNS.split(", "))


def problems(log: Log) -> list[Problem]:
    """Return the problems found when the cached files were parsed, and ids that stand in two files."""
    out = []
    for path, said in log.reading("select path, problems from bank_files where problems <> '[]' order by position"):
        out += [Problem(path, line, column, message, warning) for line, column, message, warning in json.loads(said)]
    for card, path in log.reading("""select q.id, q.file from questions q where q.shadowed and not exists (
            select 1 from questions o where o.id = q.id and json_extract(o.body, '$.replaces')) order by q.file, q.id"""):
        out.append(Problem(path, 0, 0, f"duplicate id `{card}`: another file has it too, and that one is asked; give this one another id"))
    return out


def question(log: Log, card: str) -> Question | None:
    """Return a question of the bank, None where there is none by that id."""
    row = log.reading("select topic, body from questions where id = ? and not shadowed", (card,))
    return make(row[0][0], json.loads(row[0][1])) if row else None


def file_of(log: Log, card: str) -> str:
    """Return the bank file that a question is asked from, "" where there is none."""
    rows = log.reading("select file from questions where id = ? and not shadowed", (card,))
    return rows[0][0] if rows else ""


def texts(log: Log) -> list[tuple[str, Text]]:
    """Return every question of the bank: its id and its text."""
    rows = log.reading("select id, json_extract(body, '$.question'), json_type(body, '$.question') from questions where not shadowed")
    return [(card, json.loads(text) if kind == "object" else text) for card, text, kind in rows]


NAMED = {
    "id": "select id from questions where not shadowed order by id",
    "topic": "select distinct topic from questions order by topic",
    "tag": "select distinct tags from questions",
    "kind": "select distinct kind from questions order by kind",
}


def names(log: Log, what: str) -> list[str]:
    """Return what a filter may name of one sort: the ids, topics, tags or kinds of the bank, sorted."""
    found = [name for (name,) in log.reading(NAMED[what])]
    return sorted({t for tags in found for t in tags.split("\x1f") if t}) if what == "tag" else found


def known(log: Log) -> dict[str, list[str]]:
    """Return all that a filter may name, by what it is."""
    return {what: names(log, what) for what in NAMED}


def titles(log: Log) -> dict[str, dict[str, str]]:
    """Return the titles of the topics by language."""
    return {topic: json.loads(title) for topic, title in log.reading("select topic, title from bank_files order by position desc")}


def title(log: Log, topic: str) -> dict[str, str]:
    """Return the titles of one topic by language, none where there is no such topic."""
    rows = log.reading("select title from bank_files where topic = ? order by position limit 1", (topic,))
    titles_: dict[str, str] = json.loads(rows[0][0]) if rows else {}
    return titles_


def due_piles(log: Log, day: date, wanted: Wanted = ANY, only: Condition = ALL) -> tuple[list[Pile], list[str]]:
    """Return how many cards are due on a study day (with `ahead`, have a memory), in piles, and which of them are code.

    `cross join` looks up the few that are due in the bank, not the other way round; two indices answer it all.
    """
    also, values = where(wanted)
    rows = log.reading(
        f"""select m.due, m.interval, count(*), group_concat(case q.kind when 'code' then q.id end, ' ')
        from memories m cross join questions q on q.id = m.card
        where m.due <= :until and not q.shadowed and q.id not in ({HIDDEN}){also} and {only[0]} group by 1, 2""",  # noqa: S608
        values | only[1] | {"day": day.isoformat(), "until": "9999-12-31" if wanted.ahead else day.isoformat()},
    )
    piles = [Pile(date.fromisoformat(due), interval, n) for due, interval, n, _ in rows]
    return piles, [card for *_, code in rows if code for card in code.split()]


def due(log: Log, piles: Iterable[Pile], day: date, wanted: Wanted = ANY, only: Condition = ALL) -> list[Card]:
    """Return the cards of some of the piles that `due_piles` told of, unordered."""
    also, values = where(wanted)
    named = json.dumps([(pile.due.isoformat(), pile.interval) for pile in piles])
    rows = log.reading(
        f"""select {CARD_COLUMNS}, {MEMORIES} from json_each(:piles) p
        cross join memories m on m.due = json_extract(p.value, '$[0]') and m.interval = json_extract(p.value, '$[1]')
        cross join questions q on q.id = m.card where not q.shadowed and q.id not in ({HIDDEN}){also} and {only[0]}""",  # noqa: S608
        values | only[1] | {"day": day.isoformat(), "piles": named},
    )
    return [_card(r[:5], memory(r[5:])) for r in rows]


def new(log: Log, day: date, wanted: Wanted, limit: int, only: Condition = ALL) -> list[Card]:
    """Return up to `limit` cards that were never reviewed, easier levels first, within a level spread by a hash of the id."""
    also, values = where(wanted)
    rank = f"q.rank * {2 * wanted.seed + 1} % 2147483647" if wanted.seed else "q.rank"
    rows = log.reading(
        f"""select {CARD_COLUMNS} from {UNMET} and q.id not in ({HIDDEN}){also} and {only[0]}
        order by q.level, {rank}, q.id limit :limit""",  # noqa: S608
        values | only[1] | _new_from(log) | {"day": day.isoformat(), "limit": limit},
    )
    return [_card(r, None) for r in rows]


def _new_from(log: Log) -> dict[str, object]:
    """Return the remembered place of the first card that may be new, the first of all where none is remembered."""
    with told(log.path):
        return dict(zip(PLACE, json.loads(log.meta(NEW_FROM) or '[0, 0, ""]'), strict=True))


def remember_new(log: Log, many: int = MANY) -> None:
    """Remember where the new cards begin, where there are many met ones: the next plan need not look at those before it."""
    ((met,),) = log.reading("select count(*) from memories")
    if met < many:
        return
    with log.writing() as db:
        sql = f"select q.level, q.rank, q.id from {UNMET} order by 1, 2, 3 limit 1"  # noqa: S608
        first = json.dumps(db.execute(sql, _new_from(log)).fetchone() or (MOST, 0, ""))
        if first != log.meta(NEW_FROM):
            log.set_meta(NEW_FROM, first)


def cards(log: Log, ids: Sequence[str], day: date, wanted: Wanted = ANY) -> list[Card]:
    """Return the cards of the bank among `ids`, in their order, that are wanted and not hidden on a study day."""
    out: list[Card] = []
    also, values = where(wanted)
    sql = f"select {CARD_COLUMNS} from questions q where q.id = :id and not q.shadowed and q.id not in ({HIDDEN}){also}"  # noqa: S608
    for card in ids:
        rows = log.reading(sql, values | {"id": card, "day": day.isoformat()})
        out += [_card(r, log.memory(card)) for r in rows]
    return out


def counts(log: Log, day: date) -> tuple[int, int]:
    """Return how many questions the bank has, and how many of them were never reviewed and are not hidden on a study day."""
    (total,) = log.reading("select count(*) from questions where not shadowed")[0]
    (met,) = log.reading(f"select count(*) from {MET} where not q.shadowed")[0]  # noqa: S608
    (hidden,) = log.reading(
        f"""select count(*) from ({HIDDEN}) h join questions q on q.id = h.card
        where not q.shadowed and not exists (select 1 from memories m where m.card = q.id)""",  # noqa: S608
        {"day": day.isoformat()},
    )[0]
    return total, total - met - hidden


def due_days(log: Log, wanted: Wanted = ANY) -> dict[date, int]:
    """Return how many cards of the bank fall due on each study day; suspended ones do not count."""
    also, values = where(wanted)
    rows = log.reading(
        f"""select m.due, count(*) from {MET} where not q.shadowed
        and q.id not in (select card from current_marks where mark = 'suspended' and value = '1'){also} group by m.due""",  # noqa: S608
        values,
    )
    return {date.fromisoformat(d): n for d, n in rows}


def _card(row: tuple, memory_: object) -> Card:  # type: ignore[type-arg]
    card, topic, level, follow_ups, kind = row
    return Card(card, topic, level, tuple(follow_ups.split()), memory_, kind)  # type: ignore[arg-type]


def where(wanted: Wanted) -> tuple[str, dict[str, object]]:
    """Return the conditions on questions `q` that a filter asks for, and their values."""
    said, values = "", dict[str, object]()
    for column, names in (("topic", wanted.topics), ("level", wanted.levels), ("kind", wanted.kinds)):
        if names:
            keys = [f"{column}{i}" for i in range(len(names))]
            said += f" and q.{column} in ({', '.join(':' + k for k in keys)})"
            values |= dict(zip(keys, names, strict=True))
    if wanted.tags:
        said += " and (" + " or ".join(f"instr(q.tags, :tag{i})" for i in range(len(wanted.tags))) + ")"
        values |= {f"tag{i}": f"\x1f{tag}\x1f" for i, tag in enumerate(wanted.tags)}
    return said, values
