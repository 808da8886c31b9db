"""A terminal for the study screen: styled lines, and a block that can be redrawn.

Invariant: nothing is drawn that NO_COLOR, TERM=dumb or the width forbids.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

CODES = {"bold": "1", "dim": "2", "underline": "4", "reverse": "7", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
WIDEST = 100
COLOURS = {"red", "green", "yellow", "blue", "cyan"}


class Terminal:
    """The learner's terminal."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Look at the environment: NO_COLOR and TERM."""
        self.colour = not environ.get("NO_COLOR")
        # "15;0" is white on black; a background of 7 or 15 is light; most terminals say nothing and are dark
        self.dark = environ.get("COLORFGBG", "").rpartition(";")[2] not in ("7", "15")
        self.moves = environ.get("TERM", "") not in ("", "dumb")
        self._block = 0  # lines of the block that stands above the cursor
        self._console: Console | None = None

    @property
    def width(self) -> int:
        """Columns, at least 20."""
        return max(20, _size()[0])

    @property
    def measure(self) -> int:
        """Columns of running text: a line of more than 100 is hard to read."""
        return min(self.width, WIDEST)

    @property
    def height(self) -> int:
        """Rows."""
        return _size()[1]

    def style(self, text: str, *names: str) -> str:
        """Return `text` in a style; without colours under NO_COLOR, bare on a dumb terminal."""
        codes = [CODES[n] for n in names if self.colour or n not in COLOURS]
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and self.moves else text

    def write(self, *lines: str) -> None:
        """Write lines below what is there."""
        self._block = 0
        sys.stdout.write("".join(line + "\n" for line in lines))
        sys.stdout.flush()

    def block(self, *lines: str) -> None:
        """Write lines in the place of the last block; below it where it no longer fits the screen."""
        if self._block and self.moves and self._block < self.height:
            sys.stdout.write(f"\x1b[{self._block}A\r\x1b[J")
        self.write(*lines)
        self._block = len(lines)

    def keep(self) -> None:
        """Let the block that stands above the cursor stay; the next one goes below it."""
        self._block = 0

    def new_page(self) -> None:
        """Start at the top of the screen, with what was there kept in the scrollback."""
        self._block = 0
        sys.stdout.write("\n" * self.height + "\x1b[H\x1b[J" if self.moves else "\n")

    def redraw_page(self) -> None:
        """Start at the top of the screen again, over what was there."""
        self._block = 0
        sys.stdout.write("\x1b[H\x1b[J" if self.moves else "\n")

    def drawn(self, renderable: RenderableType, width: int) -> str:
        """Return a Rich renderable as this terminal shows it on so many columns."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(highlight=False, no_color=not self.colour or None)
        self._console.width = width
        with self._console.capture() as captured:
            self._console.print(renderable)
        return captured.get()


def _size() -> tuple[int, int]:
    """Return columns and lines as shutil.get_terminal_size does, whose module takes 4 % of a start to import."""
    said = [os.environ.get(name, "") for name in ("COLUMNS", "LINES")]
    columns, lines = (int(s) if s.isdecimal() else 0 for s in said)
    if not (columns and lines):
        with suppress(OSError, ValueError, AttributeError):  # no terminal, or no standard output at all
            there = os.get_terminal_size(sys.__stdout__.fileno())  # type: ignore[union-attr]
            columns, lines = columns or there.columns, lines or there.lines
    return columns or 80, lines or 24


def page(text: str) -> None:
    """Show text in the learner's pager ($PAGER, else less -R, else print it)."""
    import shlex
    import subprocess

    try:
        command = shlex.split(os.environ.get("PAGER", "")) or ["less", "-R"]
        subprocess.run(command, input=text.encode(), check=False)  # noqa: S603  the learner's own choice
    except (OSError, ValueError):  # no such program, or no command at all
        sys.stdout.write(text)


def show(draw: Callable[[int], RenderableType], widest: int = 10**4) -> None:
    """Print what `draw` returns for a width in columns, at most `widest`: through the pager where a screen is too short."""
    from rich.console import Console

    console = Console(highlight=False)
    console.width = min(console.width, widest)
    drawn = draw(console.width)
    with console.capture() as captured:
        console.print(drawn)
    text = "".join(line.rstrip() + "\n" for line in captured.get().splitlines())
    if console.is_terminal and text.count("\n") >= console.height:
        page(text)
    else:
        sys.stdout.write(text)
