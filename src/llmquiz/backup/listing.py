"""What a backup is, and which there are.

Invariant: looking at backups changes none, and one whose description is damaged is listed with what is wrong with it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from llmquiz.backup.files import NAME, digest, made_of
from llmquiz.disk import is_folder
from llmquiz.model import instant

ABOUT, DATABASE, LINES = "about.json", "collection.db", "log.jsonl"
FORMAT = 1
REPLAYED, QUICK, NOT = "replayed", "quick", "no"  # how a backup was checked
STUDY, NOW, MIGRATION, MERGE, SYNC, RESTORE, RESTORED, DOCTOR, DAMAGED = (
    "study", "now", "migration", "merge", "sync", "restore", "restored", "doctor", "damaged",
)  # fmt: skip
NEWER = "a newer llmquiz"  # what one was made by that only that can read
BEFORE = (MIGRATION, MERGE, SYNC, RESTORE, DOCTOR)  # made before something destructive


class Counts(NamedTuple):
    """Events of a log: rows of the tables that only grow."""

    reviews: int = 0
    undos: int = 0
    marks: int = 0
    rivals: int = 0


class Backup(NamedTuple):
    """One backup.

    `why` is what it was made for or before; `checked` how far it was found good when it was made; `size` bytes of all
    its files; `digests` SHA-256 by file name; `fault` what is wrong with its description, or "".
    """

    folder: Path
    made: datetime
    why: str
    checked: str
    counts: Counts
    size: int
    digests: Mapping[str, str]
    fault: str = ""

    @property
    def name(self) -> str:
        """The name that `llmquiz restore` takes."""
        return self.folder.name

    @property
    def database(self) -> Path:
        """The copy of the database."""
        return self.folder / DATABASE

    @property
    def lines(self) -> Path:
        """The log as JSON lines; a quick one has none."""
        return self.folder / LINES

    @property
    def good(self) -> bool:
        """Whether it was checked when it was made, and says so legibly."""
        return not self.fault and self.checked != NOT

    def changed(self) -> list[str]:
        """Say which files are no longer as they were when they were checked; reads all of them."""
        if self.fault:
            return [self.fault]
        out = []
        for file, was in self.digests.items():
            path = self.folder / file
            if not path.is_file():
                out.append(f"{file} is missing")
            elif digest(path) != was:
                out.append(f"{file} has changed since it was checked")
        return out


def write_about(folder: Path, made: datetime, why: str, checked: str, counts: Counts) -> None:
    """Describe the backup in `folder`: what it is of, how it was checked, the SHA-256 of its files if it was."""
    from llmquiz import __version__

    about = {
        "format": FORMAT,
        "program": f"llmquiz {__version__}",
        "made": instant(made),
        "why": why,
        "checked": checked,
        **counts._asdict(),
        "sha256": {p.name: digest(p) for p in sorted(folder.iterdir())} if checked != NOT else {},
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def listing(folder: Path) -> list[Backup]:
    """Return the backups in a folder, newest first."""
    if not is_folder(folder):
        return []
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another llmquiz drops it just now
            if NAME.fullmatch(path.name) and path.is_dir():
                found.append(read(path))
    return sorted(found, key=lambda b: (b.made, b.name), reverse=True)


def read(folder: Path) -> Backup:
    """Return the backup in `folder`."""
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return _backup(folder, about, size)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        fault = f"{ABOUT} cannot be read ({type(error).__name__})"
        return Backup(folder, made_of(folder.name), "?", NOT, Counts(), size, {}, fault)


def _backup(folder: Path, about: Mapping[str, Any], size: int) -> Backup:
    if about["format"] > FORMAT:
        return Backup(folder, made_of(folder.name), NEWER, NOT, Counts(), size, {})
    counts = Counts(*(int(about[name]) for name in Counts._fields))
    digests = {str(k): str(v) for k, v in about["sha256"].items() if Path(k).name == k}
    return Backup(folder, datetime.fromisoformat(about["made"]), str(about["why"]), str(about["checked"]), counts, size, digests)
