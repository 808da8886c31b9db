"""Making a backup while somebody waits, and the backup at the end of a session.

Invariant: a session that ended well ends well whatever becomes of its backup.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmquiz.cli.context import Clock, tell
from llmquiz.errors import LlmquizError

if TYPE_CHECKING:
    from llmquiz.backup import Say
    from llmquiz.collection import Collection

SLOW = 0.3  # seconds after which one hears what takes so long


def after_session(opened: Collection, clock: Clock) -> None:
    """Make the backup that is due at the end of a session; one line says why where there is none."""
    try:
        opened.remember()
        with progress(clock, " (Ctrl-C skips it)") as say:
            opened.backups.automatic(opened.log.db, clock.now(), say)
    except LlmquizError as error:
        tell(str(error))
    except KeyboardInterrupt:
        tell("the backup was given up; the next session makes one. All grades are saved")


@contextmanager
def progress(clock: Clock, how_to_stop: str = "") -> Iterator[Say]:
    """Yield what says, on one line that goes away, what is being done; small jobs say nothing."""
    started, shown = clock.timer(), False

    def say(what: str) -> None:
        nonlocal shown
        if sys.stderr.isatty() and (clock.timer() - started > SLOW or shown):
            sys.stderr.write(f"\r\x1b[K{what and f'backup: {what}{how_to_stop}'}")
            sys.stderr.flush()
            shown = bool(what)

    try:
        yield say
    finally:
        say("")
