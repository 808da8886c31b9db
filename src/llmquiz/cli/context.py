"""What every command shares: the clock, the collection, where output goes, and the boundary at which errors are told.

Invariant: the only clock of the program is `Clock.now`; a `LlmquizError` becomes one line on stderr and exit code 1,
anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmquiz.cli.streams import silence
from llmquiz.cli.words import environment_language
from llmquiz.errors import LlmquizError

if TYPE_CHECKING:
    from sqlite3 import Connection

    from llmquiz.collection import Collection
    from llmquiz.config import Paths, Settings

DATA_AT_FAULT, INTERRUPTED = 1, 130  # 2, wrong usage, is Typer's own
AROUND = 40  # characters shown beside what cannot be encoded
UNWRITABLE = (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, errno.EDQUOT)  # what a stream can say that is open; files have a name


class Clock:
    """The time: an instant in the learner's zone, and seconds that only grow."""

    def now(self) -> datetime:
        """Return the present instant, aware, in the zone of the machine."""
        try:
            return datetime.now(UTC).astimezone()  # noqa: TID251  the one clock
        except ValueError as error:
            msg = f"TZ={os.environ.get('TZ')}: no time zone ({error}). Name one as in TZ=Europe/Berlin, or unset it"
            raise LlmquizError(msg) from error

    def timer(self) -> float:
        """Return monotonic seconds from an arbitrary start."""
        return time.monotonic()


@contextmanager
def boundary() -> Iterator[None]:
    """While inside: a LlmquizError, or an output that cannot be written, is told in one line and exits with 1, an interrupt with 130.

    Where the reader of a pipe is gone there is nobody to tell: it exits with 1.
    """
    try:
        try:
            yield
        except LlmquizError as error:
            tell(f"error: {error}")
            raise SystemExit(DATA_AT_FAULT) from None
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None
        finally:
            sys.stdout.flush()
    except UnicodeEncodeError as error:  # the streams encode anything: it came with the command line, or is the name of a file
        said = error.object[max(0, error.start - AROUND) : error.end + AROUND]
        tell(f"error: {said!r}: no UTF-8 text; type it again, and see that your locale (LANG) is one of UTF-8")
        raise SystemExit(DATA_AT_FAULT) from None
    except BrokenPipeError:
        silence("stdout")
        raise SystemExit(DATA_AT_FAULT) from None
    except OSError as error:
        if error.filename is not None or error.errno not in UNWRITABLE:
            raise
        silence("stdout")
        tell(f"error: the output cannot be written: {error.strerror}")
        raise SystemExit(DATA_AT_FAULT) from None


def tell(message: str) -> None:
    """Print a line on stderr, its control characters shown; where it cannot be written there is nobody to tell."""
    from llmquiz.render import clean

    try:
        sys.stderr.write(clean(message) + "\n")
        sys.stderr.flush()
    except OSError:
        silence("stderr")


def out(text: str = "") -> None:
    """Print a line on stdout, its control characters shown."""
    if not text.isprintable():  # a number or a plain line needs nothing imported
        from llmquiz.render import clean

        text = clean(text)
    sys.stdout.write(text + "\n")


def out_json(value: Any) -> None:
    """Print a value as JSON, Chinese as it is; what could steer a terminal is escaped."""
    import json

    from llmquiz.render import escaped

    sys.stdout.write(escaped(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def interactive() -> bool:
    """Whether a person is there to press keys and read."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def language(option: str | None, configured: str) -> str:
    """Return the language of the questions: the option's, else the configured one, else the environment's."""
    return str(option or "") or configured or environment_language(os.environ)


@contextmanager
def collection(banks: Sequence[Path] = (), *, refresh: bool = True) -> Iterator[Collection]:
    """Open the collection of `LLMQUIZ_HOME` with its bank up to date; close it at the end."""
    from llmquiz import config
    from llmquiz.collection import Collection
    from llmquiz.log.store import told

    paths = config.paths(os.environ)
    settings = config.settings(paths.config)
    if not settings.colour:
        os.environ["NO_COLOR"] = "1"  # so that Rich hears of it too
    opened = Collection(paths, settings, banks, before=partial(back_up_before_migration, paths, settings))
    try:
        if refresh:
            unread = opened.refresh(_progress if sys.stderr.isatty() else None)
            wrong = [p for p in (*unread, *opened.problems()) if not p.warning]
            if wrong:
                more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
                tell(f"problem in the bank: {wrong[0]}{more}. `llmquiz check` lists them all")
        with told(paths.database):  # what is damaged inside a row, too, is told in a line
            yield opened
    finally:
        opened.close()


def back_up_before_migration(paths: Paths, settings: Settings, db: Connection) -> None:
    """Back up a database of an older format; raises LlmquizError, so that it is not migrated, where that cannot be done."""
    from llmquiz.backup import BackupError, Backups
    from llmquiz.backup.listing import MIGRATION
    from llmquiz.schedulers import SCHEDULERS

    try:
        Backups(paths.backups, SCHEDULERS["sm2"](), settings.cutoff).make(db, Clock().now(), MIGRATION)
    except BackupError as error:
        if not isinstance(error.__cause__, LlmquizError):
            raise
        # its copy could not be migrated: neither can it, as will be said, and a migration that fails changes nothing


def _progress(done: int, total: int) -> None:
    """Show how many bank files have been read, on one line that goes away; small jobs say nothing."""
    if total > 5:  # noqa: PLR2004
        sys.stderr.write(f"\rreading the bank: {done}/{total}" if done < total else "\r\x1b[K")
        sys.stderr.flush()
