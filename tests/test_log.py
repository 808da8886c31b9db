"""The database: what is refused, what survives, two programs at once."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from llmquiz.errors import StoreError
from llmquiz.log import Log, database, migrations, store
from llmquiz.model import Grade, Review
from llmquiz.schedulers.sm2 import SM2

DAY = date(2026, 11, 22)


def review(card: str = "a", second: int = 0, grade: int = 4, day: date = DAY) -> Review:
    return Review(card=card, at=f"2026-11-22T12:00:{second:02}.000000Z", day=day, grade=Grade(grade), seconds=1.5, answer="答")


OPENED: list[Log] = []


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where a log may be; the ones that `opened` opened are closed afterwards."""
    yield tmp_path / "home" / "collection.db"
    while OPENED:
        OPENED.pop().close()


def opened(path: Path) -> Log:
    OPENED.append(Log(path, SM2()))
    return OPENED[-1]


def test_a_review_is_kept_whole(path: Path) -> None:
    log = opened(path)
    stored = log.append(review())
    log.close()
    assert opened(path).latest() == [stored]


def test_one_instant_is_never_shared(path: Path) -> None:
    log = opened(path)
    ats = [log.append(review()).at for _ in range(3)]
    assert ats == ["2026-11-22T12:00:00.000000Z", "2026-11-22T12:00:00.000001Z", "2026-11-22T12:00:00.000002Z"]


def test_undo_names_one_review_and_redo_brings_it_back(path: Path) -> None:
    log = opened(path)
    first, second = log.append(review(second=1)), log.append(review(second=2, grade=1))
    assert log.undo(first.card, first.at, "2026-11-22T13:00:00.000000Z")
    assert log.latest(9) == [second]
    assert not log.undo(first.card, first.at, "2026-11-22T13:00:01.000000Z"), "twice is once"
    assert log.undo(first.card, first.at, "2026-11-22T13:00:00.000000Z", undone=False), "the same instant: the later still wins"
    assert log.latest(9) == [second, first]
    assert not log.undo("nobody", first.at, "2026-11-22T13:00:00.000000Z")


def test_a_clock_set_back_changes_no_memory_wrongly(path: Path) -> None:
    log = opened(path)
    log.append(review(second=30, day=DAY))
    log.append(review(second=10, day=DAY - timedelta(days=3), grade=2))
    assert log.disagreements() == []
    memory = log.memory("a")
    assert memory is not None
    assert (memory.repetitions, memory.due) == (1, DAY + timedelta(days=1))


def test_facts_are_only_ever_added(path: Path) -> None:
    log = opened(path)
    stored = log.append(review())
    log.undo(stored.card, stored.at, "2026-11-22T13:00:00.000000Z")
    log.undo(stored.card, stored.at, "2026-11-22T13:00:00.000000Z", undone=False)
    log.mark("a", "flagged", "1", "2026-11-22T13:00:00.000000Z")
    log.mark("a", "flagged", "", "2026-11-22T13:00:00.000000Z")
    counts = [log.reading(f"select count(*) from {t}")[0][0] for t in ("reviews", "undos", "marks")]
    assert counts == [1, 2, 2]


def test_unfinished_are_the_cards_whose_last_grade_today_is_below_4(path: Path) -> None:
    log = opened(path)
    for card, second, grade in (("a", 1, 3), ("b", 2, 5), ("c", 3, 1), ("a", 4, 4), ("c", 5, 2)):
        log.append(review(card, second, grade))
    log.append(review("d", 6, 1, DAY - timedelta(days=1)))
    assert log.unfinished(DAY, "2026-11-19T00:00:00.000000Z") == ["c"]


def test_dropped_caches_come_back_equal(path: Path) -> None:
    log = opened(path)
    for i in range(20):
        log.append(review("abc"[i % 3], i, i % 6, DAY + timedelta(days=i)))
    before = log.reading("select * from memories"), log.reading("select * from days")
    log.db.execute("delete from memories")
    log.db.execute("update days set reviews = 99")
    assert log.disagreements() == ["cached memories differ from the review log", "cached day counts differ from the review log"]
    log.rebuild()
    assert (log.reading("select * from memories"), log.reading("select * from days")) == before


def test_memories_of_another_scheduler_are_not_used(path: Path) -> None:
    log = opened(path)
    log.append(review())
    log.db.execute("update meta set value = 'other' where name = 'memories'")
    log.db.execute("delete from memories")
    log.close()
    assert opened(path).memory("a") is not None


def test_the_database_is_durable_and_private(path: Path) -> None:
    log = opened(path)
    assert log.db.execute("pragma journal_mode").fetchone() == ("wal",)
    assert log.db.execute("pragma synchronous").fetchone() == (2,)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir() if ".new" in p.name] == []


def test_the_version_is_the_number_of_migrations(path: Path) -> None:
    names = [m.name for m in migrations.migrations._migrations]
    assert len(names) == store.VERSION
    assert store.APPLICATION_ID == migrations.APPLICATION_ID
    log = opened(path)
    assert log.db.execute("pragma user_version").fetchone() == (store.VERSION,)


