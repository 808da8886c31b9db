"""The study screen: single keys on a terminal.

Invariant: a digit means one thing at a time (an option or a point while those are chosen, a grade after that), and a key
that means nothing changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from llmquiz.cli.keyboard import Keyboard, Resized
from llmquiz.cli.sitting import Sitting
from llmquiz.cli.study_ahead import Ahead
from llmquiz.cli.study_ways import BLOCKS, WAYS, Go, type_answer
from llmquiz.cli.terminal import Terminal, page
from llmquiz.errors import LlmquizError
from llmquiz.model import BURIED, SUSPENDED
from llmquiz.questions import TALK, WRITE, say
from llmquiz.render import clean, duration
from llmquiz.render.wrap import wrap

BELOW = 4  # lines around the points, or around the grades


class KeyScreen:
    """Drives a sitting with keys."""

    def __init__(self, sitting: Sitting, terminal: Terminal, keyboard: Keyboard, *, points: bool, other: Callable[[str], str]) -> None:
        """Show `sitting` on `terminal`; `points` asks for ticks before the grade; `other` gives the language after `l`."""
        self.sitting, self.terminal, self.keyboard = sitting, terminal, keyboard
        self.with_points, self.other = points, other
        self.words = sitting.words
        self.answer = ""
        self.picked: set[int] = set()
        self.ticked: set[int] = set()
        self.tall = False  # the answer begins above the top of the screen
        self.note = ""
        self.ahead = Ahead()

    @property
    def way(self) -> str:
        """How the current question is answered."""
        return self.sitting.question.way if self.sitting.question else TALK

    def run(self) -> None:
        """Study until the session is over or the learner quits."""
        drilling = False
        while self.sitting.offer():
            if self.sitting.session.mode == "drill" and not drilling and self.sitting.steps:
                drilling = True
                self.note = self.words("drill_starts", n=len(self.sitting.session.again))
            self.note, self.sitting.said = self.sitting.said or self.note, ""
            self.answer, self.picked, self.ticked = "", set(), set()
            self.terminal.new_page()
            go = Go.FRONT
            while go in (Go.FRONT, Go.BACK):
                if go is Go.FRONT:
                    self.show_front()
                    self.ahead.begin(*self._drawing())
                    go = WAYS[self.way](self)
                else:
                    go = self.back()
            if go is Go.QUIT:
                return
        if self.sitting.time_up:
            self.terminal.write("", self.words("time_up"))

    # the question

    def show_front(self) -> None:
        """Draw the question at the top of the screen."""
        self.ahead.wait()
        t, s = self.terminal, self.sitting
        right = duration(s.elapsed)
        head = f"{s.place()}    {s.left()}"
        gap = " " * max(2, t.width - cell_len(head) - cell_len(right))
        lines = wrap(head + gap + right if cell_len(head + gap + right) <= t.width else head, t.width)
        t.write(*(t.style(line, "dim") for line in lines))
        t.write(*(t.style(line, "cyan") for line in wrap(" · ".join(s.about()), t.width)))
        t.write("─" * t.width, "")
        t.write(*(t.style(line, "bold") for line in wrap(s.front(), t.measure)), "")
        self._write_note()
        if self.answer:
            t.write(*wrap(f"{self.words('your_answer')}: {clean(self.answer)}", t.width), "")
        t.block(*BLOCKS[self.way](self))

    def _write_note(self) -> None:
        """Write what there is to say, once."""
        if self.note:
            t = self.terminal
            t.write(*(t.style(line, "yellow") for line in wrap(clean(self.note), t.width)), "")
            self.note = ""

    def show_again(self) -> None:
        """Draw the question over what was there."""
        self.terminal.redraw_page()
        self.show_front()

    def tell(self, note: str) -> None:
        """Draw the question anew, with something to say."""
        self.note = note
        self.show_again()

    # the answer

    def back(self) -> Go:
        """Show the answer, tick points, take the grade."""
        from llmquiz.cli.study_grade import take_grade, tick

        t, verdict = self.terminal, self.sitting.verdict
        t.block("─" * t.width)
        if self.answer:
            t.write(*(t.style(x, "dim") for x in wrap(f"{self.words('your_answer')}: {clean(self.answer)}", t.width)), "")
        if verdict:
            colour = "green" if verdict.grade > 3 else "yellow" if verdict.grade > 1 else "red"  # noqa: PLR2004
            t.write(*(t.style(x, "bold", colour) for x in wrap(clean(say(verdict.note, self.words.lang)), t.measure)), "")
        points = self.sitting.points() if self.with_points else []
        t.write(shown := self._answer())
        self.tall = shown.count("\n") + len(points) + BELOW > t.height
        self._write_note()
        if points and (go := tick(self, points)) is not None:
            return go
        return take_grade(self, self.sitting.suggestion(self.ticked))

    def _answer(self) -> str:
        """Return the answer as the terminal shows it; code as wide as the terminal is."""
        if self.way != WRITE:
            return self.ahead.take(*self._drawing())
        from llmquiz.cli.study_code import answer

        t = self.terminal
        return t.drawn(answer(self.sitting, t.width, dark=t.dark), t.width)

    def _drawing(self) -> tuple[tuple[str, int], Callable[[], str]]:
        """Return what tells the current answer, as it is to be drawn, from others, and the drawing of it."""
        terminal, text, width = self.terminal, self.sitting.back(), self.terminal.measure

        def draw() -> str:
            import llmquiz.cli.study_grade  # noqa: F401  what comes after the answer
            from llmquiz.render.markdown import Markdown

            return terminal.drawn(Markdown(text, dark=terminal.dark), width)

        return (text, width), draw

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
            case "a" if back and self.way == TALK:
                t.new_page()
                self.show_front()
                return type_answer(self, "")
            case "e":
                self.note = self.edit()
                self.ticked.clear()  # its points may be others now
                return self._again(back=back)
            case "v" if back:
                with self.keyboard.cooked():
                    page(self._answer())
                return self._again(back=True)
            case "?":
                from llmquiz.cli.key_help import key_lines

                t.new_page()
                t.write(*key_lines(self.words, t.width), "", t.style(self.words("any_key"), "dim"))
                self.key()
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
        return said if sitting.reload() else sitting.said

    def _again(self, *, back: bool) -> Go:
        """Draw the card from its question again; with `back` its answer too, unless it was edited and has to be judged anew."""
        self.terminal.new_page()
        back = back and (self.way == TALK or self.sitting.verdict is not None)
        if back:
            note, self.note = self.note, ""
            self.show_front()
            self.note = note  # below the answer, which may push what stands above it off the screen
        return Go.BACK if back else Go.FRONT

    def front_key(self, *, bursts: bool = False) -> str:
        """Wait for a key on the question, and for the drawing of its answer; a resize draws the question again."""
        while True:
            try:
                key = self.keyboard.key(bursts=bursts)
            except Resized:
                self.show_again()
            else:
                self.ahead.wait()
                return key

    def key(self) -> str:
        """Wait for a key; a resize while the answer shows leaves the lines as they are until the next key."""
        while True:
            try:
                return self.keyboard.key()
            except Resized:
                continue
