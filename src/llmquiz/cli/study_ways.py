"""The ways to answer on the study screen: aloud, by number, on a line, in an editor.

Invariant: an answer that cannot be read is asked again with the reason, and costs nothing; each way leads to the answer
side only by a key that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING

from llmquiz.cli.keyboard import ENTER, ON
from llmquiz.questions import PICK, TALK, TYPE, WRITE, Unreadable, say
from llmquiz.render.wrap import wrap, wrap_keys

if TYPE_CHECKING:
    from llmquiz.cli.study_keys import KeyScreen

NUMERIC = "0123456789.-+~≈约±"  # what a number begins with


class Go(Enum):
    """Where the screen goes after a key."""

    FRONT = auto()  # show the question of the current card (again)
    BACK = auto()  # show the answer
    NEXT = auto()  # offer the next card
    QUIT = auto()


# aloud


def talk(screen: KeyScreen) -> Go:
    """Read keys on an open question."""
    while True:
        key = screen.front_key(bursts=True)
        if key in ON:
            return Go.BACK
        if key == "a":
            return type_answer(screen, screen.answer)
        if (go := screen.common(key)) is not None:
            return go
        if key[0].isprintable():
            return type_answer(screen, key)


def type_answer(screen: KeyScreen, begun: str) -> Go:
    """Read the learner's answer on a line of its own, then show ours. `begun` may hold whole lines already."""
    line, end, rest = begun.replace("\r", "\n").partition("\n")
    if end:
        screen.answer = line.strip()
        screen.keyboard.push(rest)
    else:
        screen.terminal.block()
        screen.answer = screen.keyboard.line(f"{screen.words('your_answer')}: ", begun).strip()
    return Go.BACK


def hint(screen: KeyScreen) -> list[str]:
    """Return the lines below an open question."""
    return _dim(screen, screen.words("front_hint"))


# by number


def pick(screen: KeyScreen) -> Go:
    """Read digits until Enter: they choose the options; 0 is "I don't know"."""
    while True:
        key = screen.front_key()
        if key == "0":
            return _judged(screen, "")
        if key in ON:
            if screen.picked:
                return _judged(screen, " ".join(str(i + 1) for i in sorted(screen.picked)))
            screen.tell(screen.words("no_pick"))
        elif key.isdecimal():
            if int(key) <= len(screen.sitting.options()):
                screen.picked = screen.picked ^ {int(key) - 1} if _several(screen) else {int(key) - 1}
                screen.terminal.block(*options(screen))
        elif (go := screen.common(key)) is not None:
            return go


def options(screen: KeyScreen) -> list[str]:
    """Return the lines of the options: number, whether it is chosen, text."""
    t, several, lines = screen.terminal, _several(screen), []
    said = screen.sitting.options()
    for i, text in enumerate(said):
        mark = ("x" if several else "•") if i in screen.picked else " "
        box = f"[{mark}]" if several else f"({mark})"
        first, *rest = wrap(text, t.measure, " " * 6)
        style = ("cyan",) if i in screen.picked else ()
        lines += [t.style(f"{i + 1} {box} {first[6:]}", *style), *(t.style(x, *style) for x in rest)]
    return [*lines, "", *_dim(screen, screen.words("picks_hint" if several else "pick_hint", n=len(said)))]


def _several(screen: KeyScreen) -> bool:
    question = screen.sitting.question
    return question is not None and question.several


# on a line


def type_(screen: KeyScreen) -> Go:
    """Read a line that is judged; Enter or what a number begins with starts it."""
    while True:
        key = screen.front_key(bursts=True)
        if key in ENTER or key[0] in NUMERIC:
            type_answer(screen, "" if key in ENTER else key)
            said, screen.answer = screen.answer, ""
            if _judged(screen, said) is Go.BACK:
                return Go.BACK
            screen.show_again()
        elif (go := screen.common(key)) is not None:
            return go


def type_hint(screen: KeyScreen) -> list[str]:
    """Return the lines below a question that is answered on a line."""
    return _dim(screen, screen.words("type_hint"))


def _judged(screen: KeyScreen, said: str) -> Go:
    """Let the question judge what was said; where it cannot be read, stay with the reason."""
    try:
        screen.sitting.judge(said)
    except Unreadable as unreadable:
        screen.note = say(unreadable.said, screen.words.lang)
        return Go.FRONT
    return Go.BACK


def _dim(screen: KeyScreen, text: str) -> list[str]:
    return [screen.terminal.style(line, "dim") for line in wrap_keys(text, screen.terminal.width)]


# in an editor


def write(screen: KeyScreen) -> Go:
    """Let the learner write code until it passes or is given up."""
    from llmquiz.cli.study_code import write as attempt  # what runs code is imported where there is code

    return attempt(screen)


def write_hint(screen: KeyScreen) -> list[str]:
    """Return the lines below a code question."""
    from llmquiz.cli.study_code import hint as lines

    return lines(screen)


WAYS: Mapping[str, Callable[[KeyScreen], Go]] = {TALK: talk, PICK: pick, TYPE: type_, WRITE: write}
BLOCKS: Mapping[str, Callable[[KeyScreen], list[str]]] = {TALK: hint, PICK: options, TYPE: type_hint, WRITE: write_hint}