def refused(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        opened(path).append(review())
    assert path.read_bytes() == before, "a file that is refused is left as it is"
    return str(caught.value)


def test_an_empty_file_is_no_new_collection(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert "empty (0 bytes)" in refused(path)


def test_garbage_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database at all, it is text" * 100)
    assert "not a readable database" in refused(path)


def test_damage_that_sqlite_quotes_and_python_cannot_read_is_refused(path: Path) -> None:
    opened(path).close()
    raw = path.read_bytes()
    assert b"live_reviews as select r." in raw
    path.write_bytes(raw.replace(b"live_reviews as select r.", b"live_reviews as s\xe9\xe9\xe9\xe9t r."))
    assert "not a readable database" in refused(path)


def test_a_truncated_database_is_refused(path: Path) -> None:
    log = opened(path)
    for i in range(50):
        log.append(review(str(i)))
    log.close()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert re.search(r"not a readable database|a part of the database is missing", refused(path))


def test_another_program_s_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("create table notes(x)")
    db.close()
    assert "not one of llmquiz" in refused(path)


def test_a_newer_format_is_refused(path: Path) -> None:
    log = opened(path)
    log.db.execute("pragma user_version = 99")
    log.close()
    assert "written by a newer llmquiz (format 99" in refused(path)


def test_a_missing_table_is_told(path: Path) -> None:
    log = opened(path)
    log.db.execute("drop table reviews")
    log.close()
    with pytest.raises(StoreError, match="a part of the database is missing"):
        opened(path).latest()


def test_a_full_disk_loses_only_the_grade_that_was_not_acknowledged(path: Path) -> None:
    log = opened(path)
    log.append(review("kept"))
    log.db.execute("pragma wal_checkpoint(truncate)")
    pages = log.db.execute("pragma page_count").fetchone()[0]
    log.db.execute(f"pragma max_page_count = {pages}")
    stored, told = 1, ""
    while not told:
        try:
            log.append(review(f"card-{stored}", stored % 60))
            stored += 1
        except StoreError as error:
            told = str(error)
    assert "the disk is full" in told
    assert len(log.latest(99_999)) == stored
    assert log.disagreements() == []
    log.db.execute("pragma max_page_count = 1000000")
    log.append(review("after"))
    assert len(log.latest(99_999)) == stored + 1


def test_two_programs_write_at_once_and_nothing_is_lost(path: Path) -> None:
    opened(path).close()
    errors: list[BaseException] = []

    def study(name: str) -> None:
        try:
            log = Log(path, SM2())
            for i in range(150):
                log.append(review(name if i % 2 else "shared", i % 60, i % 6))
            log.close()
        except BaseException as error:  # noqa: BLE001  it is reported below
            errors.append(error)

    threads = [threading.Thread(target=study, args=(name,)) for name in ("one", "two")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert errors == []
    log = opened(path)
    assert len(log.latest(9999)) == 300
    assert log.disagreements() == []


def test_two_first_starts_share_one_file(path: Path) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        try:
            log = Log(path, SM2())
            log.append(review())
            log.close()
        except BaseException as error:  # noqa: BLE001  it is reported below
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert errors == []
    assert len(opened(path).latest(9)) == 4


def test_the_file_alone_is_a_copy_after_closing(path: Path, tmp_path: Path) -> None:
    log = opened(path)
    log.append(review())
    log.close()
    shutil.copy(path, tmp_path / "copy.db")
    assert len(opened(tmp_path / "copy.db").latest()) == 1


def test_a_settled_log_is_overwritten_and_one_that_is_read_grows_on(path: Path) -> None:
    log, wal = opened(path), Path(f"{path}-wal")

    def grown(cards: range) -> int:
        before = wal.stat().st_size
        for i in cards:
            log.append(review(f"card-{i}", i % 60))
            log.settle()
        return wal.stat().st_size - before

    grown(range(5))
    assert grown(range(5, 50)) <= 0
    reader = sqlite3.connect(path)
    reader.execute("begin")
    reader.execute("select count(*) from reviews").fetchone()
    assert grown(range(50, 60)) > 0, "what somebody reads stays"
    assert reader.execute("select count(*) from reviews").fetchone() == (50,)
    reader.close()
    log.close()
    assert len(opened(path).latest(99)) == 60


def test_a_writer_waits_for_another_program(path: Path) -> None:
    log = opened(path)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("begin immediate")
        later = threading.Timer(0.2, other.rollback)  # ten times as long as SQLite is told to wait
        later.start()
        log.append(review("one"))
        later.join()
    assert [r.card for r in log.latest(9)] == ["one"]


def test_a_program_that_never_lets_go_is_told_and_the_next_grade_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "TRIES", 3)
    log = opened(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="another program has held it"):
            log.append(review("one"))
        other.execute("rollback")
    log.append(review("two"))
    assert [r.card for r in log.latest(9)] == ["two"]


def test_a_log_that_cannot_be_settled_goes_on(path: Path) -> None:
    log = opened(path)
    log.append(review("one"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        log.settle()
        other.execute("rollback")
    log.db.execute("begin")
    log.settle()  # within a transaction SQLite refuses
    log.db.execute("rollback")
    log.append(review("two"))
    assert [r.card for r in log.latest(9)] == ["two", "one"]
