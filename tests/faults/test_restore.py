"""Restoring: what is chosen, what changes, that the present log is never lost and nobody goes on writing to a dead file."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOON, Run
from logs import STRIDE, backups, events, fork, graded, killed_at, sound

from llmquiz.backup import BackupError
from llmquiz.backup.choose import choose
from llmquiz.backup.swap import Change, change, staged, swap
from llmquiz.errors import LlmquizError, StoreError
from llmquiz.log import Log
from llmquiz.log.lines import Event, to_lines
from llmquiz.log.merge import merge
from llmquiz.model import Grade, Review, instant
from llmquiz.schedulers.sm2 import SM2

OPENER = """
import sys
from pathlib import Path
from llmquiz.log import Log
from llmquiz.schedulers.sm2 import SM2
log = Log(Path(sys.argv[1]), SM2())
if len(sys.argv) > 2:
    log.db.execute("begin immediate")
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(home: Path) -> Path:
    """A log with 10 reviews, backed up, and 5 more after that."""
    path = home / "collection.db"
    graded(path, 10)
    with contextlib.closing(Log(path, SM2())) as log:
        backups(home).make(log.db, NOON, "now")
    graded(path, 5, NOON + timedelta(days=50))
    return path


def restored(path: Path) -> Change:
    there = backups(path.parent)
    with staged(there.all()[0], there, path) as new:
        would = change(path, new, there)
        swap(path, new, there, NOON + timedelta(days=60))
    return would


def test_it_brings_back_exactly_what_was_there_and_keeps_what_is(path: Path) -> None:
    after = events(path)
    (backup,) = backups(path.parent).all()
    assert restored(path) == Change(gained=0, lost=4), "one of the five had been taken back"
    assert events(path) == events(backup.database)
    kept = backups(path.parent).all()[0]
    assert (kept.why, kept.checked, events(kept.database)) == ("restore", "replayed", after)
    assert restored(path) == Change(gained=4, lost=0), "and back again"
    assert events(path) == after
    assert sound(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir() if p.name.endswith((".new", "-wal", "-shm"))] == []


def test_of_two_reviews_of_one_instant_the_one_that_would_go_is_counted(path: Path) -> None:
    with contextlib.closing(Log(path, SM2())) as log:
        (row,) = log.reading("select * from live_reviews limit 1")
        merge(log, [Event("reviews", (*row[:3], 5 - row[3], *row[4:]))])
        whole = set(to_lines(log))
    assert restored(path) == Change(gained=0, lost=5)
    assert restored(path) == Change(gained=5, lost=0)
    with contextlib.closing(Log(path, SM2())) as log:
        assert set(to_lines(log)) == whole


def test_on_the_command_line(run: Run, home: Path) -> None:
    assert "there is no backup yet" in run("restore").stderr
    run("study", "--limit", "1", lines="\n4\n")
    run("undo")
    asked = run("restore", lines="n\n")
    assert asked.exit_code == 1
    assert "reviews gained: 1, lost: 0\nRestore it? [y/N]: " in asked.stdout
    assert run("history").stdout == ""
    done = run("restore", "--yes")
    assert done.exit_code == 0, done.stderr
    assert len(run("history").stdout.splitlines()) == 1
    assert [r.split("\t")[5] for r in run("backups").stdout.splitlines()] == ["restored", "restore", "study"]
    name = done.stdout.split("what was there is backup ")[1].split(":")[0]
    assert run("restore", name, "-y").exit_code == 0
    assert run("history").stdout == ""
    assert "no review would be gained or lost" in run("restore", "-y").stdout
    assert (run("restore", "lately").exit_code, "is no backup and no time" in run("restore", "lately").stderr) == (1, True)
    assert "no good backup is from 2001-01-01 or before" in run("restore", "2001-01-01").stderr
    assert (home / "collection.db").exists()


