"""Files of lines in a folder that some carrier moves: read up to the last whole line, appended to durably.

Invariant: a line that `append` returned from is on disk; a line that cannot be read is told with its file and number, and
costs no other line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from llmquiz.bank.write import replace
from llmquiz.disk import is_folder, read_file, there
from llmquiz.errors import LlmquizError
from llmquiz.log.lines import LineError, NewerLineError

SUFFIX = ".jsonl"
T = TypeVar("T")
TOLD = 5  # faulty lines of a file that are told one by one


class Line(NamedTuple):
    """A whole line of a file: where it begins and ends, in bytes, its number from 1, its text without the line end."""

    start: int
    end: int
    number: int
    text: str


class Reading(NamedTuple, Generic[T]):
    """What was read of a file: the meaning of its lines, what is wrong with others, and up to where all was well."""

    found: list[T]
    problems: list[str]
    offset: int


def listing(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the files of lines in a folder, by name, and what is wrong with others; a folder that is not there has none.

    Raises LlmquizError where the folder cannot be read.
    """
    if not is_folder(folder):
        return [], []
    try:
        there = sorted(p for p in folder.iterdir() if p.name.endswith(SUFFIX) and not p.name.startswith("."))
    except OSError as error:
        msg = f"{folder}: cannot be read: {error.strerror}"
        raise LlmquizError(msg) from error
    links = [f"{p}: a symbolic link is not read: put the file itself there" for p in there if p.is_symlink()]
    return [p for p in there if p.is_file() and not p.is_symlink()], links


def whole(path: Path) -> bytes:
    """Return the bytes of a file up to the end of its last whole line; raises LlmquizError where it cannot be read."""
    try:
        raw = read_file(path)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise LlmquizError(msg) from error
    return raw[: raw.rfind(b"\n") + 1]


def lines(raw: bytes, start: int = 0) -> Iterator[Line]:
    """Yield the lines of whole lines from a byte on; what is no UTF-8 comes with the character U+FFFD."""
    number = raw.count(b"\n", 0, start)
    while start < len(raw):
        end = raw.index(b"\n", start) + 1
        number += 1
        yield Line(start, end, number, raw[start:end].decode("utf-8", "replace").rstrip("\r\n"))
        start = end


def read(path: Path, raw: bytes, meaning: Callable[[str], T], start: int = 0) -> Reading[T]:
    """Read the lines from a byte on with `meaning`, which raises LineError; nothing is read after a line of a newer format."""
    out: Reading[T] = Reading([], [], 0)
    offset, faults = len(raw), 0
    for line in lines(raw, start):
        try:
            if line.text.strip():
                out.found.append(meaning(_utf8(raw, line)))
        except LineError as error:
            offset = min(offset, line.start)
            faults += 1
            if faults <= TOLD or isinstance(error, NewerLineError):
                out.problems.append(f"{path}:{line.number}: {error}")
            if isinstance(error, NewerLineError):
                break
    if faults > TOLD:
        out.problems.append(f"{path}: {faults - TOLD} more lines that are no events")
    return out._replace(offset=offset)


def _utf8(raw: bytes, line: Line) -> str:
    if "\ufffd" in line.text and b"\xef\xbf\xbd" not in raw[line.start : line.end]:
        msg = "no event: not UTF-8"
        raise LineError(msg)
    return line.text


def append(path: Path, new: Sequence[str], is_line: Callable[[str], object]) -> None:
    """Add lines to a file and wait until they are on disk; raises LlmquizError.

    A file whose last line is torn is written anew: what `is_line` reads without LineError of it stays, a fragment goes.
    """
    if not new:
        return
    try:
        raw = read_file(path) if there(path) else b""
        if not raw.endswith(b"\n"):
            replace(path, _mended(raw, new, is_line))
            return
        with path.open("ab") as out:
            out.write(encoded(new))
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror}. Nothing is lost: what is missing there is added by the next sync"
        raise LlmquizError(msg) from error


def encoded(lines_: Iterable[str]) -> bytes:
    """Return lines as they stand in a file."""
    return "".join(f"{line}\n" for line in lines_).encode()


def _mended(raw: bytes, new: Sequence[str], is_line: Callable[[str], object]) -> bytes:
    """Return a file whose last line may be torn with lines added."""
    cut = raw.rfind(b"\n") + 1
    try:
        is_line(tail := raw[cut:].decode())
    except (LineError, UnicodeDecodeError):
        return raw[:cut] + encoded(new)
    return raw + b"\n" + encoded(line for line in new if line != tail)
