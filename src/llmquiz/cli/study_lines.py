"""Studying on a pipe: lines in, plain text out.

Invariant: every card takes two lines, an answer (which may be empty) and a grade or a word; a line that is neither is
refused with the reason and the next one read; the end of the input ends the session with its summary, and everything
graded before is on disk.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO
from typing import TextIO

from llmquiz.cli.context import out, tell
from llmquiz.cli.sitting import Sitting
from llmquiz.errors import LlmquizError
from llmquiz.model import BURIED, SUSPENDED, Grade
from llmquiz.questions import TALK, WRITE, Unreadable, say
from llmquiz.render import clean

WIDTH = 100
WORDS = ("undo", "suspend", "bury", "flag", "quit")


def run(sitting: Sitting, lines: TextIO) -> bool:
    """Study with the lines of a stream; False where the input ended on a line that was refused."""
    reader = _read(lines)
    while sitting.offer():
        if sitting.said:
            tell(sitting.said)
            sitting.said = ""
        _ask(sitting)
        went, answer = _answer(sitting, reader)
        if went is not None:
            return went
        if answer is None:
            continue
        out()
        if sitting.verdict:
            out(say(sitting.verdict.note, sitting.words.lang))
            out()
        out(_back(sitting))
        for i, (point, must) in enumerate(sitting.points()):
            out(f"{i + 1}. {point}{' (' + sitting.words('must') + ')' if must else ''}")
        if sitting.verdict:
            out(f"= {sitting.verdict.grade}")
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
    for i, option in enumerate(sitting.options(), 1):
        out(f"{i}. {option}")
    if _writes(sitting):
        from llmquiz.cli.study_code import ask

        ask(sitting)
    sys.stdout.flush()


def _writes(sitting: Sitting) -> bool:
    return sitting.question is not None and sitting.question.way == WRITE


def _answer(sitting: Sitting, reader: Iterator[str]) -> tuple[bool | None, str | None]:
    """Read the answer; return how the session ends (None: it goes on) and the answer (None: the card was left by a word)."""
    judges = sitting.question is not None and sitting.question.way != TALK
    refused = False
    for line in reader:
        said = line.strip().lower()
        if judges and said in WORDS:
            if said == "quit":
                return True, None
            if _word(sitting, said):
                return None, None
            continue
        if not judges:
            return None, line
        try:
            refused = False
            if _judged(sitting, line):
                return None, line
        except Unreadable as unreadable:
            refused = True
            tell(say(unreadable.said, sitting.words.lang))
        except LlmquizError as error:
            refused = True
            tell(str(error))
    return not refused, None


def _judged(sitting: Sitting, line: str) -> bool:
    """Judge an answer; False where it has to be another one, as code that fails its tests."""
    if _writes(sitting):
        from llmquiz.cli.study_code import line as attempt

        judged = attempt(sitting, line)
        sys.stdout.flush()
        return judged
    sitting.judge(line)
    return True


def _word(sitting: Sitting, said: str) -> bool:
    """Do what a word other than quit says; True where the card is left."""
    if said == "flag":
        out(sitting.flag())
    else:
        out(sitting.undo() if said == "undo" else sitting.hide(SUSPENDED if said == "suspend" else BURIED))
    sys.stdout.flush()
    return said != "flag"


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
        elif said == "quit":
            return True
        elif said in WORDS:
            if _word(sitting, said):
                return None
        elif (grade := _chosen(said, sitting.suggestion(ticked))) is not None and grade <= sitting.highest:
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
    if _chosen(said, None) is not None:
        return sitting.words("not_higher", said=said, grade=int(sitting.highest))
    return f"{sitting.words('bad_grade', said=said)} ({', '.join(('+1 3', *WORDS))})"


def _numbers(said: str, count: int) -> set[int] | None:
    """Return the indices of "1 3" or "1,3", None where one is no point."""
    words = said.replace(",", " ").split()
    if words and all(w.isdecimal() and 1 <= int(w) <= count for w in words):
        return {int(w) - 1 for w in words}
    return None


def _back(sitting: Sitting) -> str:
    """Return the answer side as plain text."""
    from rich.console import Console

    from llmquiz.render.markdown import Markdown

    shown: object = Markdown(sitting.back())
    if _writes(sitting):
        from llmquiz.cli.study_code import answer

        shown = answer(sitting, WIDTH)
    file = StringIO()
    Console(file=file, width=WIDTH, color_system=None, force_terminal=False, highlight=False).print(shown)
    return "\n".join(line.rstrip() for line in clean(file.getvalue()).rstrip().split("\n"))
