"""Code questions in a session: the editor, the runs of the tests, and the answer side, on the screen and on a pipe.

Invariant: nothing is run but on a key or a line that says so; what failed is shown before anything else can happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmquiz.cli import attempt
from llmquiz.cli.attempt import Attempt
from llmquiz.cli.context import out, tell
from llmquiz.cli.keyboard import ENTER
from llmquiz.cli.sitting import Sitting
from llmquiz.disk import expanded
from llmquiz.errors import LlmquizError
from llmquiz.questions.code import Code
from llmquiz.render.wrap import wrap, wrap_keys

if TYPE_CHECKING:
    from llmquiz.cli.study_keys import KeyScreen
    from llmquiz.cli.study_ways import Go

BESIDE = 120  # columns from which two sources stand side by side


def current(sitting: Sitting) -> Attempt:
    """Return the attempt at the current question, begun where there is none."""
    question, attempt_ = sitting.question, sitting.attempt
    if not isinstance(question, Code):
        msg = "no code question is current"
        raise TypeError(msg)
    if not isinstance(attempt_, Attempt) or attempt_.question.id != question.id:
        attempt_ = sitting.attempt = Attempt(question, sitting.in_place)
    attempt_.question = question  # it may have been edited
    return attempt_


# on the screen


def write(screen: KeyScreen) -> Go:
    """Read keys on a code question: Enter to the editor (or runs the file), r runs again, g gives up."""
    from llmquiz.cli.study_ways import Go

    now = current(screen.sitting)
    if now.file and (said := _begin(now)):
        screen.tell(said)
    while True:
        key = screen.front_key()
        if key in ENTER or key == "r":
            if _attempt(screen, now, edit=key != "r"):
                return Go.BACK
        elif key == "g":
            _judge(screen.sitting, now, passed=False)
            return Go.BACK
        elif (go := screen.common(key)) is not None:
            return go


def _begin(now: Attempt) -> str:
    """Put the starter into the learner's file; say what was in it, or why it cannot be."""
    if now.file is None:
        return ""
    try:
        before = attempt.begin(now.file, now.question)
    except LlmquizError as error:
        return str(error)
    return f"{now.file}: `{before}` -> {now.file}~" if before else ""


def _attempt(screen: KeyScreen, now: Attempt, *, edit: bool) -> bool:
    """Take the learner's source and run the tests; True where the card was judged, else what failed is on the screen."""
    from llmquiz.cli import editor

    before = now.source
    try:
        if now.file:
            source = attempt.read(now.file)
        elif edit:
            with screen.keyboard.cooked():
                source = editor.edit(before, screen.sitting.collection.settings.editor, "solution.py")
            if source == before:
                screen.tell(screen.words("unchanged"))
                return False
        else:
            source = before
    except LlmquizError as error:
        screen.tell(str(error))
        return False
    now.source = source
    screen.show_again()
    screen.terminal.block(screen.terminal.style(screen.words("running"), "yellow"))
    if now.run(source):
        _judge(screen.sitting, now, passed=True)
        return True
    screen.show_again()
    return False


def hint(screen: KeyScreen) -> list[str]:
    """Return the lines below a code question: what failed, the keys, what a run does."""
    t, words, now = screen.terminal, screen.words, current(screen.sitting)
    red = [t.style(x, "red") if line.startswith("✗") else x for line in now.result(words) for x in wrap(line, t.measure)]
    keys = words("file_hint", file=now.file) if now.file else words("write_hint")
    return [*red, *([""] if red else []), *(t.style(x, "dim") for x in (*wrap_keys(keys, t.width), *wrap(now.what_runs(words), t.width)))]


def _judge(sitting: Sitting, now: Attempt, *, passed: bool) -> None:
    sitting.judged(now.question.graded(attempt.unmarked(now.source), now.runs, passed=passed))


def answer(sitting: Sitting, width: int, *, dark: bool = True) -> Any:
    """Return the answer side as a renderable of `width` columns: the text, both sources, pitfalls and sources."""
    from rich.console import Group

    from llmquiz.render.code import beside, under
    from llmquiz.render.markdown import Markdown

    now, words = current(sitting), sitting.words
    sources = [(words("solution"), now.question.solution)]
    mine = attempt.unmarked(now.source).strip()
    if mine != now.question.starter.strip():
        sources.insert(0, (words("your_code"), mine))
    text, rest = (Markdown(said, dark=dark) for said in (now.question.said_in(sitting.lang), now.question.rest_in(sitting.lang)))
    return Group(text, (beside if width >= BESIDE else under)(sources, dark=dark), rest)


# on a pipe


def ask(sitting: Sitting) -> None:
    """Print the starter, and what a run does."""
    now = current(sitting)
    if now.file and (said := _begin(now)):
        tell(said)
    out(now.question.starter.rstrip())
    out(sitting.words("path_hint"))
    out(now.what_runs(sitting.words))


def line(sitting: Sitting, said: str) -> bool:
    """Run the tests on the file that a line names; an empty line gives up. Whether the card was judged.

    Raises LlmquizError for a file that cannot be run.
    """
    now = current(sitting)
    if not said.strip():
        _judge(sitting, now, passed=False)
        return True
    if now.run(attempt.read(expanded(said.strip()))):
        _judge(sitting, now, passed=True)
        return True
    for row in now.result(sitting.words):
        out(row)
    return False
