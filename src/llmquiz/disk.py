"""Files and folders that only the learner can read, and whose names survive a power cut; names that a person may give to anything.

Invariant: what others may do with a file is only ever taken away here, never given; a folder that was there before keeps the
mode that its owner gave it. Whatever a name leads to, `there`, `is_folder` and `expanded` answer, where pathlib raises for some.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OWNER = 0o700


def there(path: Path) -> bool:
    """Whether something has this name; no where it is too long for one, or leads through what may not be entered."""
    return os.path.exists(path)  # noqa: PTH110


def is_folder(path: Path) -> bool:
    """Whether a folder has this name, likewise."""
    return os.path.isdir(path)  # noqa: PTH112


def expanded(path: str | Path) -> Path:
    """Return a path with its ~ or ~name in full, as it is where nobody has that name."""
    return Path(os.path.expanduser(path))  # noqa: PTH111


def read_file(path: Path) -> bytes:
    """Return the bytes of a file; raises OSError where it cannot be read, or as `mode_of` does."""
    mode_of(path)
    return path.read_bytes()


def mode_of(path: Path) -> int:
    """Return the mode of a file or folder; raises OSError where there is none, or it is a pipe or a device, which may never end."""
    try:
        mode = path.stat().st_mode
    except ValueError as error:  # a NUL in it
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "it is not a file, but a pipe or a device", str(path))
    return mode


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it that are missing, for the learner alone; on disk when this returns."""
    if is_folder(folder):
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
