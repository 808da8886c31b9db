"""A study session from plan to summary: plan it, hand it to keys or to lines, end it.

Invariant: however the session ends, its summary is shown where somebody can read it, and the exit code says how it ended:
0 done, quit or end of input, 130 Ctrl-C, 128 + n for signal n.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from llmquiz.cli.context import DATA_AT_FAULT, INTERRUPTED, Clock, collection, interactive, language, out, tell
from llmquiz.cli.words import Words, spoken
from llmquiz.session import Wanted

if TYPE_CHECKING:
    from llmquiz.cli.sitting import Sitting
    from llmquiz.collection import Collection

TODAY = Wanted()  # what is due, and new cards up to the daily limit


def study(
    wanted: Wanted = TODAY,
    banks: Sequence[Path] = (),
    *,
    lang: str | None = None,
    minutes: float | None = None,
    in_place: Path | None = None,
) -> None:
    """Study the cards that are wanted; raises SystemExit with how it ended, LlmquizError where something is unknown."""
    clock = Clock()
    with collection(banks) as opened:
        speech = language(lang, opened.settings.lang)
        words = Words(spoken(speech, os.environ))
        session = opened.session(wanted, clock.now())
        skipped = unasked(session.skipped, words)
        if session.current is None or not interactive():
            for line in skipped:
                tell(line)
        if in_place:
            from llmquiz.cli.attempt import owner

            owner(in_place)  # raises where the file is another's
        if session.current is None:
            _nothing(opened, wanted, words, clock)
            return
        from llmquiz.cli.sitting import Sitting

        sitting = Sitting(opened, session, clock, speech, words, minutes=minutes, ahead=wanted.ahead, in_place=in_place)
        sitting.said = " ".join(skipped) if interactive() else ""
        _run(sitting, opened)


def unasked(skipped: Mapping[str, str], words: Words) -> list[str]:
    """Say how many cards cannot be asked, why, and what to do; a line a reason, none where all can be asked."""
    if not skipped:
        return []
    lack = next(iter(skipped.values()))
    if f"skipped_{lack}" in words.table:
        return [words(f"skipped_{lack}", n=len(skipped))]
    from shlex import quote

    from llmquiz.render import clean

    paths = sorted(set(skipped.values()))
    return [words("skipped_locked", n=list(skipped.values()).count(path), path=clean(quote(path))) for path in paths]


def _nothing(opened: Collection, wanted: Wanted, words: Words, clock: Clock) -> None:
    """Say why there is nothing to study, and what to do."""
    total, _ = opened.counts(clock.now())
    if not total:
        out(words("empty"))
    elif wanted != TODAY:
        out(words("nothing_wanted"))
    else:
        out(words("nothing"))
        out(words("nothing_more"))


def _run(sitting: Sitting, opened: Collection) -> None:
    if not interactive():
        from llmquiz.cli import study_lines

        try:
            fine = study_lines.run(sitting, sys.stdin)
        except KeyboardInterrupt:
            _finish(sitting, INTERRUPTED)
        _finish(sitting, 0 if fine else DATA_AT_FAULT)
    from llmquiz.cli.keyboard import Hangup, Keyboard
    from llmquiz.cli.study_keys import KeyScreen
    from llmquiz.cli.terminal import Terminal

    keyboard = Keyboard()
    cycle = {"en": "zh", "zh": "en", "both": sitting.words.lang}
    try:
        with keyboard.session():
            KeyScreen(sitting, Terminal(os.environ), keyboard, points=opened.settings.points, other=lambda lang: cycle[lang]).run()
    except KeyboardInterrupt:
        _finish(sitting, INTERRUPTED)
    except EOFError:
        pass
    except Hangup as hangup:
        _finish(sitting, hangup.code, gone=True)
    _finish(sitting, 0)


def _rows(line: str) -> list[str]:
    """Return a line of the summary as the terminal shows it: broken between words; on a pipe as it is."""
    if not interactive():
        return [line]
    from llmquiz.cli.terminal import Terminal
    from llmquiz.render.wrap import wrap

    return wrap(line, Terminal(os.environ).width)


def _finish(sitting: Sitting, code: int, *, gone: bool = False) -> None:
    """Show the summary, where there is somebody to read it, then back up what is due to be, and exit.

    Where the terminal is `gone` the machine may be going down, too: the backup waits for the next session.
    """
    from llmquiz.cli.summary import summary

    try:
        out()
        if code >= INTERRUPTED:
            out(sitting.words("interrupted"))
        for line in summary(sitting):
            for part in _rows(line):
                out(part)
        sys.stdout.flush()
    except (OSError, ValueError):  # the terminal is gone; the grades are on disk
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not gone:
        from llmquiz.cli.backing_up import after_session

        after_session(sitting.collection, sitting.clock)
    raise SystemExit(code)
