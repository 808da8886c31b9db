"""Keys one by one, and lines, from the learner's terminal.

Invariant: no key is lost between two reads (Typer's getchar flushes what was typed meanwhile), and the terminal's mode
is put back as it was, whatever ends the session.
"""

from __future__ import annotations

import codecs
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import typer

if sys.platform != "win32":
    import termios
    import tty

ENTER = ("\r", "\n")


class Resized(Exception):  # noqa: N818  a signal, not an error
    """What is on the screen has to be drawn again: another size, or back from the background."""


class Hangup(Exception):  # noqa: N818  a signal, not an error
    """The terminal or the process is asked to end; `code` is the exit code."""

    def __init__(self, signum: int) -> None:
        """Remember which signal it was."""
        self.code = 128 + signum


class Keyboard:
    """The learner's keys."""

    def __init__(self) -> None:
        """Read from standard input."""
        self._keys: deque[str] = deque()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._reading = False
        self._before: list[Any] | None = None  # the terminal's mode outside the session

    def key(self, *, bursts: bool = False) -> str:
        r"""Wait for a key: a character, "\x1b[A" and the like for others.

        With `bursts`, several characters that came at once (pasted, or sent by an input method) come as one string.
        Raises KeyboardInterrupt for Ctrl-C, EOFError for Ctrl-D, Resized, Hangup.
        """
        if not self._keys:
            said = self._read()
            if said.startswith("\x1b") or (bursts and len(said) > 1 and said[0] not in ENTER):
                return said
            self._keys.extend(said)
        key = self._keys.popleft()
        if key == "\x03":
            raise KeyboardInterrupt
        if key == "\x04":
            raise EOFError
        return key

    def _read(self) -> str:
        self._reading = True
        try:
            if sys.platform == "win32":  # its console keeps what was typed
                return typer.getchar()
            said = ""
            while not said:  # half a character is no key yet
                raw = os.read(sys.stdin.fileno(), 4096)
                if not raw:
                    raise EOFError
                said = self._decoder.decode(raw)
        except OSError as error:  # the terminal is gone
            raise EOFError from error
        else:
            return said
        finally:
            self._reading = False

    def push(self, keys: str) -> None:
        """Put keys back, to be read next."""
        self._keys.extendleft(reversed(keys))

    def line(self, prompt: str, begun: str = "") -> str:
        """Read a line with the editing that readline gives; `begun` is what has been typed already."""
        with self.cooked():
            try:
                import readline
            except ImportError:  # no line editing here
                return begun + input(prompt + begun)
            readline.set_startup_hook(lambda: readline.insert_text(begun))
            try:
                return input(prompt)
            finally:
                readline.set_startup_hook(None)

    @contextmanager
    def cooked(self) -> Iterator[None]:
        """While inside, within a session: the terminal is as another program, or readline, expects it."""
        if sys.platform == "win32" or self._before is None:
            yield
            return
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)
        try:
            yield
        finally:
            with suppress(termios.error):
                tty.setcbreak(sys.stdin, termios.TCSADRAIN)

    @contextmanager
    def session(self) -> Iterator[None]:
        """While inside: keys come without Enter and without echo; resize, hang-up and termination come as exceptions."""
        if sys.platform == "win32":
            yield
            return
        self._before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin, termios.TCSADRAIN)
        handlers = {signal.SIGWINCH: self._resized, signal.SIGCONT: self._continued, signal.SIGHUP: _hangup, signal.SIGTERM: _hangup}
        old = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
            with suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def _resized(self, _signum: int, _frame: FrameType | None) -> None:
        if self._reading:
            raise Resized

    def _continued(self, _signum: int, _frame: FrameType | None) -> None:
        if sys.platform == "win32" or not self._reading:
            return
        tty.setcbreak(sys.stdin, termios.TCSADRAIN)
        raise Resized


def _hangup(signum: int, _frame: FrameType | None) -> None:
    raise Hangup(signum)
