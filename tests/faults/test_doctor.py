"""Doctor: each kind of damage is named and mended, nothing is touched before it is kept, nothing is lost that can be read."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOON, Run
from logs import STRIDE, backups, events, graded, killed_at, sound

from llmquiz.config import Paths
from llmquiz.doctor import examine
from llmquiz.doctor.mend import mend
from llmquiz.doctor.salvage import rebuild, salvage
from llmquiz.log import Log, carve
from llmquiz.log.lines import Event, to_lines
from llmquiz.log.merge import merge, rivals
from llmquiz.model import Grade, Review, instant
from llmquiz.schedulers.sm2 import SM2

PAGE = 4096


def sql(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 999)


def head(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 // PAGE * PAGE + 100])


def zeroed(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    with contextlib.closing(sqlite3.connect(path)) as db:
        root = db.execute("select rootpage from sqlite_master where name = 'reviews'").fetchone()[0]
    raw[(root - 1) * PAGE : root * PAGE] = bytes(PAGE)
    path.write_bytes(raw)


def foreign(path: Path) -> None:
    path.unlink()
    sql(path, "create table notes(x)", "insert into notes values ('dear diary')")
    path.chmod(0o600)


def newer(path: Path) -> None:
    sql(path, "pragma user_version = 99")


def dropped(path: Path) -> None:
    sql(path, "drop view live_reviews", "drop table reviews")


def altered(path: Path) -> None:
    sql(path, "drop index reviews_at")


def unnoted(path: Path) -> None:
    sql(path, "pragma user_version = 0")


def half_applied(path: Path) -> None:
    sql(path, "pragma user_version = 0", "delete from _sqlite_migrations")


def forgotten(path: Path) -> None:
    sql(path, "delete from _sqlite_migrations")


def cached(path: Path) -> None:
    sql(path, "update memories set ease = 999")


def misread(path: Path) -> None:
    sql(path, "insert into questions values ('x', 'f', 't', 'open', 1, 1, '', '', 0, '{', '')")


def impossible(path: Path) -> None:
    sql(path, "update reviews set day = 'someday' where at = (select min(at) from reviews)")


def no_rivals(path: Path) -> None:
    sql(path, "drop table rivals")


def unreadable(path: Path) -> None:
    sql(path, "insert into rivals values ('2026-11-22T12:00:00.000000Z', 'no event')")


def gone(path: Path) -> None:
    path.unlink()


DAMAGE: list[tuple[Callable[[Path], None], str]] = [
    (empty, "empty"),
    (garbage, "garbage"),
    (head, "garbage"),
    (half, "truncated"),
    (zeroed, "damaged"),
    (foreign, "foreign"),
    (dropped, "schema"),
    (altered, "schema"),
    (unnoted, "migration"),
    (half_applied, "migration"),
    (forgotten, "migration"),
    (no_rivals, "schema"),
    (unreadable, "rows"),
    (cached, "caches"),
    (misread, "caches"),
    (impossible, "rows"),
    (gone, "missing"),
]
UNUSABLE = (empty, garbage, head, half, foreign, dropped, unnoted, half_applied)


def of_the_same_instant(log: Log, card: str, grade: int) -> Event:
    """Return a review under the key that a review has."""
    (row,) = log.reading("select * from reviews where card = ?", (card,))
    return Event("reviews", (*row[:3], grade, *row[4:]))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 73 reviews, 63 of them backed up, and beside some of them others of the same instant, as a merge brings them."""
    home = tmp_path_factory.mktemp("template")
    path, there = home / "collection.db", backups(home)
    graded(path, 60)
    with contextlib.closing(Log(path, SM2())) as log:
        for n, card in enumerate(("first", "second", "third")):
            log.append(Review(card, instant(NOON + timedelta(days=80, minutes=n)), NOON.date(), Grade.GOOD, device="0a1b2c3d"))
        merge(log, [of_the_same_instant(log, "first", 0)])
        there.make(log.db, NOON - timedelta(minutes=1), "now")
        merge(log, [of_the_same_instant(log, "second", 0), of_the_same_instant(log, "third", 5)])
    graded(path, 10, NOON + timedelta(days=90))
    return home


