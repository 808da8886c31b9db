"""What a study session does, whoever drives it: keys on a terminal or lines on a pipe.

Invariant: a grade is on disk before the next card is offered; undo takes back the last thing that was done in this
session, whatever it was, and puts its card back.
"""

from __future__ import annotations

from pathlib import Path

from llmquiz.cli.context import Clock
from llmquiz.cli.words import Words
from llmquiz.collection import Collection
from llmquiz.errors import LlmquizError
from llmquiz.model import DRILL, FLAGGED, SELF, Card, Glance, Grade, Review
from llmquiz.questions import PICK, TALK, Open, Question, Verdict, say, suggest
from llmquiz.render import clean, inline
from llmquiz.session import Session

LONGEST = 600.0  # seconds: a card left open over lunch counts as ten minutes
SETTLED = 32  # grades after which the log is settled

Step = Review | tuple[str, str]  # a grade, or (mark, card)


class Sitting:
    """One session at work: the plan, the words, and what was done so far."""

    def __init__(
        self,
        collection: Collection,
        session: Session,
        clock: Clock,
        lang: str,
        words: Words,
        *,
        minutes: float | None = None,
        ahead: bool = False,
        in_place: Path | None = None,
    ) -> None:
        """Begin; the clock of the summary starts now, `minutes` later no further card is offered.

        `in_place` is the file in which code is written.
        """
        self.collection, self.session, self.clock = collection, session, clock
        self.lang, self.words, self.ahead = lang, words, ahead
        self.started = clock.timer()
        self.minutes = minutes
        self.steps: list[Step] = []
        self.card: Card | None = None
        self.question: Question | None = None
        self.verdict: Verdict | None = None
        self.in_place = in_place
        self.attempt: object = None  # at a code question; `study_code` makes it
        self.answered = 0.0
        self.flagged = False
        self.said = ""  # what to tell before the next card
        self._settled = 0  # steps that there were when the log was settled last
        self._ahead: Glance | None = None  # at the card that comes next, taken while the learner reads
        self.shown = self.started
        self._told: tuple[Question | None, list[str]] = None, []  # what was said last, so that nothing is said twice
        self._asked: tuple[Question | None, str, str] = None, "", ""
        self._titles: dict[str, str] = {}

    # cards

    def offer(self) -> bool:
        """Make the next card current; False when the session is over or its time is up.

        Cards that another terminal graded or hid meanwhile, or asks at this moment, are passed over.
        """
        while (card := self.session.current) is not None and not self.time_up:
            free = self.collection.log.locks.claim(card.id)  # first: nobody can grade it from here on
            glance, self._ahead = self._ahead, None
            if glance is None or glance.question.id != card.id or not self.collection.unchanged(glance):
                glance = self._look(card, self.session.mode)
            if free and glance is not None:
                self.card, self.flagged, self.attempt = card, FLAGGED in glance.marks, None
                if self._pose(glance.question):
                    self.shown = self.clock.timer()
                    return True
            self.session.dropped()
        self.collection.log.locks.let_go()
        self.card = None
        return False

    def prepare(self) -> None:
        """Look at the card that comes next, let go of the last one, settle the log: there is time now, and none after the next grade."""
        self.collection.log.locks.let_go(keep=1)
        if len(self.steps) - self._settled >= SETTLED:
            self._settled = len(self.steps)
            self.collection.log.settle()
        if self._ahead is None and (following := self.session.following):
            self._ahead = self._look(*following)
            if self._ahead is not None:
                self._front(self._ahead.question)
                self._about(following[0], self._ahead.question)

    def _look(self, card: Card, mode: str) -> Glance | None:
        """Look at a card; None where it is not to be asked any more. What is to be asked now is so later, too."""
        now = self.clock.now()
        glance = self.collection.glance(card.id, now)
        return glance if mode == DRILL or self.collection.still_due(glance, now, ahead=self.ahead) else None

    def reload(self) -> bool:
        """Read the current question anew: it has been edited; False, with what to say, where it cannot be asked."""
        self._ahead = None
        return self.card is not None and self._pose(self.collection.question(self.card.id))

    def _pose(self, question: Question) -> bool:
        """Make a question the current one, as it is asked this time; False, with what to say, where it cannot be asked."""
        self.verdict = None
        try:
            self.question = question if question.way == TALK else self.collection.asked(question)
        except LlmquizError as error:
            self.said = str(error)
            return False
        return True

    @property
    def time_up(self) -> bool:
        """Whether the minutes of the session are over."""
        return self.minutes is not None and self.elapsed >= self.minutes * 60

    @property
    def elapsed(self) -> float:
        """Seconds since the session began."""
        return self.clock.timer() - self.started

    def title(self, topic: str) -> str:
        """Return the title of a topic in the language of the words; its name where it has none."""
        if topic not in self._titles:
            self._titles[topic] = self.collection.title(topic).get(self.words.lang) or topic
        return self._titles[topic]

    def place(self) -> str:
        """Say where the session is: which card of how many, or how many are left of the drill."""
        if self.session.mode == DRILL:
            return self.words("drill", left=len(self.session.again))
        return self.words("position", n=self.session.position + 1, total=self.session.total)

    def left(self) -> str:
        """Say how many cards wait."""
        due, new, again = self.session.left
        return self.words("left", due=due, new=new, again=again)

    def about(self) -> list[str]:
        """Say topic, level, tags and flag of the current card."""
        said = self._about(*self._current())
        return [*said, clean(self.words("flagged"))] if self.flagged else said

    def front(self) -> str:
        """Return the question as plain text."""
        return self._front(self._current()[1])

    def _about(self, card: Card, question: Question) -> list[str]:
        """Say topic, level and tags, once for a question."""
        if self._told[0] is not question:
            said = [self.title(card.topic), f"{self.words('level', level=card.level)} {self.words(f'level{card.level}')}"]
            self._told = question, [clean(part) for part in (*said, *([", ".join(question.tags)] if question.tags else []))]
        return self._told[1]

    def _front(self, question: Question) -> str:
        """Return a question as plain text, made once for a question and a language."""
        if self._asked[0] is not question or self._asked[1] != self.lang:
            self._asked = question, self.lang, inline(question.front(self.lang))
        return self._asked[2]

    def back(self) -> str:
        """Return the answer as Markdown."""
        return self._current()[1].back(self.lang)

    def options(self) -> list[str]:
        """Return the options of a choice as plain text, in the order they are asked."""
        return [inline(o).replace("\n\n", " / ") for o in self._current()[1].options(self.lang)]

    def points(self) -> list[tuple[str, bool]]:
        """Return the points of the rubric as plain text, each with whether it is a must."""
        question = self._current()[1]
        if not isinstance(question, Open):
            return []
        return [(inline(say(p.text, self.lang)).replace("\n\n", " / "), p.must) for p in question.points]

    def suggestion(self, ticked: set[int]) -> int | None:
        """Suggest a grade: the verdict's, else from the ticked points."""
        if self.verdict:
            return self.verdict.grade
        question = self._current()[1]
        return suggest(question.points, ticked) if isinstance(question, Open) else None

    @property
    def highest(self) -> Grade:
        """The highest grade that may be given: a question that grades itself can only be graded lower than it says."""
        return Grade(self.verdict.grade) if self.verdict else Grade.PERFECT

    def intervals(self) -> list[str]:
        """Say for each grade when the card would come again."""
        card, _ = self._current()
        days = self.collection.intervals(card.id, self.clock.now(), self.session.mode)
        return [self.words.interval(d) for d in days]

    def _current(self) -> tuple[Card, Question]:
        if self.card is None or self.question is None:
            msg = "no card is current"
            raise RuntimeError(msg)
        return self.card, self.question

    # what can be done with a card

    def judge(self, said: str) -> Verdict:
        """Let the question judge an answer ("" is giving up); raises Unreadable where it is none. The time stops here."""
        card, question = self._current()
        self._stop()
        usual = self.collection.usual_seconds(card.id) if question.way == PICK else None
        self.verdict = question.judge(said, self.lang, slow=usual is not None and self.answered > usual)
        return self.verdict

    def judged(self, verdict: Verdict) -> None:
        """Take the verdict on an answer that was not judged here. The time stops."""
        self._stop()
        self.verdict = verdict

    def _stop(self) -> None:
        self.answered = self.clock.timer() - self.shown

    def grade(self, grade: Grade, answer: str = "") -> Review:
        """Grade the current card and move on; on disk when this returns."""
        card, question = self._current()
        grader, seconds = SELF, self.clock.timer() - self.shown
        if self.verdict:
            answer, grader, seconds = self.verdict.stored, question.kind, self.answered
        review = self.collection.grade(
            card.id, grade, self.clock.now(), min(LONGEST, round(seconds, 3)), self.session.mode, grader, self.lang, answer
        )
        self.steps.append(review)
        self.session.graded(grade)
        return review

    def hide(self, mark: str) -> str:
        """Suspend or bury the current card and move on; return what to say."""
        card, _ = self._current()
        self.collection.mark(card.id, mark, self.clock.now())
        self.steps.append((mark, card.id))
        self.session.dropped()
        return self.words(mark, card=card.id)

    def flag(self) -> str:
        """Turn the flag of the current card; return what to say."""
        card, _ = self._current()
        self.flagged = not self.flagged
        self.collection.mark(card.id, FLAGGED, self.clock.now(), on=self.flagged)
        return self.words("flagged_now" if self.flagged else "unflagged", card=card.id)

    def undo(self) -> str:
        """Take back the last grade, suspension or burial of this session; return what to say."""
        if not self.steps:
            return self.words("no_undo")
        self._ahead = None  # it may be the card that comes back
        step = self.steps.pop()
        now = self.clock.now()
        if isinstance(step, Review):
            self.collection.take_back(step, now)
            said = self.words("undone", card=step.card, grade=int(step.grade))
        else:
            mark, card = step
            self.collection.mark(card, mark, now, on=False)
            said = self.words(f"undone_{mark}", card=card)
        target = step.card if isinstance(step, Review) else step[1]
        while (back := self.session.back()) is not None and back.id != target:
            pass  # cards that were passed over because another terminal had them
        return said