@pytest.mark.parametrize(
    ("when", "days_ago"),
    [
        ("", 0),
        ("today", 0),
        ("yesterday", 1),
        ("2026-11-20", 2),
        ("3d", 3),
        ("36h", 2),
        ("1w", 7),
        ("2026-11-19T12:30", 3),
        ("2026-11-19T11:59", 4),
    ],
)
def test_which_one_is_meant(home: Path, when: str, days_ago: int) -> None:
    graded(home / "collection.db", 2)
    with contextlib.closing(Log(home / "collection.db", SM2())) as log:
        for days in range(9, -1, -1):
            backups(home).make(log.db, NOON - timedelta(days=days), "now")
    there = backups(home).all()
    chosen = choose(there, when, NOON + timedelta(minutes=1))
    assert chosen.made == NOON - timedelta(days=days_ago)
    assert choose(there, chosen.name, NOON) == chosen


@pytest.mark.parametrize("writing", [(), ("writing",)])
def test_nothing_is_restored_under_another_program(path: Path, writing: tuple[str, ...]) -> None:
    before = events(path)
    command = [sys.executable, "-c", OPENER, str(path), *writing]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match=r"another llmquiz has it open. End that one .* Nothing was changed"):
            restored(path)
        other.communicate("")
    assert events(path) == before
    assert len(backups(path.parent).all()) == 1
    assert restored(path).lost == 4


def test_nor_where_the_database_is_damaged(path: Path) -> None:
    command = [sys.executable, "-c", OPENER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with path.open("r+b") as file:
            file.write(b"garbage" * 100)
        with pytest.raises(StoreError, match="another llmquiz has it open"):
            restored(path)
        other.communicate("")
    assert restored(path) == Change(None, None)
    assert backups(path.parent).all()[0].why == "damaged"


def test_a_session_that_missed_a_restore_loses_no_grade_silently(path: Path) -> None:
    with contextlib.closing(Log(path, SM2())) as session:
        shutil.copy(path, path.with_name("other.db"))
        path.with_name("other.db").replace(path)
        with pytest.raises(StoreError, match=r"was replaced by another file.* start llmquiz again"):
            session.append(Review("late", instant(NOON), NOON.date(), Grade.GOOD))


def test_what_is_only_in_the_wal_is_kept(path: Path) -> None:
    child = fork()
    if child == 0:
        log = Log(path, SM2())
        log.append(Review("last", instant(NOON + timedelta(days=55)), NOON.date(), Grade.GOOD))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert Path(f"{path}-wal").stat().st_size
    restored(path)
    assert not Path(f"{path}-wal").exists()
    kept = backups(path.parent).all()[0]
    assert "last" in {e.row[0] for e in events(kept.database)}
    assert sound(path)


def test_a_backup_that_changed_is_not_restored(path: Path) -> None:
    (backup,) = backups(path.parent).all()
    before = events(path)
    backup.database.write_bytes(backup.database.read_bytes()[:-4096])
    with pytest.raises(BackupError, match=r"has changed since it was checked.*llmquiz doctor"):
        restored(path)
    assert events(path) == before


def test_a_missing_database_is_restored(path: Path) -> None:
    path.unlink()
    assert restored(path) == Change(None, None)
    assert len(events(path)) == len(events(backups(path.parent).all()[0].database))


def test_a_kill_at_any_step_leaves_the_old_log_or_the_new(path: Path) -> None:
    home = path.parent
    spare = home.with_name("spare")
    shutil.copytree(home, spare)
    old, new, step = events(path), events(backups(home).all()[0].database), 1
    seen = set()
    while killed_at(step, lambda: restored(path)):
        now = events(path)
        assert now in (old, new)
        assert sound(path)
        assert now == old or old in [events(b.database) for b in backups(home).all() if b.good]
        seen.add(now == new)
        shutil.rmtree(home)
        shutil.copytree(spare, home)
        step += STRIDE
    assert seen <= {True, False}
    assert events(path) == new, "nobody died this time"
    with pytest.raises(LlmquizError):
        choose([], "", NOON)