@pytest.fixture
def learned(run: Run, home: Path, template: Path) -> Path:
    """A home like the template, with a bank that has some of its cards."""
    shutil.copytree(template, home, dirs_exist_ok=True)
    (home / "config.toml").chmod(0o600)
    home.chmod(0o700)
    return home / "collection.db"


def looked(run: Run, *args: str) -> dict[str, object]:
    done = run("doctor", "--json", *args)
    assert "Traceback" not in done.output
    said: dict[str, object] = json.loads(done.stdout)
    assert done.exit_code == (0 if said["well"] else 1)
    return said


def kinds(said: dict[str, object]) -> set[str]:
    findings = said["findings"]
    assert isinstance(findings, list)
    return {f["kind"] for f in findings if f["wrong"]}


def test_all_is_well(run: Run, learned: Path) -> None:
    said = looked(run)
    assert (said["well"], kinds(said), said["done"]) == (True, set(), [])
    done = run("doctor")
    assert done.exit_code == 0
    assert "SQLite's integrity check, schema, 73 reviews replayed" in done.stdout
    assert "note: " in done.stdout
    assert "which is in no bank: they are kept" in done.stdout, "an orphan is no fault"
    assert done.stdout.endswith("all is well\n")
    assert run("doctor", "--fix").stdout == done.stdout, "nothing to do"


def test_a_home_that_is_not_there_yet(run: Run, home: Path) -> None:
    (home / "config.toml").chmod(0o600)
    home.chmod(0o700)
    assert run("doctor").exit_code == 0
    assert not (home / "collection.db").exists()


@pytest.mark.parametrize(("damage", "kind"), DAMAGE, ids=[d.__name__ for d, _ in DAMAGE])
def test_damage_is_named_kept_and_mended(run: Run, home: Path, learned: Path, damage: Callable[[Path], None], kind: str) -> None:
    (backup,) = [b for b in backups(home).all() if b.why == "now"]
    before, backed_up = events(learned), events(backup.database)
    damage(learned)
    raw = learned.read_bytes() if learned.exists() else None
    assert kinds(looked(run)) == {kind}
    assert (learned.read_bytes() if learned.exists() else None) == raw, "to look changes nothing"
    shown = run("doctor")
    assert shown.exit_code == 1
    assert "  --fix would " in shown.stdout
    fixed = run("doctor", "--fix")
    assert fixed.exit_code == 0, fixed.output
    assert fixed.stdout.endswith("all is well\n")
    assert not list(home.glob("*.new*")), "nothing is left behind"
    if raw is not None:
        assert raw in [p.read_bytes() for p in home.glob("backups/*/collection.db")], "kept byte for byte"
    after = events(learned)
    assert backed_up <= after <= before
    assert sound(learned)
    if damage in (altered, unnoted, half_applied, forgotten, cached, misread, zeroed, unreadable):
        assert after == before, "all of it could be read"
    assert run("due", "--count").exit_code == 0


@pytest.mark.parametrize("damage", UNUSABLE)
def test_every_other_command_refuses_in_one_line_that_names_doctor(run: Run, learned: Path, damage: Callable[[Path], None]) -> None:
    damage(learned)
    raw = learned.read_bytes()
    for args in (
        ("study",), ("due",), ("list",), ("search", "first"), ("show", "first"), ("stats",), ("topics",), ("history",), ("undo",),
        ("backup",), ("flag", "first"), ("check",), (), ("add", "-t", "own", "-q", "Mine?", "-a", "Yes."),
    ):  # fmt: skip
        done = run(*args)
        if damage is dropped and not done.exit_code:
            continue  # this one needs no reviews
        assert done.exit_code == 1, (args, done.output)
        assert done.stderr.count("\n") == 1, (args, done.stderr)
        assert "`llmquiz doctor`" in done.stderr, (args, done.stderr)
    assert damage is dropped or learned.read_bytes() == raw


