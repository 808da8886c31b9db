"""The floor of a load: libyaml's events of every file, none of them used, and one transaction of the bare bytes.

Invariant: the same parser and the same bytes as llmquiz, nothing built, checked or indexed.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def main(bank: str, work: str) -> None:
    """Print the seconds of one load."""
    db = sqlite3.connect(Path(work) / "floor-load.db", isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("create table files(path text primary key, body text not null) without rowid")
    before = time.perf_counter()
    db.execute("begin immediate")
    for path in sorted(Path(bank).glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        loader = LOADER(text)
        while loader.check_event():
            loader.get_event()
        db.execute("insert into files values (?, ?)", (str(path), text))
    db.execute("commit")
    print(time.perf_counter() - before)
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
