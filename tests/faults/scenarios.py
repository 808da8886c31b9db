"""What can go wrong: each scenario tries one kind of fault at every point of a learner's story.

A scenario is a function from a seed and a number of trials to what each trial found, and one line in `SCENARIOS`. Invariant:
a trial is reproduced by its seed and number.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import disk
import stories
import tracer
from learners import SAID, Companion, play, study
from stories import Story

from llmquiz.log.lines import from_line, to_lines
from llmquiz.log.merge import merge

Found = Iterator[str]  # for each trial "", or lost, doubled, unreadable, alarming with the details
KILLED = 137  # 128 + SIGKILL
WRITES = {"write", "writev", "pwrite64", "pwritev", "ftruncate", "fallocate"}
CHANGES = WRITES | {"mkdir", "mkdirat", "link", "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "chmod", "fchmodat"}


class _Counted:
    """A watcher that lets everything through and notes the numbers of the calls that are meant."""

    def __init__(self, meant: Callable[[tracer.Call], bool] = lambda _: True) -> None:
        self.meant = meant
        self.calls: list[int] = []

    def __call__(self, call: tracer.Call) -> int:
        if self.meant(call):
            self.calls.append(call.number)
        return 0


def _killer(at: int) -> tracer.Watch:
    return lambda call: tracer.KILL if call.number == at else 0


def kills(seed: int, most: int, folder: Path) -> Found:
    """Kill the learner before every system call, from the first one after the start to the last one of the end."""
    story = _story(seed, folder)
    play(stories.copy(story, folder / "count"), counted := _Counted())
    for at in _some(seed, counted.calls, most):
        here = stories.copy(story, folder / f"kill-{at}")
        said, code = play(here, _killer(at))
        yield stories.fault(here, said) if code == KILLED else f"alarming: ended with {code}"
        shutil.rmtree(here.folder)


def company(seed: int, most: int, folder: Path) -> Found:
    """Kill the learner likewise while a second llmquiz has the collection open: it goes on with what is in memory and on disk."""
    story = _story(seed, folder, before=8)
    with Companion(rehearsal := stories.copy(story, folder / "count")):
        play(rehearsal, counted := _Counted())
    for at in _some(seed, counted.calls, most):
        here = stories.copy(story, folder / f"company-{at}")
        with Companion(here) as companion:
            said, code = play(here, _killer(at))
            found = companion.fault(said)
        yield found or stories.fault(here, said) if code == KILLED else f"alarming: ended with {code}"
        shutil.rmtree(here.folder)


def power_cuts(seed: int, most: int, folder: Path) -> Found:
    """Cut the power after every change of a file: once losing all that was not synced, once keeping any part of it."""
    story = _story(seed, folder)
    here = stories.copy(story, folder / "record")
    random = Random(seed)
    image = disk.Disk(here.folder)
    readable, writable = os.pipe()
    recorder = disk.Recorder(here.folder, writable)
    play(here, recorder.watch, recorder.after, (readable, writable))
    said = 0
    chosen = set(_some(seed, range(2 * len(recorder.done)), most))
    for i, done in enumerate(recorder.done):
        image.apply(done)
        said += done.what == "said"
        for n, files in ((2 * i, image.bare), (2 * i + 1, lambda: image.torn(random))):
            if n in chosen:
                after = folder / f"cut-{n}"
                after.mkdir()
                disk.write(files(), here.folder, after)
                yield stories.fault(here._replace(folder=after), said)
                shutil.rmtree(after)


def merges(seed: int, most: int, folder: Path) -> Found:
    """Kill a learner who merges another machine's log, studies, undoes and merges again: all of a merge is there or none."""
    random = Random(seed)
    other = stories.begin(folder / "other", random.randint(5, 40), stories.steps(random, 0), random)
    with closing(stories.opened(other.folder)) as collection:
        events = [from_line(line) for line in to_lines(collection.log)]
    some: list[stories.Step] = [lambda c, _: merge(c.log, events)]
    story = stories.begin(folder / "story", random.randint(5, 40), [*some, *stories.steps(random, 3), *some], random)
    play(stories.copy(story, folder / "count"), counted := _Counted())
    for at in _some(seed, counted.calls, most):
        here = stories.copy(story, folder / f"merge-{at}")
        said, code = play(here, _killer(at))
        yield stories.fault(here, said) if code == KILLED else f"alarming: ended with {code}"
        shutil.rmtree(here.folder)


def full_disks(seed: int, most: int, folder: Path) -> Found:
    """Fill the disk before every write; for good, or until the learner tries again."""
    yield from _failing(seed, most, folder, WRITES, errno.ENOSPC)


def failing_disks(seed: int, most: int, folder: Path) -> Found:
    """Let every fsync report an error: once, or from then on."""
    yield from _failing(seed, most, folder, {"fsync", "fdatasync"}, errno.EIO)


