"""One thing that doctor found.

Invariant: words for a person, and a kind for a program; nothing is done here.
"""

from __future__ import annotations

from typing import NamedTuple

REBUILT = ("empty", "garbage", "truncated", "damaged", "foreign", "schema", "migration", "rows", "missing", "lines")


class Finding(NamedTuple):
    """What was found: its kind, the file, what is wrong, and what `--fix` does about it ("" where a person has to).

    A finding that is not `wrong` is a note.
    """

    kind: str
    path: str
    said: str
    remedy: str
    wrong: bool = True

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.path}: {self.said}"
