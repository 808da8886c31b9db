"""A disk that loses power: what a child did to the files of a folder, and what could be left of it.

Invariant: only what an fsync of the file (its bytes) or of its folder (its name) has made durable is sure to be in an image;
of everything else any part may be there: later writes without earlier ones, half of a write, a name without its bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

from tracer import Call

AT_REMOVEDIR = 0x200
SECTOR = 512  # bytes; a disk writes no less


class Done(NamedTuple):
    """One thing that a child did: to a file or folder, or that it acknowledged a step."""

    what: str  # write, resize, sync, make, folder, link, rename, remove, said
    path: str = ""
    other: str = ""
    offset: int = 0
    data: bytes = b""


class Recorder:
    """Notes what a traced child does to the files below a folder."""

    def __init__(self, folder: Path, said_on: int) -> None:
        """Watch `folder`; a write to the descriptor `said_on` is an acknowledgement."""
        self.folder, self.said_on = f"{folder}/", said_on
        self.done: list[Done] = []
        self._next: Callable[[int], Done | None] | None = None

    def watch(self, call: Call) -> int:
        """Look at a call before it is made: its files are as they were."""
        note = _NOTES.get(call.name)
        self._next = note(self, call) if note else None
        return 0

    def after(self, _: Call, result: int) -> None:
        """Note a call that worked."""
        if self._next and result >= 0 and (done := self._next(result)):
            self.done.append(done)

    def _mine(self, path: str) -> bool:
        return f"{path}/".startswith(self.folder) and not path.endswith("-shm")  # an index in memory: made anew after a crash

    def _write(self, call: Call, offset: int | None = None) -> Callable[[int], Done | None] | None:
        if call.args[0] == self.said_on:
            return lambda _: Done("said")
        path = call.file(0)
        if not self._mine(path):
            return None
        fd = call.args[0]
        at = _position(call.pid, fd) if offset is None else offset
        data = _memory(call, call.args[1], call.args[2])
        return lambda n: Done("write", path, offset=at, data=data[:n])

    def _pwrite(self, call: Call) -> Callable[[int], Done | None] | None:
        return self._write(call, call.args[3])

    def _sync(self, call: Call) -> Callable[[int], Done | None] | None:
        path = call.file(0)
        return (lambda _: Done("sync", path)) if self._mine(path) or self.folder == f"{path}/" or self._above(path) else None

    def _above(self, path: str) -> bool:
        return self.folder.startswith(f"{path}/")

    def _resize(self, call: Call) -> Callable[[int], Done | None] | None:
        path = call.file(0)
        return (lambda _: Done("resize", path, offset=call.args[1])) if self._mine(path) else None

    def _open(self, call: Call) -> Callable[[int], Done | None] | None:
        path, flags = call.text(1), call.args[2]
        if not self._mine(path) or not flags & (os.O_CREAT | os.O_TRUNC):
            return None
        there = Path(path).exists()
        if there and not flags & os.O_TRUNC:
            return None
        return lambda _: Done("resize" if there else "make", path)

    def _mkdir(self, call: Call) -> Callable[[int], Done | None] | None:
        path = call.text(0)
        return (lambda _: Done("folder", path)) if self._mine(path) else None

    def _two(self, call: Call) -> Callable[[int], Done | None] | None:
        first = 1 if call.name.endswith(("at", "at2")) else 0
        old, new = call.text(first), call.text(2 * first + 1)
        return (lambda _: Done(call.name.removesuffix("2").removesuffix("at"), old, new)) if self._mine(old) else None

    def _remove(self, call: Call) -> Callable[[int], Done | None] | None:
        path = call.text(1 if call.name.endswith("at") else 0)
        return (lambda _: Done("remove", path)) if self._mine(path) else None


_NOTES: dict[str, Callable[[Recorder, Call], Callable[[int], Done | None] | None]] = {
    "write": Recorder._write,
    "pwrite64": Recorder._pwrite,
    "fsync": Recorder._sync,
    "fdatasync": Recorder._sync,
    "ftruncate": Recorder._resize,
    "openat": Recorder._open,
    "mkdir": Recorder._mkdir,
    "link": Recorder._two,
    "linkat": Recorder._two,
    "rename": Recorder._two,
    "renameat": Recorder._two,
    "renameat2": Recorder._two,
    "unlink": Recorder._remove,
    "unlinkat": Recorder._remove,
}


def _memory(call: Call, address: int, size: int) -> bytes:
    out = b""
    while len(out) < size:
        out += call.memory(address + len(out), size - len(out))
    return out


def _position(pid: int, fd: int) -> int:
    said = Path(f"/proc/{pid}/fdinfo/{fd}").read_text(encoding="ascii")
    return int(said.partition("pos:")[2].split()[0])


class Inode:
    """A file's bytes: those on the disk, and what was done to them since."""

    def __init__(self, data: bytes = b"") -> None:
        """Start with bytes that are on the disk."""
        self.durable = data
        self.pending: list[Done] = []

    def sync(self) -> None:
        """Bring everything to the disk."""
        self.durable, self.pending = _applied(self.durable, self.pending), []

    def torn(self, random: Random) -> bytes:
        """Return what may be there after a power cut: of what was not synced some writes, some of them in part."""
        some = [_half(d, random) if random.random() < 1 / 4 else d for d in self.pending if random.random() < 1 / 2]
        return _applied(self.durable, some)


