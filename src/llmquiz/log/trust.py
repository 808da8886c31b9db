"""Which bank files may have their code run: the hashes of their contents, in the `meta` table.

Invariant: trust is in a content, not in a path: a file that changed is not trusted, whoever changed it. What is kept beside
the hash is the path that was named, for the learner to read.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmquiz.log import Log

PREFIX = "trusted "
MAY_RUN = f"""(q.kind <> 'code' or exists (select 1 from bank_files f where f.path = q.file and f.hash <> ''
    and (substr(f.path, 1, length(:shipped)) = :shipped or exists (select 1 from meta where name = '{PREFIX}' || f.hash))))"""  # noqa: S608


def trusted(log: Log) -> dict[str, str]:
    """Return the trusted hashes, each with the path it was trusted under, by path."""
    rows = log.reading("select substr(name, ?), value from meta where substr(name, 1, ?) = ? order by value", (*_SIZES, PREFIX))
    return dict(rows)


def trust(log: Log, digest: str, path: str) -> None:
    """Trust a content; what was trusted under the same path before no longer is."""
    with log.writing():
        _drop(log, [old for old, where in trusted(log).items() if where == path])
        log.set_meta(PREFIX + digest, path)


def forget(log: Log, digests: Sequence[str]) -> None:
    """Trust contents no longer."""
    with log.writing():
        _drop(log, digests)


def _drop(log: Log, digests: Sequence[str]) -> None:
    for digest in digests:
        log.db.execute("delete from meta where name = ?", (PREFIX + digest,))


def locked(log: Log, cards: Sequence[str], shipped: str) -> dict[str, str]:
    """Return those of the cards whose code may not run, each with its file; `shipped` begins the paths that always may."""
    found: dict[str, str] = {}
    for card in cards:
        sql = f"select q.id, q.file from questions q where q.id = :card and not q.shadowed and not {MAY_RUN}"  # noqa: S608
        found |= dict(log.reading(sql, {"card": card, "shipped": shipped}))
    return found


_SIZES = (len(PREFIX) + 1, len(PREFIX))
