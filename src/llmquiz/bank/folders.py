"""The bank's files on disk: which there are, and their bytes.

Invariant: a folder or file that cannot be read is a problem with its path, never an exception; nothing here parses, so
that a start with an unchanged bank does not import yaml.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from llmquiz.model import Problem

LARGEST = 8 * 2**20  # bytes
SUFFIXES = (".yaml", ".yml")


class Entry(NamedTuple):
    """A bank file as a directory listing sees it: path, size in bytes, mtime in ns."""

    path: str
    size: int
    mtime_ns: int


def listing(folder: Path) -> tuple[list[Entry], list[Problem]]:
    """List the bank files of a folder (not of its subfolders), sorted by name; hidden files do not count."""
    try:
        with os.scandir(folder) as entries:
            names = [e for e in entries if e.name.endswith(SUFFIXES) and not e.name.startswith(".") and e.is_file()]
            found = [Entry(e.path, (s := e.stat()).st_size, s.st_mtime_ns) for e in names]
    except OSError as error:
        return [], [Problem(str(folder), 0, 0, f"bank folder cannot be read: {error.strerror}")]
    return sorted(found, key=lambda e: e.path), []


def read(path: str) -> tuple[bytes, list[Problem]]:
    """Return the bytes of a bank file, b"" with a problem where it is too large or cannot be read."""
    try:
        size = Path(path).stat().st_size
        if size > LARGEST:
            said = f"{size / 2**20:.0f} MiB is too large for a bank file (at most {LARGEST // 2**20} MiB): split it by topic"
            return b"", [Problem(path, 0, 0, said)]
        return Path(path).read_bytes(), []
    except OSError as error:
        return b"", [Problem(path, 0, 0, f"cannot be read: {error.strerror}")]


def digest(raw: bytes) -> str:
    """Return the hash of a file's bytes by which it is known again: BLAKE2b, 32 bytes in hex."""
    from hashlib import blake2b

    return blake2b(raw, digest_size=32).hexdigest()
