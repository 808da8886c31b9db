"""Programs that review side by side: each does so many reviews whenever it is told to, and says what every one took.

Invariant: one works at a time. The others wait as learners do: the processor's caches and the disk are somebody else's meanwhile.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from homes import environment

WARM = 100  # reviews that are not counted


class Reviewer:
    """A program that reads a number of reviews from each line, does them, and prints their milliseconds as a JSON list."""

    def __init__(self, home: Path, *command: str | Path) -> None:
        """Start it with the environment of a home."""
        said = [str(c) for c in command]
        self.program = subprocess.Popen(said, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def __enter__(self) -> Self:
        """Use it in a `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the program; raises CalledProcessError where it failed."""
        self.program.communicate()
        if self.program.returncode and error is None:
            raise subprocess.CalledProcessError(self.program.returncode, self.program.args)

    def review(self, reviews: int) -> list[float]:
        """Let it do so many reviews; return the milliseconds of each. Raises EOFError where it has ended."""
        asked, said = self.program.stdin, self.program.stdout
        if asked is None or said is None:
            msg = "started without pipes"
            raise RuntimeError(msg)
        asked.write(f"{reviews}\n")
        asked.flush()
        if not (line := said.readline()):
            raise EOFError(self.program.args)
        return list(json.loads(line))


def side_by_side(starts: Sequence[Callable[[], Reviewer]], reviews: int, at_once: int = 1, pause: float = 0.0) -> list[list[float]]:
    """Start programs and let each do `at_once` reviews in turn, after a `pause` in seconds, until each has done `reviews`.

    Return for each the milliseconds of its reviews. Who comes first changes from turn to turn.
    """
    with ExitStack() as stack:
        programs = [stack.enter_context(start()) for start in starts]
        for program in programs:
            program.review(WARM)
        took: list[list[float]] = [[] for _ in programs]
        for turn in range(reviews // at_once):
            for i in range(len(programs))[:: 1 if turn % 2 else -1]:
                time.sleep(pause)
                took[i] += programs[i].review(at_once)
    return took