def read_only_disks(seed: int, most: int, folder: Path) -> Found:
    """Mount the disk read-only before every change of it, as Linux does when it finds a fault."""
    yield from _failing(seed, most, folder, CHANGES, errno.EROFS)


def _failing(seed: int, most: int, folder: Path, names: set[str], number: int) -> Found:
    """Let the n-th of some calls on the learner's files fail, for every n: for good, or once, and the learner tries again."""
    story = _story(seed, folder)
    here = stories.copy(story, folder / "count")
    play(here, counted := _Counted(lambda call: call.name in names and _learners(call, here)))
    for at, once in _some(seed, [(at, once) for at in range(len(counted.calls)) for once in (False, True)], most):
        now = stories.copy(story, folder / f"fail-{at}-{once}")
        said, code = play(now, _fails(now, names, number, at, once=once), stubborn=once)
        yield stories.fault(now, said) if code in (0, SAID) else f"alarming: ended with {code}, not with a message"
        shutil.rmtree(now.folder)


def _fails(story: Story, names: set[str], number: int, at: int, *, once: bool) -> tracer.Watch:
    seen = -1

    def watch(call: tracer.Call) -> int:
        nonlocal seen
        if call.name not in names or not _learners(call, story):
            return _refused(call, story) if seen >= at and number == errno.EROFS and not once else 0
        seen += 1
        return number if seen == at or (seen > at and not once) else 0

    return watch


def _refused(call: tracer.Call, story: Story) -> int:
    """Refuse to open the learner's files for writing once the disk is read-only."""
    writes = call.name == "openat" and call.args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    return errno.EROFS if writes and call.text(1).startswith(str(story.folder)) else 0


def _learners(call: tracer.Call, story: Story) -> bool:
    """Whether a call is about the learner's files."""
    by_fd = call.name in WRITES | {"fsync", "fdatasync"}
    path = call.file(0) if by_fd else call.text(1 if call.name.endswith(("at", "at2")) else 0)
    return path.startswith(str(story.folder))


def studies(seed: int, most: int, folder: Path) -> Found:
    """Kill `llmquiz study`, the command itself, on a pipe, before every change of a file and every word it says."""
    before = 3 * (seed % 4)
    story = stories.begin(folder / "story", before, stories.steps(Random(seed), 0), Random(seed))
    whole = stories.copy(story, folder / "count")
    study(whole.folder, counted := _Counted(lambda call: call.name != ""))
    graded = _grades(whole)
    for at in _some(seed, counted.calls, most):
        here = stories.copy(story, folder / f"study-{at}")
        said, code = study(here.folder, _killer(at))
        yield _studied(here, graded, said) if code == KILLED else f"alarming: ended with {code}"
        shutil.rmtree(here.folder)


def _grades(story: Story) -> list[tuple[str, int]]:
    """Return the cards that were graded today, in order, with their grades."""
    with closing(stories.opened(story.folder)) as collection:
        return [(r.card, int(r.grade)) for r in reversed(collection.latest(999)) if r.at > "2026-06"]


def _studied(story: Story, graded: list[tuple[str, int]], said: int) -> str:
    try:
        now = _grades(story)
    except Exception as error:  # noqa: BLE001  whatever it is, the learner could not go on
        return f"unreadable: {type(error).__name__}: {error}"
    if now != graded[: len(now)] or len(now) > said + 1:
        return f"doubled: {said} said, {len(now)} there"
    if len(now) < said:
        return f"lost: {said} said, {len(now)} there"
    with closing(stories.opened(story.folder)) as collection:
        return next(iter(f"unreadable: {problem}" for problem in (*collection.refresh(), *collection.log.disagreements())), "")


def _story(seed: int, folder: Path, before: int | None = None) -> Story:
    """Make up a story: in a fresh home for even seeds, else after some steps; longer ones for larger seeds."""
    random = Random(seed)
    count = 4 if seed < 2 else random.randint(3, 40)
    earlier = (seed % 2) * random.randint(5, 60) if before is None else before
    return stories.begin(folder / "story", earlier, stories.steps(random, count), random)


def _some(seed: int, all_: Sequence, most: int) -> Sequence:  # type: ignore[type-arg]
    """Return all trials, in order; of too many a sample."""
    return all_ if len(all_) <= most else sorted(Random(seed).sample(all_, most))


SCENARIOS: dict[str, Callable[[int, int, Path], Found]] = {
    "kills": kills,
    "kills in company": company,
    "kills of study": studies,
    "power cuts": power_cuts,
    "full disks": full_disks,
    "failing disks": failing_disks,
    "read-only disks": read_only_disks,
    "merges": merges,
}
