"""Files and folders that only the learner can read, and whose names survive a power cut.

Invariant: what others may do with a file is only ever taken away here, never given; a folder that was there before keeps the
mode that its owner gave it.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OWNER = 0o700


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it that are missing, for the learner alone; on disk when this returns."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk: a file that was made, linked or renamed there survives a power cut."""
    if os.name == "nt":  # folders cannot be opened there; NTFS journals the rename
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def tighten(path: Path) -> None:
    """Take from everybody but its owner what they may do with a file; nothing where that is not ours to do, or no such file."""
    with contextlib.suppress(OSError):
        mode = path.stat().st_mode & 0o777
        if mode & ~OWNER:
            path.chmod(mode & OWNER)
