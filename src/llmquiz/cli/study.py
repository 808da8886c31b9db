"""`llmquiz study`: plan a session and hand it to keys or to lines.

Invariant: however the session ends, its summary is shown where somebody can read it, and the exit code says how it ended:
0 done, quit or end of input, 130 Ctrl-C, 128 + n for signal n.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmquiz.cli.context import DATA_AT_FAULT, INTERRUPTED, Clock, collection, interactive, language, out, tell
from llmquiz.cli.options import BankOption, KindsOption, LangOption, TagsOption, TopicsOption
from llmquiz.cli.words import Words, environment_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmquiz.cli.sitting import Sitting
    from llmquiz.collection import Collection

STUDY_EXAMPLES = """[bold]Examples[/bold]

llmquiz study   today's cards

llmquiz study --lang zh --topic moe --topic peft   两个主题，中文

llmquiz study --new 0 --minutes 15   repeat only, for a quarter of an hour

llmquiz study --kind code --in-place answer.py   code in the editor of your choice

llmquiz study --ahead --tag serving --limit 20   before an interview on serving

printf '\\n4\\n' | llmquiz study --limit 1   from a script: an answer line, a grade line"""


def study(
    topic: TopicsOption = None,
    tag: TagsOption = None,
    level: Annotated[list[int] | None, typer.Option("--level", min=1, max=5, help="Only this level, 1 to 5; may be given again.")] = None,
    kind: KindsOption = None,
    lang: LangOption = None,
    new: Annotated[
        int | None, typer.Option("--new", min=0, help="At most this many new cards now. Default: what today's limit (10) leaves.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most this many cards.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0.1, help="No further card after this many minutes.")] = None,
    ahead: Annotated[bool, typer.Option("--ahead", help="Cards that are not due yet as well; passing them changes no date.")] = False,
    in_place: Annotated[
        Path | None,
        typer.Option("--in-place", metavar="FILE", help="Write code questions in this file, with any editor; Enter runs the tests."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another order among equals.")] = 0,
    bank: BankOption = None,
) -> None:
    """Study the cards that are due, then new ones.

    Press Enter to see the answer, tick the points you said, take the suggested grade or give your own (0 to 5). Cards
    below 4 come once more at the end. On a pipe, lines take the place of keys.
    """
    from llmquiz.session import Wanted

    clock = Clock()
    with collection(bank or ()) as opened:
        wanted = Wanted(
            topics=tuple(topic or ()), tags=tuple(tag or ()), levels=tuple(level or ()), kinds=tuple(kind or ()),
            new=new, limit=limit, ahead=ahead, seed=seed,
        )  # fmt: skip
        speech = language(lang, opened.settings.lang)
        words = Words(speech if speech in ("en", "zh") else environment_language(os.environ))
        session = opened.session(wanted, clock.now())
        skipped = _skipped(session.skipped, words)
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

        sitting = Sitting(opened, session, clock, speech, words, minutes=minutes, ahead=ahead, in_place=in_place)
        sitting.said = " ".join(skipped) if interactive() else ""
        _run(sitting, opened)


def _skipped(skipped: "Mapping[str, str]", words: Words) -> list[str]:
    """Say how many cards cannot be asked, why, and what to do."""
    if not skipped:
        return []
    lack = next(iter(skipped.values()))
    if f"skipped_{lack}" in words.table:
        return [words(f"skipped_{lack}", n=len(skipped))]
    from shlex import quote

    from llmquiz.render import clean

    paths = sorted(set(skipped.values()))
    return [words("skipped_locked", n=list(skipped.values()).count(path), path=clean(quote(path))) for path in paths]


def _nothing(opened: "Collection", wanted: object, words: Words, clock: Clock) -> None:
    """Say why there is nothing to study, and what to do."""
    from llmquiz.session import Wanted

    total, _, _ = opened.counts(clock.now())
    if not total:
        out(words("empty"))
    elif wanted != Wanted():
        out(words("nothing_wanted"))
    else:
        out(words("nothing"))
        out(words("nothing_more"))


def _run(sitting: "Sitting", opened: "Collection") -> None:
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


def _finish(sitting: "Sitting", code: int, *, gone: bool = False) -> None:
    """Show the summary, where there is somebody to read it, then back up what is due to be, and exit.

    Where the terminal is `gone` the machine may be going down, too: the backup waits for the next session.
    """
    try:
        out()
        if code >= INTERRUPTED:
            out(sitting.words("interrupted"))
        for line in sitting.summary():
            out(line)
        sys.stdout.flush()
    except (OSError, ValueError):  # the terminal is gone; the grades are on disk
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not gone:
        from llmquiz.cli.backups import after_session

        after_session(sitting.collection, sitting.clock)
    raise typer.Exit(code)
