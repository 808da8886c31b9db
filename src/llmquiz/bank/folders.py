"""The bank's files on disk: which there are, and their bytes.

Invariant: a folder or file that cannot be read is a problem with its path, never an exception; no file outside a bank folder
is read for it; nothing here parses, so that a start with an unchanged bank does not import yaml.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from llmquiz.disk import read_file
from llmquiz.model import Problem

LARGEST = 8 * 2**20  # bytes
SUFFIXES = (".yaml", ".yml")


class Entry(NamedTuple):
    """A bank file as a directory listing sees it: path, size in bytes, mtime in ns."""

    path: str
    size: int
    mtime_ns: int


def listing(folder: Path) -> tuple[list[Entry], list[Problem]]:
    """List the bank files of a folder (not of its subfolders), sorted by name; hidden files do not count.

    A link that leads out of the folder is a problem: what a bank brings along must not reach other files of the learner's.
    """
    astray: list[Problem] = []
    try:
        with os.scandir(folder) as entries:
            names = [e for e in entries if e.name.endswith(SUFFIXES) and not e.name.startswith(".") and e.is_file()]
            said = "a link that leads out of its folder, which is not followed: put the file itself here, or name its folder as a bank"
            astray = [Problem(e.path, 0, 0, said) for e in names if leads_out(Path(e.path), linked=e.is_symlink())]
            out = {p.path for p in astray}
            found = [Entry(e.path, (s := e.stat()).st_size, s.st_mtime_ns) for e in names if e.path not in out]
    except OSError as error:
        return [], [Problem(str(folder), 0, 0, f"bank folder cannot be read: {error.strerror}")]
    return sorted(found, key=lambda e: e.path), sorted(astray)


def leads_out(path: Path, *, linked: bool) -> bool:
    """Whether a file, `linked` or not, is a link to somewhere else than below its own folder."""
    return linked and path.parent.resolve() not in path.resolve().parents


def read(path: str) -> tuple[bytes, list[Problem]]:
    """Return the bytes of a bank file, b"" with a problem where it is too large or cannot be read."""
    try:
        size = Path(path).stat().st_size
        if size > LARGEST:
            said = f"{size / 2**20:.0f} MiB is too large for a bank file (at most {LARGEST // 2**20} MiB): split it by topic"
            return b"", [Problem(path, 0, 0, said)]
        return read_file(Path(path)), []
    except OSError as error:
        return b"", [Problem(path, 0, 0, f"cannot be read: {error.strerror}")]


def digest(raw: bytes) -> str:
    """Return the hash of a file's bytes by which it is known again: BLAKE2b, 32 bytes in hex."""
    from hashlib import blake2b

    return blake2b(raw, digest_size=32).hexdigest()
