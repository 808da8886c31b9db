"""`llmquiz doctor`: what is wrong with the review log, its backups and their folder, and mending it.

Invariant: without `--fix` nothing is changed; the exit code is 0 only when nothing is wrong, after `--fix` too.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmquiz.cli.context import DATA_AT_FAULT, Clock, out, out_json
from llmquiz.cli.options import JsonOption
from llmquiz.disk import there
from llmquiz.errors import LlmquizError

if TYPE_CHECKING:
    from llmquiz.config import Paths, Settings
    from llmquiz.doctor import Examined, Finding

DOCTOR_EXAMPLES = """[bold]Examples[/bold]

llmquiz doctor   what is wrong, and what --fix would do; changes nothing

llmquiz doctor --fix

llmquiz doctor --fix --from old-laptop/log.jsonl   with the reviews of a file of JSON lines

llmquiz doctor --json | jq .well"""


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Do what is said; what is there is kept as a backup first.")] = False,
    lines: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="JSON lines whose reviews the log has to have; may be given again."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check the review log, its backups and the folder; say what is wrong and what --fix would do.

    Exits with 1 while anything is wrong.
    """
    from llmquiz import config
    from llmquiz.backup import Backups
    from llmquiz.doctor import examine
    from llmquiz.schedulers import SCHEDULERS

    now, done = Clock().now(), list[str]()
    paths = config.paths(os.environ)
    settings, broken = _settings(paths)
    backups = Backups(paths.backups, SCHEDULERS["sm2"](), settings.cutoff)
    with _told():
        examined = examine(paths, backups, now, lines or ())
        if fix and not examined.well:
            from llmquiz.doctor.mend import mend

            if not json:
                _show(examined)
            for said in mend(paths, backups, examined, now, lines or ()):
                done.append(said)
                if not json:
                    out(f"done: {said}")
            examined = examine(paths, backups, now, lines or ())
    examined = examined._replace(findings=(*examined.findings, *broken, *_notes(paths, settings, examined)))
    _report(examined, done, json=json)
    raise typer.Exit(0 if examined.well else DATA_AT_FAULT)


@contextmanager
def _told() -> Iterator[None]:
    """Say in a line which file cannot be read or changed."""
    try:
        yield
    except OSError as error:
        msg = f"{error.filename or 'the folder'}: {error.strerror}. Make it readable and writable for you, and run `llmquiz doctor` again"
        raise LlmquizError(msg) from error


def _settings(paths: "Paths") -> "tuple[Settings, list[Finding]]":
    """Return the settings, and what is wrong with their file: then the defaults."""
    from llmquiz import config
    from llmquiz.doctor import Finding

    try:
        return config.settings(paths.config), []
    except LlmquizError as error:
        return config.Settings(), [Finding("config", str(paths.config), str(error).removeprefix(f"{paths.config}: "), "")]


def _notes(paths: "Paths", settings: "Settings", examined: "Examined") -> "list[Finding]":
    """Return what is no fault: reviews of cards that no bank has. Asks the bank only where the log can be used."""
    from llmquiz.collection import Collection
    from llmquiz.doctor import Finding
    from llmquiz.doctor.mend import orphans

    if not there(paths.database) or any(f.path == str(paths.database) and f.wrong for f in examined.findings):
        return []
    try:
        with closing(Collection(paths, settings)) as opened:
            opened.refresh()
            lost = orphans(opened.log)
    except LlmquizError as error:
        return [Finding("bank", str(paths.home), str(error), "")]
    said = "reviews of `{}`, which is in no bank: they are kept; a new id of the card names this one under `was:`"
    return [Finding("orphan", str(paths.database), said.format(card), "", wrong=False) for card in lost]


def _report(examined: "Examined", done: list[str], *, json: bool) -> None:
    if not json:
        _show(examined)
        return
    findings = [f._asdict() for f in examined.findings]
    out_json({"well": examined.well, "checked": list(examined.checked), "findings": findings, "done": done})


def _show(examined: "Examined") -> None:
    from llmquiz.render import clean

    for said in examined.checked:
        out(clean(f"checked: {said}"))
    for finding in examined.findings:
        out(clean(f"{'wrong' if finding.wrong else 'note'}: {finding}"))
        if finding.remedy:
            out(clean(f"  --fix would {finding.remedy}"))
        elif finding.wrong:
            out("  this has to be mended by hand")
    if examined.well:
        out("all is well")
