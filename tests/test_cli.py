"""The commands: wiring, messages, exit codes, JSON; real files, no terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from llmquiz.cli.app import build
from llmquiz.cli.context import Clock


def stats(run: Run) -> dict[str, Any]:
    return json.loads(run("stats", "--json").stdout)  # type: ignore[no-any-return]


def test_alone_it_says_where_one_stands(run: Run) -> None:
    assert run().stdout == "0 due, 5 new today (5 questions, 5 not met yet)\nnext: llmquiz study\n"
    run("study", "--new", "1", lines="\n5\n")
    assert run().stdout.split("\n")[1:3] == ["1 graded today, 1 passed", "streak: 1 day"]


def test_alone_it_counts_the_days_to_the_interview(run: Run) -> None:
    today = Clock().now().date()
    for days, said in ((400, r"interview: in (399|400) days"), (0, r"interview: today. Good luck!|streak"), (-9, "next: llmquiz study")):
        assert run("config", "interview", (today + timedelta(days)).isoformat()).exit_code == 0
        assert re.fullmatch(said, run().stdout.split("\n")[1])


def test_alone_it_speaks_chinese(run: Run) -> None:
    run("config", "lang", "zh")
    assert run().stdout == "今天到期 0 题，新题 5 题（题库共 5 题，还有 5 题没学过）\n下一步：llmquiz study\n"
    assert run("due").stdout == "到期 0 题，新题 5 题\n"
    run("config", "interview", (Clock().now().date() + timedelta(2)).isoformat())
    assert re.search("距离面试还有 2 天|明天面试", run().stdout)
    run("config", "new_per_day", "0")
    assert "下一步：明天再来" in run().stdout


def test_alone_it_knows_what_is_left_of_the_drill(run: Run) -> None:
    run("study", "--topic", "small", "--new", "2", lines="\n2\n\n3\nquit\n")
    run("config", "new_per_day", "1")
    assert run().stdout.split("\n")[1:3] == ["2 to repeat: below 4 today", "2 graded today, 1 passed"]
    assert "next: llmquiz study\n" in run().stdout
    run("suspend", "first")
    assert "1 to repeat" in run().stdout
    run("study", lines="\n4\n")
    assert "next: tomorrow" in run().stdout


@pytest.mark.parametrize("narrow", [("--level", "2"), ("--tag", "easy"), ("--topic", "other"), ("--kind", "open", "--level", "2")])
def test_a_narrowed_session_drills_only_what_it_is_about(run: Run, narrow: tuple[str, ...]) -> None:
    run("study", "--topic", "other", "--new", "1", lines="\n2\nquit\n")
    drilled = "What is fourth" in run("study", "--new", "0", *narrow).stdout
    assert drilled is ("other" in narrow)


@pytest.mark.parametrize("mark", ["suspend", "bury"])
def test_what_is_put_aside_is_not_drilled(run: Run, mark: str) -> None:
    run("study", "--topic", "small", "--new", "1", lines="\n2\nquit\n")
    run(mark, "first")
    assert "What is first" not in run("study", "--new", "0").stdout
    run(f"un{mark}", "first")
    assert "What is first" in run("study", "--new", "0").stdout


def test_a_session_on_a_pipe(run: Run) -> None:
    done = run("study", "--topic", "small", "--level", "1", lines="my answer\n+1 2\n\n")
    assert done.exit_code == 0
    for part in ("[1 of 1] Small things · level 1 warm-up · easy, both", "What is first?", "The first answer, x².", "1. says one (must)"):
        assert part in done.stdout
    assert "= 3" in done.stdout
    assert "Once more" not in done.stdout
    assert "Graded 1, passed 1" in done.stdout
    assert "1 below 4 wait to be repeated today" in done.stdout
    assert stats(run)["today"] | {"seconds": 0} == {"reviews": 1, "passed": 1, "new": 1, "drills": 0, "seconds": 0}


def test_the_drill_comes_in_the_same_session_and_in_the_next(run: Run) -> None:
    done = run("study", "--topic", "other", lines="\n1\n\n5\n\n2\n")
    assert "[again: 1 left]" in done.stdout
    assert stats(run)["today"] | {"seconds": 0} == {"reviews": 2, "passed": 1, "new": 2, "drills": 1, "seconds": 0}
    later = run("study", "--new", "0", lines="\n4\n")
    assert "[again: 1 left]" in later.stdout
    assert "nothing" not in later.stdout
    assert "Nothing is due" in run("study", "--new", "0").stdout or "No card matches" in run("study", "--new", "0").stdout


def test_words_on_a_pipe(run: Run) -> None:
    done = run("study", "--topic", "small", lines="\n4\n\nundo\n\nsuspend\n\nbury\n\nflag\nquit\n")
    assert done.exit_code == 0
    for part in ("Taken back: first, grade 4", "Suspended: first", "Buried until tomorrow: second", "Flagged: third", "Nothing graded."):
        assert part in done.stdout, done.stdout
    assert "No card matches" not in run("study", "--topic", "small").stdout
    assert stats(run)["today"]["reviews"] == 0


@pytest.mark.parametrize(
    ("lines", "code"), [("\n7\n", 1), ("\n7\n4\n", 0), ("\nfive\n3\n", 0), ("\n\n", 1), ("\n+9\n", 1), ("", 0), ("\n", 0)]
)
def test_a_grade_that_is_none_is_told_and_asked_again(run: Run, lines: str, code: int) -> None:
    done = run("study", "--topic", "small", "--level", "1", lines=lines)
    assert done.exit_code == code
    assert ("a grade is 0 to 5" in done.stderr or "Grade 0 to 5" in done.stderr) == (lines not in ("", "\n"))
    assert done.stdout.rstrip().endswith(("days.", "day."))


def test_chinese(run: Run) -> None:
    done = run("study", "--lang", "zh", "--topic", "small", "--level", "1", lines="\n+1 2 3\n\n")
    for part in (
        "[第 1 / 1 题] 小题目 · 难度 1 热身",
        "第一是什么？",
        "一句话",
        "常见错误",
        "1. 说一 (必答)",
        "= 5",
        "打分 1 题，通过 1 题",
    ):
        assert part in done.stdout
    both = run("study", "--lang", "both", "--topic", "small", "--level", "2", lines="\n5\n")
    assert "What is second?\n\n第二是什么？" in both.stdout


def test_filters_and_limits(run: Run) -> None:
    assert run("study", "--limit", "2", lines="").stdout.count("[1 of 2]") == 1
    assert "[1 of 1]" in run("study", "--tag", "easy").stdout
    assert "[1 of 2]" in run("study", "--level", "1").stdout
    assert "[1 of 3]" in run("study", "--topic", "small", "--kind", "open").stdout
    assert "No card matches" in run("study", "--new", "0").stdout
    assert run("study", "--minutes", "0.1", lines="\n4\n").exit_code == 0


def test_ahead_takes_cards_that_are_not_due_and_moves_no_date(run: Run) -> None:
    run("study", "--topic", "other", lines="\n5\n\n5\n")
    assert "No card matches" in run("study", "--topic", "other").stdout
    assert "[1 of 2]" in run("study", "--topic", "other", "--ahead", lines="\n5\n\n5\n").stdout
    numbers = stats(run)
    assert numbers["upcoming"] == [0, 2, 0, 0, 0, 0, 0]


def test_new_cards_stop_at_the_limit_of_the_day(run: Run, home: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text() + "new_per_day = 2\n")
    assert "[1 of 2]" in run("study", lines="\n5\n").stdout
    assert "[1 of 1]" in run("study", lines="\n5\n").stdout
    assert "Nothing is due and nothing is new today" in run("study").stdout
    assert "[1 of 3]" in run("study", "--new", "3").stdout


def test_undo_after_exit(run: Run) -> None:
    run("study", "--topic", "other", lines="\n5\n\n5\n")
    assert run("undo").stdout.startswith("taken back: ")
    assert stats(run)["today"]["reviews"] == 1
    done = run("undo", "5")
    assert "there were only 1" in done.stdout
    assert (run("undo").exit_code, run("undo").stderr) == (1, "error: nothing to take back: no card has been graded yet\n")


def test_add_with_options_is_asked_next(run: Run, home: Path) -> None:
    done = run(
        "add",
        "-t",
        "mine",
        "-q",
        "为什么要除以 sqrt(d_k)？",
        "-a",
        "为了方差。",
        "--lang",
        "zh",
        "--point",
        "!方差",
        "--point",
        "饱和",
        "--source",
        "1706.03762",
        "--tag",
        "x",
        "--level",
        "1",
    )
    assert done.stdout == f"added: 为什么要除以-sqrt-d-k to {home}/questions/mine.yaml\n"
    text = (home / "questions" / "mine.yaml").read_text()
    assert "zh: 为什么要除以 sqrt(d_k)？" in text
    asked = run("study", "--topic", "mine", lines="\n+1 2\n\n")
    assert "为什么要除以 sqrt(d_k)？" in asked.stdout
    assert "1. 方差 (must)" in asked.stdout
    assert run("check").exit_code == 0


def test_add_from_a_file(run: Run, tmp_path: Path, home: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("question: Why?\nanswer: |\n  So.\n")
    assert run("add", "--file", str(card), "--topic", "mine", "--id", "why").exit_code == 0
    assert run("add", "--file", str(card), "--topic", "mine").stdout.startswith("added: why-2")
    card.write_text("question: Why?\nanswer: 1\n")
    assert run("add", "--file", str(card)).stderr == "error: answer: '1' where text is meant: put it in quotes\n"
    card.write_text("question: [\n")
    assert "card.yaml:2:1: not YAML" in run("add", "--file", str(card)).stderr
    assert "cannot be read" in run("add", "--file", str(tmp_path / "none.yaml")).stderr
    card.write_text("- just\n- text\n")
    assert "one question is meant" in run("add", "--file", str(card)).stderr
    assert [p.name for p in (home / "questions").iterdir()] == ["mine.yaml"]


def test_add_says_what_is_missing_and_what_exists(run: Run) -> None:
    assert run("add", "-q", "Why?").stderr.startswith("error: --answer missing")
    assert run("add").stderr == "error: standard input: one question is meant: a mapping with `question` and `answer`\n"
    assert run("add", "-t", "mine", lines="question: From a pipe?\nanswer: Yes.\n").stdout.startswith("added: from-a-pipe")
    done = run("add", "-q", "What is firsts?", "-a", "A")
    assert done.stderr.startswith("like it: first: What is first?\n")
    assert done.exit_code == 0
    assert (
        run("add", "-q", "Q", "-a", "A", "--id", "first").stderr
        == "error: a question `first` exists: choose another id, or change it with `llmquiz edit first`\n"
    )
    assert "is not a slug" in run("add", "-q", "Q", "-a", "A", "--id", "No Slug").stderr
    assert "topic '../x' is not a slug" in run("add", "-q", "Q", "-a", "A", "--topic", "../x").stderr


def test_check(run: Run, bank: Path) -> None:
    assert run("check").stdout == "5 questions, 0 problems, 0 warnings\n"
    (bank / "other.yaml").write_text("questions:\n  - {id: a, question: Q, answr: A}\n")
    done = run("check")
    assert done.exit_code == 1
    assert f"{bank}/other.yaml:2:26: unknown key 'answr': did you mean `answer`?" in done.stdout
    found = json.loads(run("check", "--json", str(bank / "other.yaml")).stdout)
    assert found["problems"][1]["line"] == 2
    assert "no such file or folder" in run("check", "nowhere").stderr
    told = run("due")
    assert told.exit_code == 0
    assert "problem in the bank" in told.stderr


def test_check_of_a_single_file_knows_the_rest_of_its_bank(run: Run, home: Path, bank: Path) -> None:
    (home / "questions").mkdir()
    own = home / "questions" / "own.yaml"
    own.write_text("questions:\n  - {id: own, question: Q, answer: A, follow_ups: [fourth]}\n")
    (bank / "deep.yaml").write_text("questions:\n  - {id: deep, level: 4, question: Q, answer: A}\n")
    (bank / "leads.yaml").write_text("questions:\n  - {id: leads, question: Q, answer: A, follow_ups: [deep]}\n")
    done = run("check", str(own))
    assert (done.exit_code, "unknown follow-up" in done.stdout) == (0, False), "of a collection's folder the rest is all of the collection"
    done = run("check", str(bank / "deep.yaml"))
    assert "orphan" not in done.stdout
    assert "\n1 question, 0 problems" in done.stdout
    (bank / "leads.yaml").unlink()
    assert "orphan: no follow-ups lead from a level 1 or 2 question to `deep`" in run("check", str(bank / "deep.yaml")).stdout


def test_check_holds_to_the_guide_what_is_named_or_all_if_strict(run: Run, bank: Path) -> None:
    assert run("check").stdout == "5 questions, 0 problems, 0 warnings\n"
    for args in (["check", str(bank)], ["check", "--strict"]):
        done = run(*args)
        assert done.exit_code == 0
        assert f"{bank}/other.yaml:3:5: warning: no `sources`: give a primary one" in done.stdout
        assert done.stdout.split("\n")[-2].startswith("5 questions, 0 problems, ")
    found = json.loads(run("check", "--strict", "--json").stdout)["problems"]
    assert found
    assert all(p["warning"] for p in found)


def test_topics(run: Run) -> None:
    run("study", "--topic", "other", lines="\n5\n\n5\n")
    assert run("topics").stdout == "other\tother\t2\t0\t0\t-\nsmall\tSmall things\t3\t0\t3\t-\n"
    assert "small\t小题目\t3" in run("topics", "--lang", "zh").stdout
    assert "small\tSmall things / 小题目\t3" in run("topics", "--lang", "both").stdout
    first, second = json.loads(run("topics", "--json").stdout)
    assert first == {
        "topic": "other",
        "title": {"en": "other", "zh": "other"},
        "questions": 2,
        "due": 0,
        "new": 0,
        "retention": {"passed": 0, "reviews": 0, "share": None},
    }
    assert (second["title"], second["new"]) == ({"en": "Small things", "zh": "小题目"}, 3)


def test_topics_take_the_language_of_the_settings_and_more_banks(run: Run, home: Path, tmp_path: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text() + 'lang = "zh"\n')
    more = tmp_path / "more"
    more.mkdir()
    (more / "odd.yaml").write_text('title: "a\\tb\\e[31m"\nquestions:\n  - {id: odd, question: Q, answer: A}\n')
    assert run("topics", "--bank", str(more)).stdout.split("\n")[:2] == ["odd\ta b␛[31m\t1\t0\t1\t-", "other\tother\t2\t0\t2\t-"]
    config.write_text("shipped = false\n")
    assert (run("topics").stdout, run("topics", "--json").stdout) == ("", "[]\n")


def test_reviews_of_a_question_that_is_gone_are_kept_and_told(run: Run, bank: Path) -> None:
    run("study", "--topic", "other", lines="\n5\n\n5\n")
    (bank / "other.yaml").unlink()
    done = run("check")
    assert done.exit_code == 0
    assert "reviews of `fifth`, which is in no bank: they are kept" in done.stdout
    assert stats(run)["today"]["reviews"] == 2
    assert run("due", "--count").stdout == "0\n"


def test_due(run: Run) -> None:
    assert run("due").stdout == "0 due, 5 new today\n"
    assert run("due", "--count").stdout == "0\n"
    assert json.loads(run("due", "--json").stdout) == {"due": 0, "new": 5}


def test_an_empty_bank(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("shipped = false\n")
    assert "The bank has no questions" in run("study").stdout
    assert "next: llmquiz add" in run().stdout
    assert run("stats").exit_code == 0


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("new_per_day = -1\n", ":1: `new_per_day` has to be a whole number from 0 to 9999"),
        ("\nnew_per_dya = 1\n", ":2: unknown setting 'new_per_dya': did you mean `new_per_day`?"),
        ('cutoff = "4"\n', ':1: `cutoff` has to be a time of day in quotes, as in "04:00"'),
        ('lang = "de"\n', ":1: `lang` has to be one of en, zh, both"),
        ("banks = 3\n", ":1: `banks` has to be a list of folders"),
        ("points = 1\n", ":1: `points` has to be true or false"),
        ("interview = 12\n", ':1: `interview` has to be a day, as in "2026-12-24", or "" for none'),
        ("interview = false\n", ":1: `interview` has to be a day"),
        ("interview = 2026-12-24T10:00:00\n", ":1: `interview` has to be a day"),
        ("lang = \n", ": not TOML: Invalid value (at line 1, column 8)"),
        ('banks = ["nowhere"]\n', "nowhere: no such bank folder"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(run: Run, home: Path, config: str, message: str) -> None:
    (home / "config.toml").write_text(config)
    done = run("due")
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_settings_are_used(run: Run, home: Path, bank: Path) -> None:
    (home / "config.toml").write_text(f'lang = "zh"\nshipped = false\nbanks = ["{bank}"]\ncutoff = "00:00"\npoints = false\n')
    assert "[第 1 / 5 题]" in run("study").stdout


def test_names_that_are_unknown_offer_the_nearest(run: Run) -> None:
    assert run("study", "--topic", "smal").stderr == "error: unknown topic 'smal': did you mean `small`?\n"
    assert run("study", "--tag", "eazy").stderr == "error: unknown tag 'eazy': did you mean `easy`?\n"
    assert run("study", "--kind", "code").stderr == "error: unknown kind 'code': known are open\n"
    assert run("--bank", "x").exit_code == 2
    done = run("study", "--bank", "nowhere")
    assert (done.exit_code, done.stderr) == (1, "error: nowhere: no such bank folder\n")


def test_a_mistyped_command_offers_the_nearest(run: Run) -> None:
    done = run("stuyd")
    assert done.exit_code == 2
    assert "study" in done.stderr


def test_a_help_text_is_broken_by_the_terminal_alone(run: Run) -> None:
    said = run("study", "--help").stdout
    assert "Cards below 4 come once more" in said
    assert "new_per_day" in said
    assert "setting `lang`" in said


def test_every_command_has_a_help_text_with_an_example(run: Run) -> None:
    commands = [c.name or c.callback.__name__ for c in build().registered_commands if c.callback]
    assert len(commands) >= 7
    for name in commands:
        done = run(name, "--help")
        assert done.exit_code == 0
        assert f"llmquiz {name}" in done.stdout, name
        assert "Example" in done.stdout, name


def test_the_schema_that_editors_use_is_current(run: Run) -> None:
    from conftest import ROOT

    assert (ROOT / "data" / "bank.schema.json").read_text() == run("schema").stdout


def test_a_database_that_must_not_be_used(run: Run, home: Path) -> None:
    (home / "collection.db").write_bytes(b"x" * 5000)
    done = run("study")
    assert done.exit_code == 1
    assert "not a readable database" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_bank_file_that_appears_changes_and_goes_is_noticed(run: Run, bank: Path) -> None:
    assert json.loads(run("due", "--json").stdout)["new"] == 5
    (bank / "more.yaml").write_text("questions:\n  - {id: new-one, question: Q, answer: A}\n")
    assert json.loads(run("due", "--json").stdout)["new"] == 6
    (bank / "more.yaml").write_text("questions:\n  - {id: new-one, question: Q2, answer: A}\n  - {id: two, question: Q, answer: A}\n")
    assert json.loads(run("due", "--json").stdout)["new"] == 7
    (bank / "more.yaml").unlink()
    assert json.loads(run("due", "--json").stdout)["new"] == 5


def test_an_id_in_two_files_is_asked_once_and_told(run: Run, bank: Path) -> None:
    (bank / "zzz.yaml").write_text("questions:\n  - {id: first, question: Another, answer: A}\n")
    done = run("due", "--json")
    assert json.loads(done.stdout)["new"] == 5
    assert "duplicate id `first`" in done.stderr
    (bank / "small.yaml").unlink()
    assert "Another" in run("study", "--topic", "zzz").stdout


def test_piped_stats_have_no_escapes(environ: dict[str, str], bank: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "llmquiz", "stats"], env=environ, capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout
    assert "Retention" in done.stdout


@pytest.mark.parametrize("args", [("history", "-n"), ("undo",), ("undo", "--back"), ("redo",), ("study", "--limit"), ("study", "--new")])
def test_a_count_that_nothing_can_count_to_is_wrong_usage(run: Run, args: tuple[str, ...]) -> None:
    assert run(*args, str(10**30)).exit_code == 2
    assert run(*args, str(10**9)).exit_code in (0, 1)
    assert isinstance(run(*args, str(10**9)).exception, SystemExit | None)


def test_a_reader_that_goes_away_is_no_traceback(environ: dict[str, str]) -> None:
    command = f"{sys.executable} -m llmquiz schema | head -c 10"
    done = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_control_characters_of_a_bank_are_shown_not_obeyed(run: Run, bank: Path) -> None:
    (bank / "evil.yaml").write_text('questions:\n  - {id: evil, question: "a\\e[31mb\\a", answer: "x\\e]0;t\\a"}\n')
    done = run("study", "--topic", "evil", lines="\n")
    assert "\x1b" not in done.stdout
    assert "a␛[31mb␇" in done.stdout
    assert os.linesep in done.stdout
