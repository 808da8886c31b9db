"""Learners in processes of their own: one that plays a story while every system call is watched, one beside it, one at a pipe.

Invariant: this process has a single thread and no database open when it forks.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

import stories
import tracer
from stories import Story

SAID = 71  # the exit code of a learner who was told in one line what is wrong


def play(
    story: Story,
    watch: tracer.Watch,
    after: tracer.After | None = None,
    pipe: tuple[int, int] | None = None,
    *,
    stubborn: bool = False,
) -> tuple[int, int]:
    """Play a story in a traced child; return how many steps it acknowledged, and its exit code."""
    from llmquiz.errors import LlmquizError

    readable, writable = pipe or os.pipe()
    os.set_blocking(readable, False)

    def child() -> None:
        try:
            story.tell(writable, stubborn=stubborn)
        except LlmquizError:
            os._exit(SAID)

    try:
        code = tracer.run(child, watch, after)
        said = b""
        with suppress(BlockingIOError):
            said = os.read(readable, 10**6)
        return len(said), code
    finally:
        os.close(readable)
        os.close(writable)


class Companion:
    """A second llmquiz, in a process of its own, that has opened the collection before the first one starts."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def __enter__(self) -> Self:
        (asks, self.ask), (self.hear, answers) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            found = b"unreadable: the companion could not start"
            try:
                with closing(stories.opened(self.story.folder)) as collection:
                    collection.refresh()
                    os.write(answers, b".")
                    found = stories.fault(self.story, int(os.read(asks, 9)), collection).encode()
            finally:
                os.write(answers, found or b".")
                os._exit(0)
        os.close(asks)
        os.close(answers)
        os.read(self.hear, 1)
        return self

    def fault(self, acknowledged: int) -> str:
        """Return what the companion finds wrong."""
        os.write(self.ask, b"%d" % acknowledged)
        found = os.read(self.hear, 10**5).decode()
        return "" if found == "." else found

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.ask)
        os.close(self.hear)


def study(folder: Path, watch: tracer.Watch) -> tuple[int, int]:
    """Run `llmquiz study` on a pipe in the home of a folder; return how many grades the screen acknowledged, and the exit code.

    A grade is acknowledged by the next question, or by the summary.
    """
    (folder / "lines").write_text("\n4\n" * len(stories.CARDS), encoding="utf-8")
    (folder / "home").mkdir(exist_ok=True)
    settings = f'shipped = false\nnew_per_day = 99\nbanks = ["{folder.parent / "bank"}"]\n'
    (folder / "home" / "config.toml").write_text(settings, encoding="utf-8")
    screen = folder / "screen"
    code = tracer.run(lambda: _studying(folder, screen), watch)
    said = screen.read_text(encoding="utf-8") if screen.exists() else ""
    if done := re.search(r"^Graded (\d+)", said, re.MULTILINE):
        return int(done[1]), code
    return max(0, len(re.findall(r"^\[\d+ of \d+\]", said, re.MULTILINE)) - 1), code


def _studying(folder: Path, screen: Path) -> None:
    from llmquiz.__main__ import main

    os.dup2(os.open(folder / "lines", os.O_RDONLY), 0)
    os.dup2(os.open(screen, os.O_WRONLY | os.O_CREAT, 0o600), 1)
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")  # noqa: SIM115  as in a process that starts
    os.environ |= {"LLMQUIZ_HOME": str(folder / "home"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    sys.argv = ["llmquiz", "study"]
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(int(end.code or 0))
