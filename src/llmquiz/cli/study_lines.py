"""Studying on a pipe: lines in, plain text out.

Invariant: every card takes two lines, an answer (which may be empty) and a grade or a word; the end of the input ends
the session with its summary, and everything graded before is on disk.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO
from typing import TextIO

from llmquiz.cli.context import out, tell
from llmquiz.cli.sitting import Sitting
from llmquiz.model import BURIED, SUSPENDED, Grade
from llmquiz.render import clean

WIDTH = 100
WORDS = ("undo", "suspend", "bury", "flag", "quit")


def run(sitting: Sitting, lines: TextIO) -> bool:
    """Study with the lines of a stream; False where the input ended on a grade that could not be taken."""
    reader = _read(lines)
    while sitting.offer():
        _ask(sitting)
        answer = next(reader, None)
        if answer is None:
            return True
        out()
        out(_plain(sitting.back()))
        for i, (point, must) in enumerate(sitting.points()):
            out(f"{i + 1}. {point}{' (' + sitting.words('must') + ')' if must else ''}")
        sys.stdout.flush()
        went = _grade(sitting, reader, answer)
        if went is not None:
            return went
    return True


def _read(lines: TextIO) -> Iterator[str]:
    for line in lines:
        yield line.rstrip("\r\n")


def _ask(sitting: Sitting) -> None:
    out()
    out(f"[{sitting.place()}] {' · '.join(sitting.about())}")
    out(sitting.front())
    sys.stdout.flush()


def _grade(sitting: Sitting, reader: Iterator[str], answer: str) -> bool | None:
    """Read lines until the card is left; None to go on, True for the end, False for an end on a refused line."""
    ticked: set[int] = set()
    refused = False
    for line in reader:
        said = line.strip().lower()
        refused = False
        if said.startswith("+") and (points := _numbers(said[1:], len(sitting.points()))) is not None:
            ticked ^= points
            out(f"= {sitting.suggestion(ticked)}")
            sys.stdout.flush()
        elif said in ("suspend", "bury"):
            out(sitting.hide(SUSPENDED if said == "suspend" else BURIED))
            return None
        elif said == "undo":
            out(sitting.undo())
            return None
        elif said == "flag":
            out(sitting.flag())
            sys.stdout.flush()
        elif said == "quit":
            return True
        elif (grade := _chosen(said, sitting.suggestion(ticked))) is not None:
            sitting.grade(grade, answer)
            return None
        else:
            refused = True
            tell(_refusal(sitting, said))
    return not refused


def _chosen(said: str, suggested: int | None) -> Grade | None:
    """Return the grade that a line gives: a digit, or nothing for the suggestion."""
    if said == "":
        return None if suggested is None else Grade(suggested)
    return Grade(int(said)) if said in {str(int(g)) for g in Grade} else None


def _refusal(sitting: Sitting, said: str) -> str:
    if said == "":
        return sitting.words("no_points")
    return f"{sitting.words('bad_grade', said=said)} ({', '.join(('+1 3', *WORDS))})"


def _numbers(said: str, count: int) -> set[int] | None:
    """Return the indices of "1 3" or "1,3", None where one is no point."""
    words = said.replace(",", " ").split()
    if words and all(w.isdecimal() and 1 <= int(w) <= count for w in words):
        return {int(w) - 1 for w in words}
    return None


def _plain(markdown: str) -> str:
    from rich.console import Console

    from llmquiz.render.markdown import Markdown

    file = StringIO()
    Console(file=file, width=WIDTH, color_system=None, force_terminal=False, highlight=False).print(Markdown(markdown))
    return "\n".join(line.rstrip() for line in clean(file.getvalue()).rstrip().split("\n"))