@pytest.mark.parametrize("seed", range(6))
def test_random_damage_never_ends_in_a_traceback_and_never_costs_what_is_backed_up(run: Run, home: Path, learned: Path, seed: int) -> None:
    chance = random.Random(seed)
    backed_up = events(backups(home).all()[0].database)
    raw = bytearray(learned.read_bytes())
    for _ in range(chance.choice([1, 40, 400])):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    at = chance.randrange(len(raw))
    raw[at : at + PAGE] = bytes(PAGE)
    learned.write_bytes(raw)
    for args in (("due",), ("stats",), ("list",), ("history",), ("undo",), ("study",)):
        done = run(*args)
        assert done.exception is None or isinstance(done.exception, SystemExit), (args, done.exception)
    fixed = run("doctor", "--fix")
    assert fixed.exit_code == 0, fixed.output
    assert {e for e in backed_up if e.table == "reviews"} <= events(learned)
    assert sound(learned)


def test_the_numbers_are_said(run: Run, home: Path, learned: Path) -> None:
    half(learned)
    done = run("doctor", "--fix").stdout
    assert "64 reviews" in done.split("done: backup ")[1].split("\n")[0]
    assert "JSON lines of backup" in done
    assert "the database, page by page: " in done
    assert "recovered: " in done
    assert "may be missing" in done or "missing: " in done or "nothing is missing" in done


def test_what_was_graded_after_the_backup_is_read_from_the_pages(run: Run, learned: Path) -> None:
    before = events(learned)
    raw = bytearray(learned.read_bytes())
    raw[:100] = bytes(100)
    learned.write_bytes(raw)
    assert run("doctor", "--fix").exit_code == 0
    assert events(learned) == before, "the header was all that was damaged"


def test_a_value_that_cannot_be_is_told_in_a_line(run: Run, learned: Path) -> None:
    sql(learned, "update or replace days set day = 'someday'", "update memories set due = 'someday'")
    for args in (("stats",), ("list",), ("history",), ("backup",)):
        done = run(*args)
        assert done.exit_code in (0, 1), (args, done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), (args, done.exception)
        assert done.exit_code == 0 or "`llmquiz doctor`" in done.stderr, (args, done.stderr)
    assert run("doctor", "--fix").exit_code == 0
    assert run("stats").exit_code == 0


def test_a_newer_format_is_left_alone(run: Run, learned: Path) -> None:
    newer(learned)
    raw = learned.read_bytes()
    assert kinds(looked(run)) == {"newer"}
    done = run("doctor", "--fix")
    assert done.exit_code == 1
    assert "Upgrade llmquiz" in done.stdout
    assert learned.read_bytes() == raw


def test_a_log_is_rebuilt_from_json_lines_alone(run: Run, home: Path, learned: Path, tmp_path: Path) -> None:
    before = events(learned)
    with contextlib.closing(Log(learned, SM2())) as log:
        lines = list(to_lines(log))
    (tmp_path / "old.jsonl").write_text("\n".join(lines) + '\n{"v": 1, "event": "rev', encoding="utf-8")
    for path in (home / "backups").iterdir():
        path.rename(tmp_path / path.name)
    learned.unlink()
    said = looked(run, "--from", str(tmp_path / "old.jsonl"))
    assert kinds(said) == {"lines"}
    assert looked(run, "--fix", "--from", str(tmp_path / "old.jsonl"))["well"]
    assert events(learned) == before
    assert looked(run, "--from", str(tmp_path / "old.jsonl"))["well"], "the torn line is a note"
    assert "cannot be read" in run("doctor", "--from", "nowhere.jsonl").stderr


