"""`llmquiz backup`, `backups`, `restore`.

Invariant: nothing is restored that was not checked, nothing is replaced that was not kept.
"""

import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmquiz.cli.backing_up import progress
from llmquiz.cli.context import Clock, collection, out, out_json, tell
from llmquiz.cli.options import JsonOption
from llmquiz.cli.proofs import many
from llmquiz.errors import LlmquizError

if TYPE_CHECKING:
    from llmquiz.backup import Backup, Backups
    from llmquiz.backup.swap import Change
    from llmquiz.config import Paths

BACKUP_EXAMPLES = "[bold]Examples[/bold]\n\nllmquiz backup"
BACKUPS_EXAMPLES = """[bold]Examples[/bold]

llmquiz backups

llmquiz backups | cut -f 1   names alone: on a pipe the columns are tab-separated

llmquiz backups --json | jq '.[0].reviews'"""
RESTORE_EXAMPLES = """[bold]Examples[/bold]

llmquiz restore   the newest backup

llmquiz restore yesterday   the newest of yesterday, or before

llmquiz restore 2026-11-20T14:30   the newest before that time

llmquiz restore 2026-11-20T13-30-00Z --yes   the one of that name; does not ask"""


def complete_backup(incomplete: str) -> list[str]:
    """Offer the names of the backups."""
    try:
        return [b.name for b in _there()[1].all() if b.name.startswith(incomplete)]
    except LlmquizError:
        return []


def backup() -> None:
    """Back up the review log now.

    That happens by itself, too: at the end of a session, at most each 30 minutes, and before anything destructive.
    """
    clock = Clock()
    with collection(refresh=False) as opened, progress(clock) as say:
        made = opened.backups.make(opened.log.db, clock.now(), "now", say)
    out(f"backed up: {many(made.counts.reviews, 'review')} in {made.folder}")


def backups(json: JsonOption = False) -> None:
    """List the backups, newest first: name, when, reviews, size, how it was checked, what it was made for.

    Checked: `replayed` (SQLite's check, and every memory computed again from the reviews and found equal), `quick`
    (SQLite's check and the counts), `no` (the copy of something damaged).
    """
    clock = Clock()
    _, there = _there()
    found = there.all()
    if json:
        out_json([_as_json(b) for b in found])
    elif found and sys.stdout.isatty():
        _table(found, clock.now())
    else:
        for row in (_row(b, clock.now()) for b in found):
            out("\t".join(row))
    if not found and not json:
        tell("there is no backup yet: `llmquiz backup` makes one")


def restore(
    when: Annotated[
        str,
        typer.Argument(
            help="A name from `llmquiz backups`, a day (2026-11-20, yesterday, 3d) or a time. Default: the newest.",
            autocompletion=complete_backup,
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the review log, which is kept as a backup itself.

    A day means the newest of that day or before. First the backup is checked and you see what would change.
    """
    from llmquiz.backup.choose import choose
    from llmquiz.backup.swap import change, note_restored, staged, swap

    clock = Clock()
    paths, there = _there()
    now = clock.now()
    chosen = choose(there.all(), when, now, there.cutoff)
    with progress(clock) as say, staged(chosen, there, paths.database, say) as new:
        say("")
        out(f"backup {chosen.name}: {many(chosen.counts.reviews, 'review')}, made {_local(chosen.made, now)}")
        out(_said(change(paths.database, new, there)))
        if not yes and not typer.confirm("Restore it?", default=False):
            out("nothing was changed")
            raise typer.Exit(1)
        kept = swap(paths.database, new, there, now)
        note_restored(paths.database, there, now)
    out(f"restored {chosen.name}")
    if kept:
        back = f": `llmquiz restore {kept.name}` takes this back" if kept.good else ", damaged as it was"
        out(f"what was there is backup {kept.name}{back}")


def _there() -> "tuple[Paths, Backups]":
    """Return where things are, and the backups, without the log: it may be damaged."""
    from llmquiz import config
    from llmquiz.backup import Backups
    from llmquiz.schedulers import SCHEDULERS

    paths = config.paths(os.environ)
    return paths, Backups(paths.backups, SCHEDULERS["sm2"](), config.settings(paths.config).cutoff)


def _said(change: "Change") -> str:
    if change.gained is None:
        return "the present review log is missing or damaged, so what would change cannot be counted; what is there is kept"
    if not change.gained and not change.lost:
        return "no review would be gained or lost"
    return f"reviews gained: {change.gained}, lost: {change.lost}"


def _local(made: datetime, now: datetime) -> str:
    return made.astimezone(now.tzinfo).strftime("%Y-%m-%d %H:%M")


def _row(b: "Backup", now: datetime) -> tuple[str, ...]:
    return b.name, _local(b.made, now), str(b.counts.reviews), str(b.size), b.fault or b.checked, b.why


def _as_json(b: "Backup") -> dict[str, Any]:
    from llmquiz.model import instant

    about = {"name": b.name, "path": str(b.folder), "made": instant(b.made), "why": b.why, "checked": b.checked}
    return about | b.counts._asdict() | {"bytes": b.size, "fault": b.fault}


def _table(found: "list[Backup]", now: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("backup", "when"):
        table.add_column(name, no_wrap=True)
    for name in ("reviews", "size"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("checked", "made for"):
        table.add_column(name)
    for b in found:
        name, when, reviews, _, checked, why = _row(b, now)
        table.add_row(name, when, reviews, _size(b.size), checked, why)
    Console(highlight=False).print(table)


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB" if number >= 10**6 else f"{number / 1e3:.0f} kB"
