"""Commands that carry a collection between machines: sync, merge, export.

Invariant: what came and went is said, every problem is a line on stderr, and with one the exit code is 1.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from llmquiz.cli.context import DATA_AT_FAULT, Clock, collection, out, out_json, tell
from llmquiz.cli.options import JsonOption
from llmquiz.errors import LlmquizError

SYNC_EXAMPLES = """[bold]Examples[/bold]

llmquiz sync ~/Sync/llmquiz   a folder that Syncthing, a cloud drive or a USB stick carries

llmquiz sync ~/llmquiz-log   a clone of a private git repository: committed, pulled, pushed

llmquiz sync   the same folder again"""
MERGE_EXAMPLES = """[bold]Examples[/bold]

llmquiz merge /media/usb/collection.db

llmquiz merge log.jsonl   what `llmquiz export` wrote"""
EXPORT_EXAMPLES = """[bold]Examples[/bold]

llmquiz export > log.jsonl

llmquiz export | grep moe-basics"""
EVENTS = {"review": "reviews", "undo": "undos", "mark": "marks"}
NOUNS = EVENTS | {"question": "questions", "title": "titles", "setting": "settings"}


def complete_format(incomplete: str) -> list[str]:
    """Offer the formats."""
    from llmquiz.export import EXPORTERS

    return [name for name in EXPORTERS if name.startswith(incomplete)]


def sync(
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="Where to carry to and from. Default: the last one.")] = None,
    json: JsonOption = False,
) -> None:
    """Bring several machines together through a folder: grades, undos, marks, your questions and settings.

    Each machine writes files of its own there and reads the others', so any
    carrier will do. In a git repository sync also commits, pulls and pushes.
    """
    from llmquiz import carrying

    with collection() as opened:
        report = carrying.sync(opened, folder, Clock().now())
    if json:
        counts = {"sent": _counted(report.sent, NOUNS), "came": _counted(report.came, NOUNS)}
        said = {"folder": str(report.folder), "device": report.device, **counts, "git": report.git}
        out_json(said | {"notes": report.notes, "problems": report.problems})
    else:
        out(f"sent: {_said(report.sent)}")
        out(f"came: {_said(report.came)}")
        for note in [*report.notes, *([f"git: {report.git}"] if report.git else [])]:
            out(note)
    _end(report.problems, json=json)


def merge(
    path: Annotated[Path, typer.Argument(metavar="OTHER", help="The database of another collection, or a .jsonl file of `export`.")],
    json: JsonOption = False,
) -> None:
    """Take in every grade, undo and mark of another collection. That one is only read."""
    from llmquiz import carrying

    with collection(refresh=False) as opened:
        merged = carrying.merge(opened, path, Clock().now())
    if json:
        out_json({"from": str(path), "came": _counted(merged.came, EVENTS), "problems": merged.problems})
    else:
        out(f"came: {_said(merged.came)}")
    _end(merged.problems, json=json)


def export(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help="log: every event as a JSON line.", autocompletion=complete_format)] = "log",
) -> None:
    """Print the whole review log, one event a line, oldest first. Equal logs print the same."""
    from llmquiz.export import EXPORTERS
    from llmquiz.questions import unknown

    if name not in EXPORTERS:
        raise LlmquizError(unknown("format", name, EXPORTERS))
    with collection(refresh=False) as opened:
        for line in EXPORTERS[name](opened.log):
            out(line)


def _counted(counts: Counter[str], nouns: dict[str, str]) -> dict[str, int]:
    return {plural: counts[name] for name, plural in nouns.items()}


def _said(counts: Counter[str]) -> str:
    said = [f"{counts[name]} {name if counts[name] == 1 else plural}" for name, plural in NOUNS.items() if counts[name]]
    return ", ".join(said) or "nothing"


def _end(problems: Sequence[str], *, json: bool) -> None:
    sys.stdout.flush()
    if not json:
        for problem in problems:
            tell(f"problem: {problem}")
    if problems:
        raise typer.Exit(DATA_AT_FAULT)