def test_modes_leftovers_and_backups(run: Run, home: Path, learned: Path) -> None:
    assert run("backup").exit_code == 0
    left = home / "collection.db.0a1b2c3d.new"
    left.write_bytes(b"half a copy")
    folder = home / "backups" / ".0a1b2c3d.new"
    folder.mkdir(mode=0o700)
    (folder / "collection.db").write_bytes(b"half")
    for path in (left, folder):
        os.utime(path, (1, 1))
    learned.chmod(0o644)
    home.chmod(0o755)
    newest = backups(home).all()[0]
    newest.lines.write_text("")
    assert kinds(looked(run)) == {"mode", "left-over", "backup"}
    done = run("doctor", "--fix")
    assert done.exit_code == 0, done.output
    assert (home.stat().st_mode & 0o777, learned.stat().st_mode & 0o777) == (0o700, 0o600)
    assert not left.exists()
    assert not folder.exists()
    assert [p.read_bytes() for p in home.glob("backups/*/*.new") if p.is_file()] == [b"half a copy"]
    assert (home / "backups" / f"{newest.name}.damaged" / "collection.db").exists()
    assert all(not b.changed() for b in backups(home).all())
    assert looked(run)["well"]


def test_a_configuration_that_is_wrong_is_told_and_left(run: Run, home: Path, learned: Path) -> None:
    (home / "config.toml").write_text("new_per_day = -1\n")
    assert kinds(looked(run, "--fix")) == {"config"}
    assert "this has to be mended by hand" in run("doctor").stdout


def test_a_kill_at_any_step_of_mending_loses_nothing(run: Run, home: Path, learned: Path) -> None:
    backed_up, step, spare = events(backups(home).all()[0].database), 1, home.with_name("spare")
    zeroed(learned)
    shutil.copytree(home, spare)
    raw, paths = learned.read_bytes(), Paths(home)

    def work() -> None:
        there = backups(home)
        list(mend(paths, there, examine(paths, there, NOON), NOON))

    while killed_at(step, work):
        now = learned.read_bytes()
        if now != raw:
            assert events(learned) >= backed_up
            assert sound(learned)
        shutil.rmtree(home)
        shutil.copytree(spare, home)
        step += STRIDE
    assert step > 30
    assert sound(learned)


def carved(database: bytes, wal: bytes = b"") -> set[Event]:
    return {found.event for found in carve.events(database, wal)}


def test_pages_are_read_with_their_overflow_and_nothing_is_invented(home: Path) -> None:
    path = home / "collection.db"
    graded(path, 30)
    with contextlib.closing(Log(path, SM2())) as log:
        log.db.execute("update reviews set answer = ? where at = (select max(at) from reviews)", ("长 " * 9000,))
        wal = Path(f"{path}-wal").read_bytes()
        main = path.read_bytes()
        assert carved(main, wal) >= events(path)
    assert carved(path.read_bytes()) >= events(path)
    chance = random.Random(1)
    assert carved(chance.randbytes(50 * PAGE)) == set()
    raw = bytearray(path.read_bytes())
    for _ in range(2000):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    carved(bytes(raw))


def test_two_of_one_instant_are_both_read_from_the_pages(template: Path) -> None:
    raw = (template / "collection.db").read_bytes()
    assert {f.event.row[0] for f in carve.events(raw) if f.beside} == {"first", "second", "third"}
    assert carved(raw) >= events(template / "collection.db")


def test_of_two_sources_the_checked_one_counts_unless_the_log_had_both(home: Path) -> None:
    path, there = home / "collection.db", backups(home)
    graded(path, 2)
    with contextlib.closing(Log(path, SM2())) as log:
        there.make(log.db, NOON, "now")
        before = set(to_lines(log))
        merge(log, [of_the_same_instant(log, "card-0", 5)])
        whole = set(to_lines(log))
        log.db.execute("update reviews set answer = 'damaged, and still a text' where card = 'card-1'")
    made = home / "new.db"
    rebuild(made, salvage(path, there), SM2())
    with contextlib.closing(Log(made, SM2())) as log:
        assert set(to_lines(log)) == whole > before
        assert len(rivals(log)) == 1
        assert log.disagreements() == []
