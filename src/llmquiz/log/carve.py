"""Rows of the log read from the bytes of a damaged database, page by page, without SQLite.

Invariant: only what is a valid event is returned. Events of the log are never changed or deleted (one of two under a key
may change its table), so one that is found on any page, an abandoned one too, is one that was written. The layout is that
of sqlite.org/fileformat2.html, sections 1.5 to 2.1 (b-tree pages, records) and 4.1 (the -wal file).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from llmquiz.log.lines import COLUMNS, Event, LineError, fault, from_line

MAGIC = b"SQLite format 3\0"
LEAF, INTERIOR = 0x0A, 0x02  # index b-trees: what a table without rowid is kept in
INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # serial type to bytes
REAL, ZERO, ONE, BLOBS = 7, 8, 9, 12
WAL_MAGIC = (0x377F0682, 0x377F0683)
WAL_HEADER, FRAME_HEADER = 32, 24
LONGEST_CHAIN = 4096  # overflow pages of one row: a damaged chain may run in a circle

Page = Callable[[int], bytes]


class Found(NamedTuple):
    """An event that was found, and whether it stood in `rivals`, beside another of its key."""

    event: Event
    beside: bool = False


class Shape(NamedTuple):
    """What has to be known of a file: bytes a page, and how many of them are used."""

    size: int
    usable: int


def events(database: bytes, wal: bytes = b"") -> Iterator[Found]:
    """Yield each event that can be read from the pages of a database and of its -wal file, some of them twice."""
    shape = _shape(database)
    frames = list(_frames(wal))
    newest = dict(frames)

    def page(number: int) -> bytes:
        return newest.get(number) or database[(number - 1) * shape.size : number * shape.size]

    for at in range(0, len(database), shape.size):
        start = 100 if at == 0 and database.startswith(MAGIC) else 0
        yield from _rows(database[at : at + shape.size], start, shape, page)
    for number, raw in frames:
        yield from _rows(raw, 100 if number == 1 else 0, shape, page)


def _shape(database: bytes) -> Shape:
    """Return the shape that the header says; that of our own databases where it says none."""
    if database.startswith(MAGIC) and len(database) >= 100:  # noqa: PLR2004  the header's length
        size, reserved = struct.unpack(">H", database[16:18])[0], database[20]
        size = 65536 if size == 1 else size
        if size >= 512 and size & (size - 1) == 0:  # noqa: PLR2004  the least that SQLite allows
            return Shape(size, size - reserved)
    return Shape(4096, 4096)


def _frames(wal: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield page number and page of each whole frame of a -wal file."""
    if len(wal) < WAL_HEADER or struct.unpack(">I", wal[:4])[0] not in WAL_MAGIC:
        return
    size = struct.unpack(">I", wal[8:12])[0]
    for at in range(WAL_HEADER, len(wal) - FRAME_HEADER - size + 1, FRAME_HEADER + size):
        yield struct.unpack(">I", wal[at : at + 4])[0], wal[at + FRAME_HEADER : at + FRAME_HEADER + size]


def _rows(raw: bytes, start: int, shape: Shape, page: Page) -> Iterator[Found]:
    """Yield the events of one page; none where it is no page of a table without rowid."""
    if len(raw) < start + 12 or raw[start] not in (LEAF, INTERIOR):
        return
    leaf = raw[start] == LEAF
    cells = struct.unpack(">H", raw[start + 3 : start + 5])[0]
    pointers = start + (8 if leaf else 12)
    for i in range(min(cells, shape.size // 4)):
        try:
            (at,) = struct.unpack_from(">H", raw, pointers + 2 * i)
            found = _found(_record(_payload(raw, at if leaf else at + 4, shape, page)))
        except (IndexError, struct.error, ValueError):  # damaged: the next cell may be whole
            continue
        if found:
            yield found


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """Return a number of 1 to 9 bytes and where it ends."""
    value = 0
    for i in range(8):
        value = value << 7 | raw[at + i] & 0x7F
        if raw[at + i] < 0x80:  # noqa: PLR2004  the bit that says that more follow
            return value, at + i + 1
    return value << 8 | raw[at + 8], at + 9


def _payload(raw: bytes, at: int, shape: Shape, page: Page) -> bytes:
    """Return the record of a cell, its overflow pages joined."""
    length, at = _varint(raw, at)
    u = shape.usable
    most, least = (u - 12) * 64 // 255 - 23, (u - 12) * 32 // 255 - 23
    if length <= most:
        return raw[at : at + length]
    local = least + (length - least) % (u - 4)
    local = local if local <= most else least
    out = raw[at : at + local]
    (following,) = struct.unpack_from(">I", raw, at + local)
    for _ in range(LONGEST_CHAIN):
        if not following or len(out) >= length:
            break
        more = page(following)
        (following,) = struct.unpack_from(">I", more)
        out += more[4:u]
    return out[:length]


def _record(raw: bytes) -> list[Any]:
    """Return the values of a record; raises ValueError or IndexError where it is none."""
    end, at = _varint(raw, 0)
    values: list[Any] = []
    body = end
    while at < end:
        kind, at = _varint(raw, at)
        value, body = _value(raw, kind, body)
        values.append(value)
    if body != len(raw):
        msg = "not a whole record"
        raise ValueError(msg)
    return values


def _value(raw: bytes, kind: int, at: int) -> tuple[Any, int]:
    """Return a value of a serial type and where it ends."""
    if kind in (ZERO, ONE):
        return kind - ZERO, at
    if kind in INTEGERS:
        return int.from_bytes(raw[at : at + INTEGERS[kind]], signed=True), at + INTEGERS[kind]
    if kind == REAL:
        return struct.unpack_from(">d", raw, at)[0], at + 8
    if kind > BLOBS and kind % 2:
        length = (kind - 13) // 2
        return raw[at : at + length].decode(), at + length
    msg = "no value of ours"
    raise ValueError(msg)


def _found(values: list[Any]) -> Found | None:
    """Return the event that a record is; None where it is a row of another table."""
    if len(values) == 2:  # noqa: PLR2004  columns of `rivals`
        return rival(*values)
    if len(values) == 10:  # noqa: PLR2004  columns of `reviews`
        table = "reviews"
        values[4] = float(values[4])  # SQLite keeps 12.0 as the integer 12
    elif len(values) == 4 and isinstance(values[3], int):  # noqa: PLR2004  columns of `undos`
        table = "undos"
    elif len(values) == 4:  # noqa: PLR2004  of `marks`, whose key comes first
        table = "marks"
        values = [values[0], values[2], values[1], values[3]]
    else:
        return None
    event = checked(Event(table, tuple(values)))
    return Found(event) if event else None


def rival(stamp: object, line: object) -> Found | None:
    """Return the event that a row of `rivals` is; None where it is none."""
    try:
        event = from_line(line) if isinstance(line, str) else None
    except LineError:
        return None
    return Found(event, beside=True) if event and event.stamp == stamp else None


def checked(event: Event) -> Event | None:
    """Return an event of which every value can be; None otherwise."""
    fields = dict(zip(COLUMNS[event.table], event.row, strict=True))
    if event.table == "undos" and fields["undone"] in (0, 1):
        fields["undone"] = bool(fields["undone"])
    return None if fault(event.table, fields) else event
