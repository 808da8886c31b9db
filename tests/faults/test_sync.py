"""Sync through a plain folder: what carriers, copies of homes, hands and crashes do to it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from machines import Home, questions, same

from llmquiz.backup import Backup
from llmquiz.backup.swap import Change, change, staged, swap
from llmquiz.doctor import examine
from llmquiz.doctor.mend import mend
from llmquiz.errors import LlmquizError
from llmquiz.log.lines import from_line
from llmquiz.model import Grade
from llmquiz.sync import MANY, device

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Make = Callable[..., Home]


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """The folder that a carrier carries."""
    return tmp_path / "shared"


@pytest.fixture
def make(tmp_path: Path, shared: Path) -> Iterator[Make]:
    """A maker of homes on one bank; all are closed afterwards."""
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "some.yaml").write_text(questions(9))
    made: list[Home] = []

    def new(name: str, folder: Path | None = None) -> Home:
        made.append(Home(tmp_path / name, folder or shared, bank))
        return made[-1]

    yield new
    for home in made:
        home.close()


def own_file(home: Home) -> Path:
    return home.shared / f"{home.collection.log.meta('device')}.jsonl"


def grade(home: Home, card: str = "card-00", minute: int = 0) -> str:
    return home.collection.grade(card, Grade.GOOD, NOW + timedelta(minutes=minute)).at


def test_each_writes_its_own_file_and_reads_the_others(make: Make) -> None:
    a, b = make("a"), make("b")
    at = grade(a)
    report = a.sync()
    assert (report.sent, report.came, report.problems, report.git) == ({"review": 1}, {}, [], "")
    assert own_file(a).read_text().count("\n") == 1
    a.collection.log.undo("card-00", at, "2026-11-22T13:00:00.000000Z")
    a.collection.mark("card-01", "flagged", NOW)
    assert a.sync().sent == {"undo": 1, "mark": 1}
    assert b.sync().came == {"review": 1, "undo": 1, "mark": 1}
    assert own_file(b) != own_file(a)
    assert not own_file(b).exists(), "b has nothing of its own yet"
    same([a, b])


def test_again_is_nothing(make: Make) -> None:
    a, b = make("a"), make("b")
    for home in (a, b):
        home.study(NOW, Random(1))
        home.sync()
    a.sync()
    before = {p: p.read_bytes() for p in a.shared.rglob("*") if p.is_file()}
    for home in (a, b, a):
        report = home.sync()
        assert (report.sent, report.came, report.problems) == ({}, {}, [])
    assert {p: p.read_bytes() for p in a.shared.rglob("*") if p.is_file()} == before


def test_what_is_remembered_can_be_dropped(make: Make) -> None:
    a, b = make("a"), make("b")
    for home in (a, b, a):
        home.study(NOW, Random(2))
        home.sync()
    a.collection.log.db.execute("delete from meta where name like 'sync %'")
    report = a.sync()
    assert (report.sent, report.came, report.problems) == ({}, {}, [])


def test_read_parts_are_not_parsed_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmquiz.sync import events

    a, b = make("a"), make("b")
    grade(a)
    for home in (a, b, a):
        home.sync()
    parsed: list[str] = []
    monkeypatch.setattr(events, "from_line", lambda line: parsed.append(line) or from_line(line))  # type: ignore[func-returns-value]
    b.sync()
    assert parsed == []
    grade(a, minute=1)
    a.sync()
    parsed.clear()
    b.sync()
    assert len(parsed) == 1


@pytest.mark.parametrize("cut", [1, 2, 40, 150])
def test_a_torn_last_line_of_another_waits_until_it_is_whole(make: Make, cut: int) -> None:
    a, b = make("a"), make("b")
    grade(a)
    grade(a, minute=1)
    a.sync()
    raw = own_file(a).read_bytes()
    own_file(a).write_bytes(raw[:-cut])
    report = b.sync()
    assert (report.came, report.problems) == ({"review": 1}, [])
    own_file(a).write_bytes(raw)
    assert b.sync().came == {"review": 1}
    same([a, b])


@pytest.mark.parametrize("cut", [1, 2, 40, 150])
def test_a_torn_own_file_is_mended(make: Make, cut: int) -> None:
    a, b = make("a"), make("b")
    for minute in range(3):
        grade(a, minute=minute)
    a.sync()
    raw = own_file(a).read_bytes()
    own_file(a).write_bytes(raw[:-cut])
    grade(a, minute=5)
    assert a.sync().problems == []
    mended = own_file(a).read_bytes()
    assert mended.startswith(raw[: raw.rfind(b"\n", 0, -1) + 1])
    assert len(mended.splitlines()) == 4
    assert b.sync().problems == []
    same([a, b])


def test_a_file_that_is_gone_or_empty_is_written_again(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    a.sync()
    b.sync()
    own_file(a).unlink()
    assert b.sync().sent == {"review": 1}, "the folder has every event of every log"
    own_file(b).write_bytes(b"")
    a.sync()
    b.sync()
    assert sum(p.read_text().count("\n") for p in a.shared.glob("*.jsonl")) == 1
    same([a, b])


def test_duplicates_order_and_line_ends_do_not_matter(make: Make) -> None:
    a, b, c = make("a"), make("b"), make("c")
    a.study(NOW, Random(3))
    a.collection.undo(NOW, 2)
    a.sync()
    lines = own_file(a).read_text().splitlines()
    own_file(a).write_text("\r\n".join([*reversed(lines), *lines, "", ""]))
    assert b.sync().problems == []
    assert a.sync().sent == {}, "CRLF is no reason to write anything again"
    (a.shared / "conflict copy of a.jsonl").write_text("\n".join(lines[:3]) + "\n")
    assert c.sync().problems == []
    same([a, b, c])


def test_garbage_is_told_each_time_and_costs_nothing_else(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    grade(a, minute=1)
    a.sync()
    one, two = own_file(a).read_bytes().splitlines(keepends=True)
    own_file(a).write_bytes(one + b"<<<<<<< HEAD\n" + b"\xff\xfe\n" + two)
    for came in ({"review": 2}, {}):
        report = b.sync()
        assert report.came == came
        assert report.problems == [
            f"{own_file(a)}:2: no event: not a JSON object with a version `v`",
            f"{own_file(a)}:3: no event: not UTF-8",
        ]
    same([a, b])


def test_many_faulty_lines_are_counted(make: Make) -> None:
    a = make("a")
    a.sync()
    (a.shared / "x.jsonl").write_text("no\n" * 1000)
    problems = a.sync().problems
    assert len(problems) == 6
    assert problems[-1].endswith("x.jsonl: 995 more lines that are no events")


def test_a_file_of_a_newer_format_is_read_up_to_there_and_later_whole(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    grade(a, minute=1)
    a.sync()
    raw = own_file(a).read_text()
    one, two = raw.splitlines(keepends=True)
    own_file(a).write_text(one + two.replace('"v": 1', '"v": 2'))
    report = b.sync()
    assert report.came == {"review": 1}
    assert report.problems == [f"{own_file(a)}:2: written by a newer llmquiz (format 2, this one knows 1). Upgrade llmquiz"]
    own_file(a).write_text(raw)
    assert b.sync().came == {"review": 1}


def test_two_different_reviews_under_one_key_are_kept_and_told(make: Make) -> None:
    a, b = make("a"), make("b")
    a.collection.grade("card-00", Grade.PERFECT, NOW)
    b.collection.grade("card-00", Grade.WRONG, NOW)
    a.sync()
    assert "two different reviews of `card-00`" in b.sync().problems[0]
    assert "grade 1 and 5" in a.sync().problems[0]
    assert len(same([a, b])) == 2
    assert [r.grade for r in a.collection.log.history("card-00")] == [1]
    assert any("two different reviews of `card-00`" in p.message and p.warning for p in a.collection.check().problems)
    assert a.sync().problems == [], "told once, and by `check` from then on"


# copies of homes


def copy(make: Make, home: Home, name: str) -> Home:
    home.close()
    shutil.copytree(home.paths.home, home.paths.home.parent / name)
    home.open()
    return make(name)


@pytest.mark.parametrize("synced", [True, False])
def test_a_copied_home_takes_a_name_of_its_own(make: Make, synced: bool) -> None:  # noqa: FBT001
    a = make("a")
    grade(a)
    if synced:
        a.sync()
    b = copy(make, a, "b")
    grade(a, minute=1)
    grade(b, minute=2)
    a.sync()
    report = b.sync()
    assert own_file(a) != own_file(b)
    assert "it is a copy of" in report.notes[0]
    a.sync()
    same([a, b])
    assert a.sync().notes == b.sync().notes == []
    assert b.collection.grade("card-03", Grade.GOOD, NOW).device == report.device


def test_copies_that_even_the_machine_cannot_tell_apart_are_noticed(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "place", lambda _: "0" * 16)  # as clones of a virtual machine
    a = make("a")
    grade(a)
    a.sync()
    b = copy(make, a, "b")
    grade(a, minute=1)
    grade(b, minute=2)
    a.sync()
    name = own_file(a)
    assert "it is a copy of" in b.sync().notes[0]
    assert name.read_text().count("\n") == 2
    a.sync()
    assert own_file(a) == name != own_file(b)
    same([a, b])


def test_a_home_used_from_two_machines_in_turn_keeps_two_names(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    a = make("a")
    names = []
    for machine in "xyxy":
        monkeypatch.setattr(device, "place", lambda _, m=machine: m)
        names.append(a.sync().device)
    assert names[:2] == names[2:]
    assert names[0] != names[1]


def test_an_older_state_of_a_home_gets_its_own_events_back(make: Make) -> None:
    a = make("a")
    grade(a)
    a.sync()
    a.close()
    shutil.copytree(a.paths.home, a.paths.home.parent / "backup")
    a.open()
    grade(a, minute=1)
    a.sync()
    a.close()
    shutil.rmtree(a.paths.home)
    shutil.move(a.paths.home.parent / "backup", a.paths.home)
    a.open()
    assert a.sync().came == {"review": 1}
    assert len(a.collection.latest(9)) == 2


# backups and repair


def backups(home: Home) -> list[Backup]:
    return home.collection.backups.all()


def test_the_log_is_backed_up_before_a_new_folder_or_many_events_come_in(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    grade(b, minute=1)
    a.sync()
    assert backups(a) == [], "nothing came in"
    b.sync()
    (first,) = backups(b)
    assert (first.why, first.counts.reviews) == ("sync", 1), "as it was before anything came"
    a.sync()
    assert backups(a) == [], "a few from a folder that is known"
    for minute in range(2, 2 + MANY):
        grade(b, minute=minute)
    b.sync()
    a.sync()
    assert [(b.why, b.counts.reviews) for b in backups(a)] == [("sync", 2)]
    assert len(backups(b)) == 1
    same([a, b])


def test_where_no_backup_can_be_made_nothing_comes_in(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    grade(b, minute=1)
    a.sync()
    b.paths.backups.write_text("in the way")
    with pytest.raises(LlmquizError, match="no backup was made"):
        b.sync()
    assert len(b.lines) == 1
    b.paths.backups.unlink()
    b.sync()
    a.sync()
    same([a, b])


def test_a_restore_undoes_nothing_elsewhere_sync_brings_it_back(make: Make) -> None:
    a, b = make("a"), make("b")
    for minute in range(3):
        grade(a, minute=minute)
    a.sync()
    b.sync()
    a.collection.back_up(NOW, "now")
    grade(a, minute=8)
    grade(b, minute=9)
    b.sync()
    a.sync()
    whole = a.lines
    a.close()
    there = a.collection.backups
    with staged(there.all()[-1], there, a.paths.database) as new:
        assert change(a.paths.database, new, there) == Change(gained=0, lost=2)
        swap(a.paths.database, new, there, NOW + timedelta(hours=1))
    a.open()
    assert len(a.lines) == 3
    assert a.sync().problems == []
    b.sync()
    assert same([a, b]) == whole


def test_a_log_that_doctor_rebuilt_of_less_syncs_afresh(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    a.collection.back_up(NOW, "now")
    for minute in range(1, 4):
        grade(a, minute=minute)
    a.sync()
    b.sync()
    whole = a.lines
    a.close()
    for file in a.paths.home.glob("collection.db*"):
        file.unlink()
    there = a.collection.backups
    list(mend(a.paths, there, examine(a.paths, there, NOW), NOW + timedelta(hours=1)))
    a.open()
    assert a.collection.log.reading("select name from meta where name like 'sync %'") == []
    for minute in range(11, 14):  # as many as were lost: the number of events is no sign of what is in the log
        grade(a, minute=minute)
    assert a.sync().came == {"review": 3}
    b.sync()
    assert set(same([a, b])) > set(whole)


# the folder


def test_folders_that_cannot_be_used_are_told(make: Make, tmp_path: Path) -> None:
    for folder, said in (
        (tmp_path / "a", "this is the collection itself"),
        (tmp_path / "no" / "such", "cannot be made: No such file"),
        (tmp_path / "bank" / "some.yaml", "cannot be made: File exists"),
    ):
        with pytest.raises(LlmquizError, match=said):
            make("a", folder).sync()


def test_the_folder_is_remembered_and_has_to_be_there(make: Make) -> None:
    from llmquiz import carrying

    a = make("a")
    with pytest.raises(LlmquizError, match="no folder is known yet"):
        carrying.sync(a.collection, None, NOW)
    a.sync()
    a.close()
    a.open()
    assert carrying.sync(a.collection, None, NOW).folder == a.shared
    a.shared.rename(a.shared.with_name("elsewhere"))
    with pytest.raises(LlmquizError, match="not there now"):
        carrying.sync(a.collection, None, NOW)
    assert not a.shared.exists(), "an unplugged drive is not made up for"


def test_a_folder_that_cannot_be_written_is_told_and_the_next_sync_makes_up_for_it(make: Make) -> None:
    a = make("a")
    a.shared.mkdir()
    (a.shared / "edits").write_text("in the way")
    a.paths.config.write_text('lang = "zh"\n')
    grade(a)
    with pytest.raises(LlmquizError, match=r"edits/\w+.jsonl: cannot be written"):
        a.sync()
    assert own_file(a).read_text().count("\n") == 1, "what comes before is done"
    (a.shared / "edits").unlink()
    assert (a.sync().sent, a.sync().sent) == ({"setting": 1}, {})


class Killed(BaseException):
    """Stands for a kill: nothing below catches it."""


def test_a_sync_that_is_stopped_anywhere_loses_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = make("a"), make("b")
    (b.shared / "edits").mkdir(parents=True)
    a.paths.questions.mkdir()
    b.paths.questions.mkdir()
    stops = 0
    for stop in range(99):
        grade(a, f"card-0{stop % 9}", stop)
        grade(b, f"card-0{stop % 7}", stop + 500)
        for home, name in ((a, "own"), (b, "bees")):
            (home.paths.questions / f"{name}.yaml").write_text(questions(2).replace("card", name).replace("What", f"What {stop}"))
        b.sync()
        calls = iter(range(99))

        def stopping(*args: object, real: Callable[..., object], calls: Iterator[int] = calls, stop: int = stop) -> object:
            if next(calls) == stop:
                raise Killed
            return real(*args)

        with monkeypatch.context() as patch:
            for owner, name in ((os, "fsync"), (Path, "replace")):
                patch.setattr(owner, name, through(getattr(owner, name), stopping))
            try:
                a.sync()
            except Killed:
                stops += 1
            else:
                break
        assert a.sync().problems == b.sync().problems == a.sync().problems == []
        same([a, b])
        for home in (a, b):
            assert [home.collection.question(f"{name}-01").body["question"] for name in ("own", "bees")] == [f"What {stop} is 1?"] * 2
    assert stops >= 4


def through(real: Callable[..., object], stopping: Callable[..., object]) -> Callable[..., object]:
    return lambda *args: stopping(*args, real=real)


def test_links_out_of_the_folder_are_not_read(make: Make, tmp_path: Path) -> None:
    a = make("a")
    a.sync()
    (tmp_path / "secret").write_text("secret\n")
    (a.shared / "x.jsonl").symlink_to(tmp_path / "secret")
    (problem,) = a.sync().problems
    assert "symbolic link" in problem
    assert "secret" not in problem


def test_a_log_that_lost_events_gets_them_back(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    a.sync()
    b.sync()
    b.collection.log.db.execute("delete from reviews")  # a repair, say
    b.collection.log.rebuild()
    assert b.sync().came == {"review": 1}
    same([a, b])


def test_every_line_of_the_folder_is_json_with_a_version(make: Make) -> None:
    a = make("a")
    a.study(NOW, Random(4))
    a.collection.paths.questions.mkdir()
    (a.collection.paths.questions / "own.yaml").write_text(questions(2).replace("card", "own"))
    a.sync()
    files = list(a.shared.rglob("*.jsonl"))
    assert len(files) == 2
    for path in files:
        assert all(json.loads(line)["v"] == 1 for line in path.read_text().splitlines())
