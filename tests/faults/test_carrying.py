"""The commands sync, merge and export as a learner meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import Run
from typer.testing import Result


@pytest.fixture
def other(home: Path, bank: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a second home with the same bank."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "config.toml").write_text(f'shipped = false\nbanks = ["{bank}"]\n')

    def invoke(*args: str, lines: str = "") -> Result:
        monkeypatch.setenv("LLMQUIZ_HOME", str(folder))
        done = run(*args, lines=lines)
        monkeypatch.setenv("LLMQUIZ_HOME", str(home))
        return done

    return invoke


def study(run: Run) -> None:
    run("study", "--topic", "other", lines="\n4\n\n5\n")


def test_sync_says_what_went_and_came(run: Run, other: Run, tmp_path: Path) -> None:
    study(run)
    run("undo")
    shared = str(tmp_path / "shared")
    assert run("sync", shared).stdout == "sent: 2 reviews, 1 undo, 1 setting\ncame: nothing\n"
    assert other("sync", shared).stdout == "sent: nothing\ncame: 2 reviews, 1 undo\n"
    assert other("sync").stdout == "sent: nothing\ncame: nothing\n"
    assert run("export").stdout == other("export").stdout != ""


def test_a_problem_goes_to_stderr_and_into_the_exit_code(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "x.jsonl").write_text("\x1b[31m\n")
    done = run("sync", str(shared))
    assert done.exit_code == 1
    assert done.stderr == f"problem: {shared}/x.jsonl:1: no event: not a JSON object with a version `v`\n"
    assert json.loads(run("sync", "--json").stdout)["problems"] == [done.stderr.removeprefix("problem: ").strip()]


def test_without_a_folder_it_says_what_to_do(run: Run) -> None:
    done = run("sync")
    assert (done.exit_code, done.stderr) == (1, "error: no folder is known yet: name one once, as in `llmquiz sync ~/Sync/llmquiz`\n")


def test_merge_from_a_database_and_from_lines(run: Run, other: Run, home: Path, tmp_path: Path) -> None:
    study(run)
    assert other("merge", str(home / "collection.db")).stdout == "came: 2 reviews\n"
    assert other("merge", str(home / "collection.db")).stdout == "came: nothing\n"
    other("flag", "first")
    lines = other("export").stdout
    (tmp_path / "log.jsonl").write_text(lines.rstrip("\n"))
    assert run("merge", str(tmp_path / "log.jsonl")).stdout == "came: 1 mark\n"
    assert run("export").stdout == lines
    assert run("stats", "--json").stdout == other("stats", "--json").stdout


def test_the_log_is_backed_up_before_a_merge_that_brings_something(run: Run, other: Run, home: Path, tmp_path: Path) -> None:
    study(run)
    other("merge", str(home / "collection.db"))
    assert other("backups").stdout == "", "there was nothing to back up"
    other("flag", "first")
    other("undo")
    assert run("merge", str(tmp_path / "other" / "collection.db")).stdout == "came: 1 undo, 1 mark\n"
    run("merge", str(tmp_path / "other" / "collection.db"))
    made = [line.split("\t") for line in run("backups").stdout.splitlines()]
    assert [(b[4], b[5]) for b in made] == [("replayed", "merge"), ("replayed", "study")], "once: the second time nothing came"
    after = run("export").stdout
    run("restore", made[0][0], "--yes")
    assert run("export").stdout.count("\n") == 2, "as it was before the merge"
    assert run("merge", str(tmp_path / "other" / "collection.db")).exit_code == 0
    assert run("export").stdout == after


def test_what_cannot_be_merged_is_refused_and_nothing_changes(run: Run, home: Path, tmp_path: Path) -> None:
    study(run)
    before = run("export").stdout
    (tmp_path / "text.db").write_text("no database" * 1000)
    shutil.copy(home / "collection.db", tmp_path / "half.db")
    (tmp_path / "half.db").write_bytes((tmp_path / "half.db").read_bytes()[:8192])
    for path, said in (
        (home / "collection.db", "this is the collection itself"),
        (tmp_path / "none.db", "no such file. Nothing was merged"),
        (tmp_path / "none.jsonl", "cannot be read: No such file or directory. Nothing was merged"),
        (tmp_path / "text.db", "not a readable database of llmquiz"),
        (tmp_path / "half.db", "half.db: "),
    ):
        done = run("merge", str(path))
        assert done.exit_code == 1
        assert said in done.stderr
    assert run("export").stdout == before


def test_an_unknown_format_offers_the_nearest(run: Run) -> None:
    assert run("export", "logs").stderr == "error: unknown format 'logs': did you mean `log`?\n"
