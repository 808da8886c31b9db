"""A learner at a real pseudo-terminal: keys in, a screen out (pexpect and pyte)."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

PATIENCE = 15.0  # seconds; a slow machine is no failure


class Learner:
    """llmquiz on a pseudo-terminal of a given size."""

    def __init__(self, environ: dict[str, str], *args: str, columns: int = 80, rows: int = 24, script: Path | None = None) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=2000, ratio=0.5)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        command = [str(script)] if script else ["-m", "llmquiz", *args]
        self.child = pexpect.spawn(sys.executable, command, env=environ, dimensions=(rows, columns), timeout=PATIENCE)
        self.child.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        """What the screen shows now."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def see(self, *patterns: str) -> str:
        """Wait until the screen shows all of the patterns; return it."""
        end = time.monotonic() + PATIENCE
        while not all(re.search(p, self.text) for p in patterns):
            if time.monotonic() > end:
                missing = [p for p in patterns if not re.search(p, self.text)]
                msg = f"{missing} not on the screen:\n{self.text}"
                raise AssertionError(msg)
            self.read(0.2)
        return self.text

    def read(self, seconds: float) -> None:
        """Take in what the program writes within some time."""
        try:
            data = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            time.sleep(0.05)
            return
        self.raw += data
        self.stream.feed(data)

    def press(self, keys: str) -> None:
        """Press keys."""
        self.child.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def end(self) -> int:
        """Wait for the program to end; return its exit code, or minus the signal."""
        while self.child.isalive():
            self.read(0.2)
        self.read(0.1)
        self.child.close()
        status = self.child.exitstatus
        return int(status) if status is not None else -int(self.child.signalstatus or 0)


def small_home(environ: dict[str, str], bank: Path, more: str = "") -> None:
    """Give the home of `environ` the small bank alone."""
    home = Path(environ["LLMQUIZ_HOME"])
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f'shipped = false\nbanks = ["{bank}"]\n{more}')
