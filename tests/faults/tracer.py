"""A child process watched at every system call: it can be killed there, or the call can be made to fail.

Needs nothing but Linux's ptrace, through ctypes: no root, no strace, no compiler. Invariant: the child is a fork of this
process (which must have a single thread), it is gone when `run` returns, and a call that is failed has not been made.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

TRACEME, POKEUSER, SYSCALL, SETOPTIONS, GET_SYSCALL_INFO = 0, 6, 24, 0x4200, 0x420E
GOOD_STOPS, DIE_WITH_ME = 0x1, 0x100000
ORIG_RAX, RAX = 8 * 15, 8 * 10  # where a stopped x86-64 process keeps the call's number and result
ENTRY, EXIT = 1, 2
NUMBERS = {  # what changes a disk
    "x86_64": {
        1: "write", 2: "open", 18: "pwrite64", 20: "writev", 74: "fsync", 75: "fdatasync", 76: "truncate", 77: "ftruncate",
        82: "rename", 83: "mkdir", 86: "link", 87: "unlink", 90: "chmod", 257: "openat", 263: "unlinkat", 264: "renameat",
        265: "linkat", 285: "fallocate", 296: "pwritev", 316: "renameat2",
    },
    "aarch64": {
        34: "mkdirat", 35: "unlinkat", 37: "linkat", 38: "renameat", 45: "truncate", 46: "ftruncate", 47: "fallocate",
        53: "fchmodat", 56: "openat", 64: "write", 66: "writev", 68: "pwrite64", 70: "pwritev", 82: "fsync", 83: "fdatasync",
        276: "renameat2",
    },
}  # fmt: skip
KILL = -1  # what a watcher answers to end the child; 0 lets the call through, an errno makes it fail
CRASHED = 70  # the exit code of a child that ended with a traceback

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong]
_libc.ptrace.restype = ctypes.c_long


class Call(NamedTuple):
    """A system call about to be made: its number in the run (0 first), its name ("" for one that changes no disk), its arguments."""

    number: int
    name: str
    args: tuple[int, ...]
    pid: int

    def text(self, argument: int) -> str:
        """Return the path that an argument points to."""
        raw = self.memory(self.args[argument], 4096)
        return os.fsdecode(raw.partition(b"\0")[0])

    def memory(self, address: int, size: int) -> bytes:
        """Return bytes of the child's memory, fewer at the end of a mapping."""
        fd = os.open(f"/proc/{self.pid}/mem", os.O_RDONLY)
        try:
            try:
                return os.pread(fd, size, address)
            except OSError:  # runs over the end of a mapping
                return os.pread(fd, 4096 - address % 4096, address)
        finally:
            os.close(fd)

    def file(self, argument: int) -> str:
        """Return the path of an open file that an argument names, "" for a pipe and the like."""
        target = str(Path(f"/proc/{self.pid}/fd/{ctypes.c_int(self.args[argument]).value}").readlink())
        return target if target.startswith("/") else ""


Watch = Callable[[Call], int]
After = Callable[[Call, int], None]


def reason_not_to() -> str:
    """Say why nothing can be traced here, "" where it can."""
    if sys.platform != "linux" or platform.machine() not in NUMBERS:
        return f"tracing needs Linux on {' or '.join(NUMBERS)}"
    try:
        ended = run(lambda: None, lambda _: 0)
    except OSError as error:
        return f"ptrace is not allowed here ({error.strerror})"
    return "" if ended == 0 else f"ptrace is not allowed here (a traced child ended with {ended})"


def reason_not_to_fail() -> str:
    """Say why no call can be made to fail here, "" where it can."""
    return reason_not_to() or ("" if platform.machine() == "x86_64" else "making calls fail is written for x86-64 alone")


def run(child: Callable[[], None], watch: Watch, after: After | None = None) -> int:
    """Run `child` in a fork, ask `watch` before each system call and tell `after` each result; return its exit code.

    The code is 128 + n where signal n ended it, CRASHED where an exception did.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _be(child)
    _, status = os.waitpid(pid, 0)
    if os.WIFSTOPPED(status):
        _ptrace(SETOPTIONS, pid, 0, GOOD_STOPS | DIE_WITH_ME)
        status = _follow(pid, watch, after)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _be(child: Callable[[], None]) -> NoReturn:
    code = CRASHED
    try:
        if _libc.ptrace(TRACEME, 0, 0, 0) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            child()
            code = 0
        else:
            code = CRASHED + 1
    except BaseException:  # noqa: BLE001  whatever it is, it must not get into the parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _follow(pid: int, watch: Watch, after: After | None) -> int:
    """Let a stopped child run from call to call until it ends; return its wait status."""
    numbers = NUMBERS[platform.machine()]
    info = ctypes.create_string_buffer(88)
    address, index, deliver, call, answer = ctypes.addressof(info), -1, 0, None, 0
    while True:
        _libc.ptrace(SYSCALL, pid, 0, deliver)
        deliver = 0
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return status
        if os.WSTOPSIG(status) != signal.SIGTRAP | 0x80:
            deliver = os.WSTOPSIG(status)
            continue
        _ptrace(GET_SYSCALL_INFO, pid, len(info), address)
        if info.raw[0] == ENTRY:
            number, *args = struct.unpack_from("<7Q", info.raw, 24)
            index += 1
            call = Call(index, numbers.get(number, ""), tuple(args), pid)
            answer = watch(call)
            if answer == KILL:
                os.kill(pid, signal.SIGKILL)
            elif answer:
                _ptrace(POKEUSER, pid, ORIG_RAX, 2**64 - 1)
        elif call is not None:
            result = struct.unpack_from("<q", info.raw, 24)[0]
            if answer:
                result = -answer
                _ptrace(POKEUSER, pid, RAX, 2**64 - answer)
            if after:
                after(call, result)


def _ptrace(request: int, pid: int, address: int, data: int) -> None:
    if _libc.ptrace(request, pid, address, data) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
