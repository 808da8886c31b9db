"""Where one stands today: the glance of `llmquiz` alone, and how many cards are due.

Invariant: without Typer, as these are what status lines and shells ask for; the clock is read once.
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
        total, due_, new_ = opened.counts(now)
        today = opened.today(now)
        new_today = min(new_, opened.new_left(now))
        days = opened.streak(now)
        out(f"{due_} due, {new_today} new today ({total} questions, {new_} not met yet)")
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
        _, due_, new_ = opened.counts(now)
        if count:
            out(str(due_))
            return
        new_today = min(new_, opened.new_left(now))
        if json:
            out_json({"due": due_, "new": new_today})
        else:
            out(f"{due_} due, {new_today} new today")


def due_count() -> None:
    """Say how many cards are due now, as a bare number."""
    due(count=True)
