"""The fence around a code question: limits, namespaces and Landlock where Linux has them, and an audit hook everywhere.

Invariant: what is put up is never taken down; a part that the platform does not have is left out, and docs/code.md says
what then is left. The audit hook stops accidents, not malice: only the kernel's parts are walls.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable
from contextlib import suppress

if sys.platform != "win32":
    import resource

FILE, ROOM = 16 * 2**20, 64 * 2**20  # bytes that one file, and the folder, may grow to
PROCESSES, FILES = 64, 256
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/usr/share/zoneinfo", "/sys/devices/system/cpu")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
SINGLE = ("/etc/ld.so.cache", "/etc/localtime")

NEW_USER, NEW_NET, NEW_PID, NEW_IPC, NEW_MOUNTS = 0x10000000, 0x40000000, 0x20000000, 0x08000000, 0x00020000
NO_NEW_PRIVILEGES = 38
RULESET_CREATE, RULE_ADD, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every architecture
READ_FILE, READ_DIR = 1 << 2, 1 << 3
OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15  # the rights that a file can have: run, write, read, truncate, ioctl


class Refused(PermissionError):  # noqa: N818  what the learner reads begins with it
    """The code of a card wanted what it may not."""


def put_up(folder: str, seconds: int, memory: int, leave: Callable[[], None]) -> None:
    """Fence this process in: `folder` is all it may write to, `seconds` of processor time, `memory` in bytes.

    Where namespaces are allowed this goes on in a child, whose end the parent waits for; `leave` is called in the parent.
    """
    readable = _readable(folder)
    walled = _namespaces(folder, leave)
    _limits(seconds, memory, walled=walled)
    _landlock(folder, readable)
    sys.addaudithook(_hook(folder, readable))


def _readable(folder: str) -> tuple[str, ...]:
    """Return what may be read: the interpreter, its packages, the system's libraries, the folder."""
    own = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *sys.path)
    there = {os.path.realpath(p) for p in (*own, *LIBRARIES, folder) if p and os.path.isdir(p)} - {"/"}
    return (*sorted(there), *(p for p in (*DEVICES, *SINGLE) if os.path.exists(p)))


# the kernel's walls


def _namespaces(folder: str, leave: Callable[[], None]) -> bool:
    """Leave the network and the other processes behind, where the kernel allows it; whether it did."""
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER | NEW_NET | NEW_PID | NEW_IPC | NEW_MOUNTS):
        return False
    for name, said in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with suppress(OSError), open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(said)
    if not libc.mount(b"none", os.fsencode(folder), b"tmpfs", 6, b"size=%d,mode=700" % ROOM):
        os.chdir(folder)
    if child := os.fork():  # the child is the first process of its namespace: all others end with it
        leave()
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    return True


def _limits(seconds: int, memory: int, *, walled: bool) -> None:
    if sys.platform == "win32":
        return
    wanted = [("RLIMIT_AS", memory), ("RLIMIT_CPU", seconds + 1), ("RLIMIT_FSIZE", FILE), ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", FILES)]
    if walled:  # outside a namespace of its own it would count every process of the user
        wanted.append(("RLIMIT_NPROC", PROCESSES))
    for name, most in wanted:
        with suppress(AttributeError, ValueError, OSError):  # macOS knows some and heeds fewer
            resource.setrlimit(getattr(resource, name), (most, most))


def _landlock(folder: str, readable: tuple[str, ...]) -> None:
    """Let the kernel refuse other files, every program, and TCP (Landlock, since Linux 5.13; TCP since 6.7)."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(RULESET_CREATE, None, 0, 1)
    if version < 1:
        return
    handled = (1 << 13) - 1 | (version > 1) << 13 | (version > 2) << 14 | (version > 4) << 15  # noqa: PLR2004  versions of the interface
    rules = struct.pack("QQQ", handled, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]  # noqa: PLR2004
    ruleset = libc.syscall(RULESET_CREATE, rules, len(rules), 0)
    if ruleset < 0:
        return
    for path in readable:
        rights = handled if path == folder else READ_FILE | READ_DIR if os.path.isdir(path) else READ_FILE | 2 * (path in DEVICES)
        with suppress(OSError):
            at = os.open(path, os.O_PATH | os.O_CLOEXEC)
            libc.syscall(RULE_ADD, ruleset, 1, struct.pack("=Qi", rights if os.path.isdir(path) else rights & OF_FILES, at), 0)
            os.close(at)
    if not libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        libc.syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


# the audit hook

PROGRAMS = (
    *("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "subprocess.Popen", "pty.spawn"),
    "_posixsubprocess.fork_exec",  # what multiprocessing calls; heard of since Python 3.14
)
OTHERS = ("os.kill", "os.killpg", "signal.pthread_kill", "ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle")
NETWORK = ("connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo", "getservbyname")
LOOKS = ("os.listdir", "os.scandir", "os.chdir", "os.listxattr", "os.getxattr")
CHANGES = (
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr", "os.mkfifo"),
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


REFUSED = {
    **dict.fromkeys(PROGRAMS, "start a process"),
    **dict.fromkeys(OTHERS, "reach other programs"),
    **dict.fromkeys((f"socket.{name}" for name in NETWORK), "use the network"),
}
LOCAL = 1  # AF_UNIX: asyncio wakes itself through one


def _hook(folder: str, readable: tuple[str, ...]) -> Callable[[str, tuple[object, ...]], None]:
    """Return what Python asks before it opens a file, a connection or a process; it raises Refused."""
    look, change = _gate("read", readable), _gate("write to", (folder, *DEVICES))
    refused = dict(REFUSED)  # a copy that the code of the card finds less easily

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            (change if isinstance(args[2], int) and args[2] & WRITING else look)(args[0])
        elif event in refused or (event == "socket.__new__" and args[1] != LOCAL):
            raise Refused(refused.get(event, "use the network"))
        elif event in LOOKS:
            look(args[0])
        elif event in CHANGES:
            for path in args:
                change(path)

    return hook


def _gate(what: str, roots: tuple[str, ...]) -> Callable[[object], None]:
    """Return what lets paths below `roots` pass and raises Refused for others; a file that is open already passes."""
    realpath, decode = os.path.realpath, os.fsdecode

    def gate(path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            real = realpath(decode(path))
            if not any(real == root or real.startswith(root + "/") for root in roots):
                raise Refused(f"{what} {real}")  # noqa: EM102, TRY003

    return gate
