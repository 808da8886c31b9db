"""Files that must survive a crash: fsync of files and folders, names, modes, what a crash may have left over.

Invariant: when a function here returns, what it wrote is on disk, with its name.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path

from llmquiz.disk import PRIVATE_FILE, PRIVATE_FOLDER, sync_folder

NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?")
LEFT_OVER = re.compile(r"\.?[\w.-]+\.(new|new-wal|new-shm|new-journal|new-lock)")
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database
IN_USE = timedelta(minutes=10)  # a temporary file that was touched since may belong to a running llmquiz


def name_of(made: datetime) -> str:
    """Return the name of a backup made at an instant: UTC, to the second, without the signs that some systems refuse."""
    return made.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")


def made_of(name: str) -> datetime:
    """Return the instant that is in a backup's name."""
    return datetime.strptime(name[:20], "%Y-%m-%dT%H-%M-%SZ").replace(tzinfo=UTC)


def sync_file(path: Path) -> None:
    """Wait until a file's bytes are on disk."""
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def copy(source: Path, target: Path) -> None:
    """Copy a file byte for byte, for the learner's eyes only, and wait until it is on disk."""
    shutil.copyfile(source, target)
    target.chmod(PRIVATE_FILE)
    sync_file(target)


def keep(path: Path, target: Path, *, link: bool = False) -> None:
    """Keep a file or folder under another name as it is: itself, where `link` is asked for and can be, else a copy."""
    if path.is_dir():
        shutil.copytree(path, target)
        return
    if link:
        with contextlib.suppress(OSError):  # no hard links here (exFAT, some network shares)
            os.link(path, target)
            return
    copy(path, target)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def temporary(database: Path) -> list[Path]:
    """Return a database that was made for a while, with all that may stand beside it."""
    return [database, *(Path(f"{database}{end}") for end in (*BESIDE, "-lock"))]


def beside(database: Path) -> list[Path]:
    """Return the files that SQLite has beside a database now."""
    return [p for end in BESIDE if (p := Path(f"{database}{end}")).exists()]


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Make a folder under a temporary name in `folder`; what is still there at the end is removed."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    inside = folder / f".{os.urandom(4).hex()}.new"
    inside.mkdir(mode=PRIVATE_FOLDER)
    try:
        yield inside
    finally:
        shutil.rmtree(inside, ignore_errors=True)


def into_place(staged: Path, folder: Path, name: str) -> Path:
    """Give a complete folder its name, the next free one; wait until all of it is on disk."""
    for path in staged.rglob("*"):
        path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
        if path.stat().st_nlink == 1:  # a second name of the live database: opening it would drop SQLite's locks
            sync_file(path)
    sync_folder(staged)
    for n in range(1, 10_000):
        target = folder / (name if n == 1 else f"{name}-{n}")
        if target.exists():
            continue
        try:
            staged.rename(target)
        except OSError:
            if target.exists():  # another llmquiz took the name just now
                continue
            raise
        sync_folder(folder)
        return target
    msg = f"{folder}: no name is free for {name}"
    raise FileExistsError(msg)


def left_over(folder: Path, now: datetime) -> list[Path]:
    """Return temporary files and folders of a crash: those that nobody has touched for a while."""
    if not folder.is_dir():
        return []
    old = (now - IN_USE).timestamp()
    return sorted(p for p in folder.iterdir() if LEFT_OVER.fullmatch(p.name) and p.lstat().st_mtime < old)
