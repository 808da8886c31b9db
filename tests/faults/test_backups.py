"""Backups: what stands on disk, when they are made, which stay, and that a failed one harms nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import NOON, Run, llmquiz
from hypothesis import given
from hypothesis import strategies as st
from logs import STRIDE, backups, events, fork, graded, killed_at, sound
from pty_learner import small_home
from sqlite_utils import Database

from llmquiz.backup import LARGE, BackupError, Backups, thin
from llmquiz.backup.listing import QUICK, REPLAYED
from llmquiz.collection import Collection
from llmquiz.errors import LlmquizError
from llmquiz.log import Log
from llmquiz.log.lines import Event, from_line, to_lines
from llmquiz.log.merge import merge
from llmquiz.log.migrations import migrations
from llmquiz.log.store import VERSION
from llmquiz.model import Grade, instant
from llmquiz.schedulers.sm2 import SM2


def made(home: Path, now: datetime = NOON, why: str = "now") -> Backups:
    there = backups(home)
    with contextlib.closing(Log(home / "collection.db", SM2())) as log:
        there.make(log.db, now, why)
    return there


def test_a_backup_is_a_database_and_plain_text(home: Path) -> None:
    graded(home / "collection.db", 40)
    (backup,) = made(home).all()
    assert events(backup.database) == events(home / "collection.db")
    assert [from_line(line) for line in backup.lines.read_text(encoding="utf-8").splitlines()][:1]
    assert {from_line(line) for line in backup.lines.read_text(encoding="utf-8").splitlines()} == events(backup.database)
    about = json.loads((backup.folder / "about.json").read_text())
    assert (about["why"], about["checked"], about["reviews"], about["made"]) == ("now", "replayed", 40, "2026-11-22T12:00:00.000000Z")
    assert about["sha256"]["log.jsonl"] == hashlib.sha256(backup.lines.read_bytes()).hexdigest()
    assert sorted(p.name for p in backup.folder.iterdir()) == ["about.json", "collection.db", "log.jsonl"]
    assert backup.name == "2026-11-22T12-00-00Z"
    assert {p.stat().st_mode & 0o777 for p in backup.folder.iterdir()} == {0o600}
    assert {p.stat().st_mode & 0o777 for p in (backup.folder, backup.folder.parent)} == {0o700}


def test_the_bank_is_not_in_a_backup(run: Run, home: Path) -> None:
    run("study", lines="\n4\n")
    (backup,) = backups(home).all()
    with contextlib.closing(sqlite3.connect(backup.database)) as db:
        assert db.execute("select count(*) from questions").fetchone() == (0,)
        assert db.execute("pragma journal_mode").fetchone() == ("delete",)


def test_one_at_the_end_of_a_session_and_none_soon_after(run: Run, home: Path) -> None:
    assert run("study", "--limit", "1", lines="").exit_code == 0
    assert backups(home).all() == [], "nothing was graded"
    assert run("study", "--limit", "1", lines="\n4\n").stderr == ""
    assert [b.why for b in backups(home).all()] == ["study"]
    run("study", "--limit", "1", lines="\n4\n")
    assert len(backups(home).all()) == 1, "half an hour is not over"


def test_when_an_automatic_one_is_due(home: Path) -> None:
    path, there = home / "collection.db", backups(home)
    graded(path, 3)
    with contextlib.closing(Log(path, SM2())) as log:
        assert there.automatic(log.db, NOON)
        assert there.automatic(log.db, NOON + timedelta(hours=5)) is None, "nothing has changed"
        log.mark("card-1", "flagged", "1", "2026-11-23T00:00:00.000000Z")
        assert there.automatic(log.db, NOON + timedelta(minutes=29)) is None
        assert there.automatic(log.db, NOON + timedelta(minutes=31))
        log.mark("card-1", "flagged", "", "2026-11-24T00:00:00.000000Z")
        assert there.automatic(log.db, NOON - timedelta(days=1)), "a clock that was set back stops no backups"


def test_a_large_log_is_replayed_once_a_week_and_drops_nothing_between(home: Path) -> None:
    path, there = home / "collection.db", backups(home)
    graded(path, 1)
    day = NOON - timedelta(days=40)
    with contextlib.closing(Log(path, SM2())) as log:
        rows = ((f"c{i % 99}", f"2025-01-01T00:00:00.{i:06}Z", "2025-01-01", 4, 1.0, "study", "self", "en", "", "") for i in range(LARGE))
        with log.writing() as db:
            db.executemany("insert into reviews values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        log.rebuild()
        for hours in (0, 2, 4):
            log.mark("c1", "flagged", "1", f"2026-11-23T{hours:02}:00:00.000000Z")
            assert there.automatic(log.db, day + timedelta(hours=hours))
    newest_first = [b.checked for b in there.all()]
    assert sorted(newest_first) == [QUICK, QUICK, QUICK, REPLAYED], "the first was followed by one that was replayed"
    with contextlib.closing(Log(path, SM2())) as log:
        there.make(log.db, NOON - timedelta(days=20), "now", quick=True)
        assert len(there.all()) == 5, "what was not replayed drops nothing"
        there.make(log.db, NOON, "now")
    assert len(there.all()) < 6


def test_one_that_does_not_check_is_not_kept_and_drops_nothing(home: Path) -> None:
    path = home / "collection.db"
    graded(path, 5)
    for days in (400, 399, 398):
        made(home, NOON - timedelta(days=days, minutes=1))
    before = [b.name for b in backups(home).all()]
    with contextlib.closing(Log(path, SM2())) as log:
        log.db.execute("update memories set ease = 999")
        with pytest.raises(BackupError, match=r"cached memories differ .* Run `llmquiz doctor`"):
            backups(home).make(log.db, NOON, "now")
    assert [b.name for b in backups(home).all()] == before
    assert sorted(p.name for p in (home / "backups").iterdir()) == sorted(before)


DAILY = [thin.Dated(str(n), NOON - timedelta(days=n, hours=1)) for n in range(20)]
INSTANTS = st.lists(st.integers(0, 800 * 48), unique=True, max_size=80).map(
    lambda halves: [thin.Dated(str(h), NOON - timedelta(minutes=30 * h), before=h % 5 == 0) for h in halves]
)


@given(INSTANTS)
def test_thinning_keeps_the_newest_the_last_day_and_what_is_promised(there: list[thin.Dated]) -> None:
    kept = thin.keep(there, NOON)
    assert kept <= {b.name for b in there}
    assert thin.keep([b for b in there if b.name in kept], NOON) == kept, "to thin again drops nothing"
    for b in there:
        if NOON - b.made < timedelta(hours=24) or (b.before and NOON - b.made < timedelta(days=30)):
            assert b.name in kept
    if there:
        assert max(there, key=lambda b: b.made).name in kept


def test_a_year_of_thinning_leaves_12_days_10_weeks_9_months() -> None:
    there: list[thin.Dated] = []
    for day in range(365):
        for half in range(4):
            now = datetime(2026, 1, 1, 18, tzinfo=UTC) + timedelta(days=day, minutes=30 * half)
            there.append(thin.Dated(f"{day}.{half}", now))
            kept = thin.keep(there, now)
            there = [b for b in there if b.name in kept]
    days = {b.made.date() for b in there}
    newest = max(days)
    assert {newest - timedelta(days=n) for n in range(12)} <= days
    assert len({b.made.isocalendar()[:2] for b in there}) >= 10
    assert len({(d.year, d.month) for d in days}) == 9
    assert len(there) <= 12 + 10 + 9 + 8


def test_a_kill_at_any_step_leaves_no_half_backup(home: Path) -> None:
    path = home / "collection.db"
    graded(path, 12)
    for days in (3, 2, 1):
        made(home, NOON - timedelta(days=days, hours=1))
    before, step, old = events(path), 1, backups(home).all()

    def work() -> None:
        with contextlib.closing(Log(path, SM2())) as log:
            backups(home).make(log.db, NOON, "now")

    while killed_at(step, work):
        there = backups(home).all()
        assert there[-3:] == old
        assert [b.changed() for b in there] == [[] for _ in there]
        for backup in there[:-3]:
            backups(home).drop(backup)
        step += STRIDE
    assert step > 15
    assert sound(path)
    assert events(path) == before
    assert [p.name for p in home.iterdir() if p.name.endswith(".new")] == []


def test_a_full_disk_harms_no_session(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    home = Path(environ["LLMQUIZ_HOME"])
    llmquiz(environ, "due")
    size = (home / "collection.db").stat().st_size

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size - 4096, size - 4096))

    done = llmquiz(environ, "study", "--limit", "1", lines="\n4\n", preexec_fn=small_disk)
    assert done.returncode == 0, done.stderr
    assert "It is saved." in done.stdout
    assert done.stderr.count("\n") == 1
    assert "no backup was made" in done.stderr
    assert "The log itself is unharmed" in done.stderr
    assert backups(home).all() == []
    assert list((home / "backups").iterdir()) == []
    assert llmquiz(environ, "history").stdout.count("\n") == 1
    assert llmquiz(environ, "study", "--limit", "1", lines="\n4\n").stderr == ""
    assert len(backups(home).all()) == 1


def test_a_backups_folder_that_is_none_harms_no_session(run: Run, home: Path) -> None:
    (home / "backups").write_text("in the way")
    done = run("study", "--limit", "1", lines="\n4\n")
    assert done.exit_code == 0
    assert done.stderr.count("\n") == 1
    assert "no backup was made" in done.stderr
    assert run("backup").exit_code == 1


def test_two_at_once_both_get_a_name(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    home = Path(environ["LLMQUIZ_HOME"])
    graded(home / "collection.db", 3)
    both = [subprocess.Popen([sys.executable, "-m", "llmquiz", "backup"], env=environ, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [p.wait() for p in both] == [0, 0]
    assert [b.changed() for b in backups(home).all()] == [[], []]


def test_another_terminal_may_grade_meanwhile(home: Path) -> None:
    path = home / "collection.db"
    graded(path, 50)
    grader = fork()
    if grader == 0:
        with contextlib.suppress(BaseException):
            graded(path, 200, NOON + timedelta(days=100))
        os._exit(0)
    for n in range(5):
        made(home, NOON + timedelta(minutes=n))
        time.sleep(0.02)
    os.waitpid(grader, 0)
    for backup in backups(home).all():
        backups(home).check(backup)


def test_one_before_something_destructive(collection: Collection) -> None:
    collection.grade("first", Grade.GOOD, NOON)
    made = collection.back_up(NOON, "merge")
    assert (made.why, made.counts.reviews, made.checked) == ("merge", 1, REPLAYED)
    assert thin.keep([thin.Dated("old", NOON - timedelta(days=29), before=True), *DAILY], NOON) >= {"old"}


def test_a_migration_is_preceded_by_its_chance_to_copy(home: Path) -> None:
    path, seen = home / "collection.db", list[int]()
    graded(path, 2)
    Log(path, SM2(), before=lambda db: seen.append(len(db.execute("select * from reviews").fetchall()))).close()
    assert seen == [], "nothing to migrate"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("pragma user_version = 0")
    before = path.read_bytes()
    with pytest.raises(LlmquizError, match="cannot be brought to format"):
        Log(path, SM2(), before=lambda db: seen.append(len(db.execute("select * from reviews").fetchall())))
    assert seen == [2]
    assert path.read_bytes() == before


def first_format(path: Path) -> None:
    """Make a database as the first migration left it, with two reviews."""
    old = Database(path, execute_plugins=False)
    migrations.apply(old, stop_before="m002_rivals")
    for card in ("first", "second"):
        old.execute("insert into reviews values (?, ?, '2026-11-22', 4, 1.0, 'study', 'self', 'en', '', '')", (card, instant(NOON)))
    old.conn.commit()
    old.close()


def test_a_migration_is_preceded_by_a_backup_of_what_is_migrated(run: Run, home: Path) -> None:
    path = home / "collection.db"
    first_format(path)
    assert run("history").stdout.count("\n") == 2
    (backup,) = backups(home).all()
    assert (backup.why, backup.checked, backup.counts.reviews, backup.changed()) == ("migration", REPLAYED, 2, [])
    for database, version in ((backup.database, 1), (path, VERSION)):
        with contextlib.closing(sqlite3.connect(database)) as db:
            assert db.execute("pragma user_version").fetchone() == (version,)
    assert backup.lines.read_text(encoding="utf-8") == run("export").stdout
    assert events(path) == events(backup.database)
    run("undo")
    assert run("restore", "--yes").exit_code == 0, "it is migrated once more"
    assert run("history").stdout.count("\n") == 2


def test_without_that_backup_nothing_is_migrated(run: Run, home: Path) -> None:
    path = home / "collection.db"
    first_format(path)
    (home / "backups").write_text("in the way")
    done = run("history")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "no backup was made" in done.stderr
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma user_version").fetchone() == (1,)


def test_two_reviews_of_one_instant_are_both_in_a_backup(home: Path) -> None:
    path = home / "collection.db"
    graded(path, 3)
    with contextlib.closing(Log(path, SM2())) as log:
        assert backups(home).automatic(log.db, NOON)
        (row,) = log.reading("select * from reviews where card = 'card-0'")
        merge(log, [Event("reviews", (*row[:3], 5, *row[4:]))])
        assert backups(home).automatic(log.db, NOON + timedelta(hours=1)), "that is a change, too"
        newest = backups(home).all()[0]
        assert newest.counts.rivals == 1
        assert set(newest.lines.read_text(encoding="utf-8").splitlines()) == set(to_lines(log))


def test_listing(run: Run, home: Path) -> None:
    assert (run("backups").stdout, run("backups").stderr) == ("", "there is no backup yet: `llmquiz backup` makes one\n")
    run("study", "--limit", "1", lines="\n4\n")
    done = run("backup")
    assert done.stdout.startswith("backed up: 1 review in ")
    rows = [line.split("\t") for line in run("backups").stdout.splitlines()]
    assert [(r[2], r[4], r[5]) for r in rows] == [("1", "replayed", "now"), ("1", "replayed", "study")]
    assert json.loads(run("backups", "--json").stdout)[0]["name"] == rows[0][0]
    (home / "backups" / rows[0][0] / "about.json").write_text("{")
    assert "about.json cannot be read" in run("backups").stdout


def test_a_changed_backup_is_seen(home: Path) -> None:
    graded(home / "collection.db", 5)
    there = made(home)
    (backup,) = there.all()
    there.check(backup)
    raw = bytearray(backup.database.read_bytes())
    raw[-1] ^= 1
    backup.database.write_bytes(raw)
    with pytest.raises(LlmquizError, match="has changed since it was checked"):
        there.check(backup)
