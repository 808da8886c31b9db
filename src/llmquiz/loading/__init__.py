"""Bank files, parsed for the cache: in this process, or by others where much changed (`workers.py`).

Invariant: what comes out is the same, and in the same order, whoever parsed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from llmquiz.bank.files import load
from llmquiz.bank.folders import Entry, digest, read
from llmquiz.log.filling import FileRows, FileState, Touched, question_rows

Progress = Callable[[int, int], None]
Loaded = FileRows | Touched
Take = Callable[["Job"], Loaded]
MUCH = 4 * 2**20  # bytes from which on other processes parse: starting them takes as long as parsing 1 MiB


class Job(NamedTuple):
    """A bank file to parse: its place among all of them, how the folder lists it, and the hash of what the cache has of it, or ""."""

    position: int
    entry: Entry
    hash: str = ""


def parsed(job: Job) -> Loaded:
    """Read a bank file, and parse it where the cache has something else."""
    path, size, mtime_ns = job.entry
    raw, unread = read(path)
    state = FileState(job.position, size, mtime_ns, "" if unread else digest(raw))
    if unread:
        return FileRows(path, state, Path(path).stem, {}, (), (), unread)
    if state.hash == job.hash:
        return Touched(path, state)
    f = load(path, raw)
    return FileRows(path, state, f.topic, f.title, *question_rows(path, f.questions), f.problems)


@contextmanager
def loaded(jobs: Sequence[Job], progress: Progress | None = None, processes: int | None = None) -> Iterator[Iterator[Loaded]]:
    """While inside, what becomes of each job can be fetched, in order; so many other `processes` parse, as many as pay by default.

    Little is parsed before anything can be fetched, so that no transaction waits for it; of much only a few files are held at a time.
    """
    much = sum(job.entry.size for job in jobs) > MUCH
    if processes == 0 or not (much or processes):
        each = _each(jobs, parsed, progress)
        yield each if much else iter(list(each))
        return
    from llmquiz.loading.workers import parsing

    with parsing(jobs, processes) as take:
        yield _each(jobs, take, progress)


def _each(jobs: Sequence[Job], take: Take, progress: Progress | None) -> Iterator[Loaded]:
    for n, job in enumerate(jobs):
        if progress:
            progress(n, len(jobs))
        yield take(job)
