"""A learner at a real pseudo-terminal, with a stop-watch.

Invariant: an instant is taken when the bytes of a marker have arrived, not when somebody looked.
"""

from __future__ import annotations

import math
import os
import select
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

SIZE = (40, 100)  # rows, columns
PATIENCE = 30.0  # seconds


class Seen(NamedTuple):
    """What it took until something stood on the screen: milliseconds, and the peak memory until then in MiB."""

    ms: float
    peak: float


class Terminal:
    """A program on a pseudo-terminal of 100 columns; `started` is the instant before it was started, in seconds."""

    def __init__(self, command: Sequence[str], environ: dict[str, str]) -> None:
        """Start a program."""
        self.ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, SIZE)
        self.seen = b""
        self.started = time.perf_counter()
        self.child = subprocess.Popen(command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)

    def __enter__(self) -> Self:
        """Use it in a `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the program."""
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        os.close(self.ours)

    def until(self, marker: bytes) -> float:
        """Wait until the program has written `marker`; return the instant. What came up to here is not looked at again."""
        end = time.perf_counter() + PATIENCE
        while marker not in self.seen:
            ready, _, _ = select.select([self.ours], [], [], end - time.perf_counter())
            if not ready:
                msg = f"{marker!r} did not come; the end of what did: {self.seen[-400:]!r}"
                raise TimeoutError(msg)
            self.seen += os.read(self.ours, 65536)
        at = time.perf_counter()
        self.seen = self.seen.partition(marker)[2]
        return at

    def press(self, keys: bytes) -> float:
        """Press keys; return the instant before."""
        self.seen = b""
        at = time.perf_counter()
        os.write(self.ours, keys)
        return at

    def peak(self) -> float:
        """Return the peak memory so far in MiB, not a number where the system does not say it: of no process that has ended."""
        status = Path(f"/proc/{self.child.pid}/status")
        if not status.exists():
            return math.nan
        kib = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(kib[0]) / 1024 if kib else math.nan


def seen(command: Sequence[str], environ: dict[str, str], marker: bytes) -> Seen:
    """Start a program on a terminal, wait until it has written `marker`, and end it."""
    with Terminal(command, environ) as terminal:
        return Seen((terminal.until(marker) - terminal.started) * 1000, terminal.peak())
