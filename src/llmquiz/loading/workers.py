"""Processes that parse bank files beside this one.

Invariant: a process that cannot be started, or fails, is done without. None outlives `parsing`, and one whose parent is gone
ends by itself: it waits for nothing but its pipes.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from llmquiz.loading import Job, Loaded, Take, parsed

MOST = 4  # processes: who writes to the cache keeps up with no more
ROOM = 2**20  # bytes that a process may be ahead; with the usual 64 KiB two processes wait for each other at every few dozen cards
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from llmquiz.loading.workers import serve; serve()"


@contextmanager
def parsing(jobs: Sequence[Job], processes: int | None = None) -> Iterator[Take]:
    """While inside, processes parse the jobs (as many as pay by default); yield what fetches each, to be called in their order."""
    workers: list[_Worker] = []
    try:
        _start(workers, _paying(jobs) if processes is None else processes)
        shares = _shares(jobs, len(workers))
        turns = {job: worker for worker, share in zip(workers, shares, strict=True) for job in share}
        for worker, share in zip(workers, shares, strict=True):
            worker.send(share)
        yield lambda job: (turns[job].take(job) if job in turns else None) or parsed(job)
    finally:
        for worker in workers:
            worker.end()


def serve() -> None:
    """Parse, in a process of its own, the jobs that come through stdin; say through stdout what becomes of each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this one is interrupted too, and ends it
    gc.disable()
    for job in pickle.load(sys.stdin.buffer):  # noqa: S301  from who started this process
        _say(sys.stdout.buffer, _packed(job))


def _packed(job: Job) -> bytes:
    """Return what becomes of a job as bytes, None where it cannot be said."""
    try:
        return pickle.dumps(parsed(job), pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001  who asked for it parses it again, and tells what is wrong
        return pickle.dumps(None)


def _say(pipe: IO[bytes], packed: bytes) -> None:
    pipe.write(packed)
    pipe.flush()


class _Worker:
    """A process that parses."""

    def __init__(self) -> None:
        """Start it; raises OSError where that cannot be."""
        program = [sys.executable, "-c", _PROGRAM, *sys.path]
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603  this interpreter
        with suppress(ImportError, AttributeError, OSError):  # Linux has it
            import fcntl

            fcntl.fcntl(self._pipe(self.child.stdout), fcntl.F_SETPIPE_SZ, ROOM)

    def send(self, jobs: Sequence[Job]) -> None:
        """Say what it has to parse."""
        with suppress(OSError), self._pipe(self.child.stdin) as pipe:  # one that is gone is noticed by `take`
            _say(pipe, pickle.dumps(jobs))

    def take(self, job: Job) -> Loaded | None:
        """Return what became of its next job, None where it failed; one that says anything else is ended."""
        try:
            said: Loaded | None = pickle.load(self._pipe(self.child.stdout))  # noqa: S301  from the process above
            if said is None or said.path == job.entry.path:
                return said
        except Exception:  # noqa: BLE001, S110  one that ended, or is no llmquiz
            pass
        self.end()
        return None

    def end(self) -> None:
        """End it, if it has not ended, and let go of its pipes."""
        self.child.kill()
        for pipe in (self.child.stdin, self.child.stdout):
            with suppress(OSError):
                self._pipe(pipe).close()
        self.child.wait()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            msg = "a process without its pipe"
            raise ValueError(msg)
        return pipe


def _paying(jobs: Sequence[Job]) -> int:
    """Return how many processes pay where much is to be parsed: none on one core, or for few files."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, MOST, len(jobs) // 2) if cores > 1 else 0


def _start(workers: list[_Worker], count: int) -> None:
    """Start up to `count` processes, as far as that can be done."""
    with suppress(OSError):
        while sys.executable and len(workers) < count:
            workers.append(_Worker())


def _shares(jobs: Sequence[Job], count: int) -> list[list[Job]]:
    """Share the jobs out, each to who has least to read until then."""
    shares: list[list[Job]] = [[] for _ in range(count)]
    sizes = [0] * count
    for job in jobs if count else ():
        least = min(range(count), key=sizes.__getitem__)
        shares[least].append(job)
        sizes[least] += job.entry.size
    return shares