def _half(done: Done, random: Random) -> Done:
    """Return a write of which some sectors were not written."""
    sectors = range(0, len(done.data), SECTOR)
    cut = random.choice(sectors) if sectors else 0
    if random.random() < 1 / 2:
        return done._replace(data=done.data[:cut])
    return done._replace(offset=done.offset + cut, data=done.data[cut:])


def _applied(data: bytes, some: Iterable[Done]) -> bytes:
    out = bytearray(data)
    for done in some:
        if done.what == "resize":
            del out[done.offset :]
            out.extend(bytes(done.offset - len(out)))
        elif done.data:
            out.extend(bytes(max(0, done.offset - len(out))))
            out[done.offset : done.offset + len(done.data)] = done.data
    return bytes(out)


class Disk:
    """The files of a folder, as programs see them and as they are on the disk."""

    def __init__(self, folder: Path) -> None:
        """Start with what is in the folder now, all of it on the disk."""
        self.root = str(folder)
        self.names: dict[str, Inode | None] = {}  # None is a folder
        for path in sorted(folder.rglob("*")):
            self.names[str(path)] = Inode(path.read_bytes()) if path.is_file() else None
        self.durable = dict(self.names)
        self.pending: list[tuple[Done, Inode | None]] = []  # what was done to names since, and to which file

    def apply(self, done: Done) -> None:
        """Do what a child did."""
        if done.what == "sync":
            self._sync(done.path)
        elif done.what in ("write", "resize"):
            inode = self.names.get(done.path)
            if inode:
                inode.pending.append(done)
        elif done.what != "said":
            inode = Inode() if done.what == "make" else self.names.get(done.path)
            _name(self.names, done, inode)
            self.pending.append((done, inode))

    def _sync(self, path: str) -> None:
        if inode := self.names.get(path):
            inode.sync()
            return
        here = [x for x in self.pending if os.path.dirname(x[0].other or x[0].path) == path]  # noqa: PTH120  a name, no file
        self.pending = [x for x in self.pending if x not in here]
        for done, of in here:
            _name(self.durable, done, of)

    def bare(self) -> dict[str, bytes | None]:
        """Return the files after a power cut that lost everything that was not synced."""
        return _reachable({path: inode.durable if inode else None for path, inode in self.durable.items()}, self.root)

    def torn(self, random: Random) -> dict[str, bytes | None]:
        """Return the files after a power cut that lost some of it: names up to some point, and any of the bytes."""
        names = dict(self.durable)
        for done, of in self.pending[: random.randint(0, len(self.pending))]:
            _name(names, done, of)
        known: dict[int, bytes] = {}
        for inode in names.values():
            if inode and id(inode) not in known:
                known[id(inode)] = inode.torn(random)
        return _reachable({path: known[id(inode)] if inode else None for path, inode in names.items()}, self.root)


def _name(names: dict[str, Inode | None], done: Done, inode: Inode | None) -> None:
    """Do to `names` what was done to the name of a file."""
    match done.what:
        case "make" | "folder":
            names[done.path] = inode
        case "link":
            names[done.other] = inode
        case "rename":
            names.pop(done.path, None)
            names[done.other] = inode
        case "remove":
            names.pop(done.path, None)


def _reachable(files: dict[str, bytes | None], root: str) -> dict[str, bytes | None]:
    """Leave out what lies in a folder that is not there."""
    out: dict[str, bytes | None] = {}
    for path in sorted(files):
        parent = os.path.dirname(path)  # noqa: PTH120  a name, no file
        if parent == root or parent in out:
            out[path] = files[path]
    return out


def write(files: dict[str, bytes | None], old_root: Path, new_root: Path) -> None:
    """Write an image of `old_root` below `new_root`."""
    for path, data in files.items():
        target = new_root / Path(path).relative_to(old_root)
        if data is None:
            target.mkdir()
        else:
            target.write_bytes(data)
