"""Where one stands today: the glance of `llmquiz` alone, and how many cards are due.

Invariant: without Typer, as these are what status lines and shells ask for; the clock is read once; a card counts where
`study` would ask it now.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llmquiz.cli.context import Clock, collection, interactive, out, out_json


def glance() -> None:
    """Say where one stands today, and what to type next."""
    clock = Clock()
    with collection() as opened:
        now = clock.now()
        total, unmet = opened.counts(now)
        due_, skipped = opened.due_today(now)
        new_today, skipped_new = opened.new_today(now)
        today = opened.today(now)
        days = opened.streak(now)
        out(f"{due_} due, {new_today} new today ({total} questions, {unmet} not met yet)")
        if skipped := skipped | skipped_new:
            from llmquiz.cli.studying import unasked
            from llmquiz.cli.words import Words

            for line in unasked(skipped, Words("en")):
                out(line)
        if today.reviews:
            out(f"{today.reviews} graded today, {today.passed} passed")
        if days:
            out(f"streak: {days} day{'s' if days > 1 else ''}")
        if not total:
            out("next: llmquiz add   (the bank has no questions; llmquiz check says why)")
        else:
            out("next: llmquiz study" if due_ or new_today else "next: tomorrow, or llmquiz study --new 5")
    if interactive():
        out("help: llmquiz --help")


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
            out(f"{due_} due, {new_today} new today")


def due_count() -> None:
    """Say how many cards are due now, as a bare number."""
    due(count=True)
