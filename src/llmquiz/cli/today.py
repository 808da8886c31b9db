"""Where one stands today: the glance of `llmquiz` alone, and how many cards are due.

Invariant: without Typer, as these are what status lines and shells ask for; the clock is read once; a card counts where
`study` would ask it now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from llmquiz.cli.context import Clock, collection, interactive, out, out_json
from llmquiz.cli.words import Words
from llmquiz.cli.words_today import words


def glance() -> None:
    """Say where one stands today, and what to type next."""
    clock = Clock()
    with collection() as opened:
        now = clock.now()
        say = words(opened.settings.lang)
        total, unmet = opened.counts(now)
        due_, skipped = opened.due_today(now)
        new_today, skipped_new = opened.new_today(now)
        today = opened.today(now)
        again = opened.again_today(now) if today.reviews else 0
        out(say("standing", due=due_, new=new_today, total=total, unmet=unmet))
        if skipped := skipped | skipped_new:
            from llmquiz.cli.studying import unasked

            for line in unasked(skipped, Words(say.lang)):
                out(line)
        if again:
            out(say("again", again=again))
        if today.reviews:
            out(say("graded", graded=today.reviews, passed=today.passed))
        for line in _days(say, opened.streak(now), opened.settings.interview, now.date()):
            out(line)
        out(say("empty" if not total else "next" if due_ or new_today or again else "tomorrow"))
    if interactive():
        out(say("help"))


def _days(say: Words, streak: int, interview: date | None, today: date) -> Iterator[str]:
    """Say how long the streak is and how far the interview; nothing of one that is over."""
    if streak:
        yield say("streak1" if streak == 1 else "streak", days=streak)
    if interview and interview >= today:
        days = (interview - today).days
        yield say(f"interview{days}" if days < 2 else "interview", days=days)  # noqa: PLR2004


def due(banks: Sequence[Path] = (), *, count: bool = False, json: bool = False) -> None:
    """Say how many cards are due now."""
    with collection(banks) as opened:
        now = Clock().now()
        due_, _ = opened.due_today(now)
        if count:
            out(str(due_))
            return
        new_today, _ = opened.new_today(now)
        if json:
            out_json({"due": due_, "new": new_today})
        else:
            out(words(opened.settings.lang)("due", due=due_, new=new_today))


def due_count() -> None:
    """Say how many cards are due now, as a bare number."""
    due(count=True)
