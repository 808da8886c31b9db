"""The study screen: single keys on a terminal.

Invariant: a digit means one thing at a time (a point while points are ticked, a grade after that), and a key that means
nothing changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum, auto

from llmquiz.cli.keyboard import ENTER, Keyboard, Resized
from llmquiz.cli.sitting import Sitting
from llmquiz.cli.terminal import Terminal, page
from llmquiz.errors import LlmquizError
from llmquiz.model import BURIED, SUSPENDED, Grade
from llmquiz.render import clean, duration
from llmquiz.render.wrap import wrap


class Go(Enum):
    """Where the screen goes after a key."""

    FRONT = auto()  # show the question of the current card (again)
    BACK = auto()  # show the answer
    NEXT = auto()  # offer the next card
    QUIT = auto()


class KeyScreen:
    """Drives a sitting with keys."""

    def __init__(self, sitting: Sitting, terminal: Terminal, keyboard: Keyboard, *, points: bool, other: Callable[[str], str]) -> None:
        """Show `sitting` on `terminal`; `points` asks for ticks before the grade; `other` gives the language after `l`."""
        self.sitting, self.terminal, self.keyboard = sitting, terminal, keyboard
        self.with_points, self.other = points, other
        self.words = sitting.words
        self.answer = ""
        self.note = ""

    def run(self) -> None:
        """Study until the session is over or the learner quits."""
        warm = False
        drilling = False
        while self.sitting.offer():
            if self.sitting.session.mode == "drill" and not drilling and self.sitting.steps:
                drilling = True
                self.note = self.words("drill_starts", n=len(self.sitting.session.again))
            self.answer = ""
            self.terminal.new_page()
            go = Go.FRONT
            while go in (Go.FRONT, Go.BACK):
                if go is Go.FRONT:
                    self.show_front()
                    if not warm:  # what the answer needs comes in while the learner reads
                        warm = True
                        threading.Thread(target=_load_renderers, args=(self.sitting.back(),), daemon=True).start()
                    go = self.front()
                else:
                    go = self.back()
            if go is Go.QUIT:
                return
        if self.sitting.time_up:
            self.terminal.write("", self.words("time_up"))

    # the question

    def show_front(self) -> None:
        """Draw the question at the top of the screen."""
        t, s = self.terminal, self.sitting
        right = duration(s.elapsed)
        head = f"{s.place()}    {s.left()}"
        gap = " " * max(2, t.width - _cells(head) - _cells(right))
        lines = wrap(head + gap + right if _cells(head + gap + right) <= t.width else head, t.width)
        t.write(*(t.style(line, "dim") for line in lines))
        t.write(*(t.style(line, "cyan") for line in wrap(" · ".join(s.about()), t.width)))
        t.write("─" * t.width, "")
        t.write(*(t.style(line, "bold") for line in wrap(s.front(), t.measure)), "")
        if self.note:
            t.write(*(t.style(line, "yellow") for line in wrap(self.note, t.width)), "")
            self.note = ""
        if self.answer:
            t.write(*wrap(f"{self.words('your_answer')}: {clean(self.answer)}", t.width), "")
        t.block(*(t.style(line, "dim") for line in wrap(self.words("front_hint"), t.width)))

    def front(self) -> Go:
        """Read keys on the question."""
        while True:
            try:
                key = self.keyboard.key(bursts=True)
            except Resized:
                self.terminal.redraw_page()
                self.show_front()
                continue
            if key in ENTER or key == " ":
                return Go.BACK
            if key == "a":
                return self.type_answer(self.answer)
            if (go := self.common(key)) is not None:
                return go
            if key[0].isprintable():
                return self.type_answer(key)

    def type_answer(self, begun: str) -> Go:
        """Read the learner's answer on a line of its own, then show ours. `begun` may hold whole lines already."""
        line, end, rest = begun.replace("\r", "\n").partition("\n")
        if end:
            self.answer = line.strip()
            self.keyboard.push(rest)
        else:
            self.terminal.block()
            self.answer = self.keyboard.line(f"{self.words('your_answer')}: ", begun).strip()
        return Go.BACK

    # the answer

    def back(self) -> Go:
        """Show the answer, tick points, take the grade."""
        from llmquiz.render.markdown import Markdown

        t = self.terminal
        t.block("─" * t.width)
        if self.answer:
            t.write(*(t.style(x, "dim") for x in wrap(f"{self.words('your_answer')}: {clean(self.answer)}", t.width)), "")
        t.print(Markdown(self.sitting.back(), dark=self.terminal.dark))
        t.write("")
        ticked: set[int] = set()
        points = self.sitting.points() if self.with_points else []
        if points and (go := self.tick(points, ticked)) is not None:
            return go
        return self.take_grade(self.sitting.suggestion(ticked))

    def tick(self, points: list[tuple[str, bool]], ticked: set[int]) -> Go | None:
        """Let digits turn points on and off; None when the learner goes on to the grade."""
        while True:
            self.terminal.block(*self.point_lines(points, ticked))
            key = self._key()
            if key in ENTER or key == " ":
                return None
            if key.isdecimal() and 1 <= int(key) <= len(points):
                ticked ^= {int(key) - 1}
            elif (go := self.common(key, back=True)) is not None:
                return go

    def point_lines(self, points: list[tuple[str, bool]], ticked: set[int]) -> list[str]:
        """Return the lines of the rubric: number, tick, text."""
        t = self.terminal
        lines = [t.style(x, "bold") for x in wrap(self.words("points"), t.width)]
        for i, (text, must) in enumerate(points):
            mark = "x" if i in ticked else " "
            said = f"{text} ({self.words('must')})" if must else text
            first, *rest = wrap(said, t.measure, " " * 6)
            style = ("green",) if i in ticked else ()
            lines += [t.style(f"{i + 1} [{mark}] {first[6:]}", *style), *(t.style(x, *style) for x in rest)]
        return [*lines, *(t.style(x, "dim") for x in wrap(self.words("points_hint"), t.width))]

    def take_grade(self, suggested: int | None) -> Go:
        """Read the grade: a digit, or Enter for the suggestion."""
        self.terminal.keep()
        self.terminal.write("")
        lines = self.grade_lines(suggested)
        note: list[str] = []
        while True:
            self.terminal.block(*lines, *note)
            note = []
            key = self._key()
            if key in ENTER and suggested is None:
                note = [self.terminal.style(x, "yellow") for x in wrap(self.words("no_points"), self.terminal.width)]
            elif key in ENTER and suggested is not None:
                return self.graded(Grade(suggested))
            elif key.isdecimal():
                if int(key) in tuple(Grade):
                    return self.graded(Grade(int(key)))
                note = [self.terminal.style(x, "yellow") for x in wrap(self.words("bad_grade", said=key), self.terminal.width)]
            elif (go := self.common(key, back=True)) is not None:
                return go

    def grade_lines(self, suggested: int | None) -> list[str]:
        """Return the lines of the grade: each with the interval it leads to, the suggestion marked."""
        t = self.terminal
        parts = [
            f"{'>' if int(g) == suggested else ' '}{int(g)} {self.words(f'grade{int(g)}')} {interval}".rstrip()
            for g, interval in zip(Grade, self.sitting.intervals(), strict=True)
        ]
        rows, row = [], ""
        for part in parts:
            if row and _cells(f"{row}   {part}") > t.width:
                rows.append(row)
                row = part
            else:
                row = f"{row}   {part}" if row else part
        chosen = next((p for p in parts if p.startswith(">")), "")
        styled = [r.replace(chosen, t.style(chosen, "reverse")) if chosen else r for r in (*rows, row)]
        hint = self.words("grade_hint") if suggested is None else self.words("grade_hint_suggested", grade=suggested)
        return [t.style(self.words("grade"), "bold"), *styled, *(t.style(x, "dim") for x in wrap(hint, t.width))]

    def graded(self, grade: Grade) -> Go:
        """Grade and go on."""
        self.sitting.grade(grade, self.answer)
        return Go.NEXT

    # keys that mean the same everywhere

    def common(self, key: str, *, back: bool = False) -> Go | None:  # noqa: PLR0911  a table of keys
        """Act on a key that both sides know; None where it means nothing. `back`: the answer is showing."""
        s, t = self.sitting, self.terminal
        match key:
            case "q":
                return Go.QUIT
            case "u":
                self.note = s.undo()
                return Go.NEXT
            case "s" | "b":
                self.note = s.hide(SUSPENDED if key == "s" else BURIED)
                return Go.NEXT
            case "f":
                self.note = s.flag()
                return self._again(back=back)
            case "l":
                s.lang = self.other(s.lang)
                return self._again(back=back)
            case "a" if back:
                t.new_page()
                self.show_front()
                return self.type_answer("")
            case "e":
                self.note = self.edit()
                return self._again(back=back)
            case "v" if back:
                with self.keyboard.cooked():
                    page(self._rendered())
                return self._again(back=True)
            case "?":
                t.new_page()
                t.write(*self.words("help").split("\n"), "", t.style(self.words("any_key"), "dim"))
                self._key()
                return self._again(back=back)
        return None

    def edit(self) -> str:
        """Let the learner edit the current card and come back to it; return what to say."""
        from llmquiz.cli.editing import edit_card

        sitting = self.sitting
        try:
            with self.keyboard.cooked():
                said = edit_card(sitting.collection, sitting.card.id if sitting.card else "")
        except LlmquizError as error:
            return str(error)
        sitting.reload()
        return said

    def _again(self, *, back: bool) -> Go:
        """Draw the card from its question again; with `back` its answer too."""
        self.terminal.new_page()
        if back:
            self.show_front()
        return Go.BACK if back else Go.FRONT

    def _rendered(self) -> str:
        from llmquiz.render.markdown import Markdown

        with self.terminal.console.capture() as captured:
            self.terminal.console.print(Markdown(self.sitting.back(), dark=self.terminal.dark))
        return captured.get()

    def _key(self) -> str:
        """Wait for a key; a resize while the answer shows leaves the lines as they are until the next key."""
        while True:
            try:
                return self.keyboard.key()
            except Resized:
                continue


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _load_renderers(answer: str) -> None:
    """Import what an answer needs and draw this one for nobody, so that Enter shows it at once."""
    from io import StringIO

    from rich.console import Console

    from llmquiz.render.markdown import Markdown

    sample = "\n\n`x` $x$\n\n```python\nx = 1\n```\n\n|a|b|\n|-|-|\n|1|2|\n"
    Console(file=StringIO(), width=80, force_terminal=True).print(Markdown(answer + sample))
