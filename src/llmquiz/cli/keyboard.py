"""Keys one by one, and lines, from the learner's terminal.

Invariant: no key is lost between two reads (Typer's getchar flushes what was typed meanwhile), and the terminal's mode
is put back as it was, whatever ends the session.
"""

from __future__ import annotations

import codecs
import os
import select
import signal
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

if sys.platform != "win32":
    import termios
    import tty

ENTER = ("\r", "\n")
ON = (*ENTER, " ")  # goes on where no text is typed


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
        self._before: list[Any] | None = None  # the terminal's mode outside the session
        self._woken, self._wake = -1, -1  # a pipe into which signals write, so that none is missed and no key is lost
        self._stale = False  # what is on the screen has to be drawn again

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
        if sys.platform == "win32":  # its console keeps what was typed
            import typer

            return typer.getchar()
        try:
            said = ""
            while not said:  # half a character is no key yet
                self._wait()
                raw = os.read(sys.stdin.fileno(), 4096)
                if not raw:
                    raise EOFError
                said = self._decoder.decode(raw)
        except OSError as error:  # the terminal is gone
            raise EOFError from error
        return said

    def _wait(self) -> None:
        """Wait until there is a key; raise Resized where the screen is stale first."""
        while True:
            if self._stale:
                self._stale = False
                raise Resized
            ready, _, _ = select.select([sys.stdin, *([self._woken] if self._woken >= 0 else [])], [], [])
            if self._woken in ready:
                os.read(self._woken, 4096)
            elif ready:
                return

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
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        wakeup = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        handlers = {signal.SIGWINCH: self._redraw, signal.SIGCONT: self._continue, signal.SIGHUP: _hangup, signal.SIGTERM: _hangup}
        old = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wakeup)
            os.close(self._woken)
            os.close(self._wake)
            with suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def _redraw(self, _signum: int, _frame: FrameType | None) -> None:
        self._stale = True

    def _continue(self, _signum: int, _frame: FrameType | None) -> None:
        """Take the terminal back after Ctrl-Z and fg."""
        if sys.platform != "win32":
            tty.setcbreak(sys.stdin, termios.TCSADRAIN)
        self._stale = True


def _hangup(signum: int, _frame: FrameType | None) -> None:
    raise Hangup(signum)
