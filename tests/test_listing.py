"""list and search: on a pipe, as JSON, as a table on a terminal, through the pager."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pytest
from conftest import NOON, FakeClock, Run
from pty_learner import Learner, small_home
from rich.cells import cell_len
from rich.console import Console

from llmquiz.cli import words_looking, words_today
from llmquiz.collection import Collection
from llmquiz.model import FLAGGED, Grade
from llmquiz.render import View
from llmquiz.render.cards import cards_table


def test_a_line_a_card_on_a_pipe(run: Run) -> None:
    run("study", "--topic", "other", lines="\n5\n\n1\n\n4\n")
    lines = run("list").stdout.splitlines()
    assert len(lines) == 5
    assert all(line.count("\t") == 9 for line in lines)
    first, met = (next(x for x in lines if x.startswith(name)).split("\t") for name in ("first", "fourth"))
    assert first == ["first", "open", "small", "1", "-", "-", "-", "0", "-", "What is first?"]
    assert met[5:8] == ["1", "2.6", "0"]


def test_nothing_found_is_told_beside_the_output(run: Run) -> None:
    done = run("search", "nowhere")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no card matches\n")
    assert json.loads(run("search", "nowhere", "--json").stdout) == []
    assert run("search").exit_code == 2


def test_search_finds_chinese_and_negates_without_a_double_dash(run: Run) -> None:
    def ids(*args: str) -> list[str]:
        return [line.split("\t")[0] for line in run("search", *args).stdout.splitlines()]

    assert ids("答案", "-第一", "--sort", "id") == ["fifth", "fourth", "second"]
    assert ids("-topic:small", "answer") == ["fourth", "fifth"]
    assert ids("answer", "-h1", "--", "-third", "level:3") == []
    assert ids("second answer") == ["second"]
    assert run("search", "-h").stdout.count("Usage") == 1


def test_json_has_the_text_in_the_language_asked_for(run: Run) -> None:
    found = json.loads(run("list", "tag:easy", "--json", "--lang", "zh").stdout)
    assert [c["question"] for c in found] == ["第一是什么？"]
    assert found[0] | {"question": ""} == {
        "id": "first", "kind": "open", "topic": "small", "level": 1, "tags": ["easy", "both"], "due": None, "interval": None,
        "ease": None, "lapses": 0, "flags": [], "question": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("toipc:small",), "unknown key 'toipc': did you mean `topic`?"),
        (("topic:smal",), "unknown topic 'smal': did you mean `small`?"),
        (("is:suspend",), "unknown state 'suspend': did you mean `suspended`?"),
    ],
)
def test_what_is_unknown_offers_the_nearest(run: Run, args: tuple[str, ...], message: str) -> None:
    done = run("list", *args)
    assert done.exit_code == 1
    assert message in done.stderr


def test_own_questions(run: Run) -> None:
    run("add", "-t", "own", "-q", "Mine?", "-a", "Yes.", "--id", "own-one")
    assert run("list", "is:mine").stdout.split("\t")[0] == "own-one"
    assert "own-one" not in run("list", "-is:mine").stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_the_table_fits_and_cuts_no_id(collection: Collection, clock: FakeClock, lang: str, width: int) -> None:
    collection.grade("first", Grade.GOOD, clock.now())
    collection.mark("second", FLAGGED, clock.now())
    view = View(lang, words_looking.words(lang), NOON.date(), width)
    file = StringIO()
    Console(file=file, width=width, color_system=None).print(cards_table(collection.find((), clock.now()), view, "ease"))
    lines = file.getvalue().splitlines()
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    for part in ("first", "fourth", "2026-11-23", "2.50", "题" if lang == "zh" else "question", "已标记" if lang == "zh" else "flagged"):
        assert any(part in line for line in lines), part
    assert any("small" in line for line in lines) == (width >= 120)


def test_a_table_on_a_terminal(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    with Learner(environ, "list", "topic:small") as me:
        me.see("What is third")
        assert me.end() == 0
        assert "3 cards" in me.text
        assert "\t" not in me.raw.decode()


def test_a_long_table_goes_through_the_pager(environ: dict[str, str], bank: Path, tmp_path: Path) -> None:
    small_home(environ, bank)
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho PAGED\ncat\n")
    pager.chmod(0o755)
    with Learner(environ | {"PAGER": str(pager)}, "list", rows=5) as me:
        assert me.end() == 0
        assert b"PAGED" in me.raw
    with Learner(environ | {"PAGER": str(pager), "NO_COLOR": "1"}, "list", rows=24) as me:
        assert me.end() == 0
        assert b"PAGED" not in me.raw
        assert b"\x1b[3" not in me.raw


def test_show_has_everything_about_a_card(run: Run) -> None:
    run("study", "--topic", "small", "--level", "1", lines="my *answer*\n2\n\n4\n")
    shown = run("show", "first").stdout
    for part in (
        "Small things · level 1 · easy · both", "What is first?", "The first answer, x².", "not zero", "1.  says one (must)",
        "Vaswani et al., section 3", "second  What is second?", "interval 1d, ease 2.50", "my *answer*", "2 close", "drill",
    ):  # fmt: skip
        assert part in shown, part
    assert "\x1b" not in shown
    chinese = run("show", "first", "--lang", "zh").stdout
    for part in ("小题目 · 难度 1", "第一是什么？", "1.  说一 (必答)", "追问", "复习记录", "2 接近", "间隔 1 天"):
        assert part in chinese, part
    assert "new" in run("show", "third").stdout.splitlines()[-1]


def test_show_as_json_has_the_question_as_in_yaml(run: Run, bank: Path) -> None:
    import yaml

    run("study", "--topic", "small", "--level", "1", lines="typed\n5\n")
    shown = json.loads(run("show", "first", "--json").stdout)
    assert shown["question"] == yaml.safe_load((bank / "small.yaml").read_text())["questions"][0]
    assert shown["memory"]["interval"] == shown["history"][0]["interval"] == 1
    assert (shown["history"][0]["answer"], shown["history"][0]["grade"], shown["mine"]) == ("typed", 5, False)
    assert json.loads(run("show", "second", "--json").stdout)["memory"] is None


def test_show_offers_the_nearest(run: Run) -> None:
    assert run("show", "fifht").stderr == "error: unknown id 'fifht': did you mean `fifth`?\n"


def test_history_is_newest_first_and_leaves_out_what_was_taken_back(run: Run) -> None:
    assert (run("history").stdout, run("history").stderr) == ("", "no card has been graded yet\n")
    run("study", "--topic", "other", lines="one\n5\n\n4\n")
    rows = json.loads(run("history", "--json").stdout)
    assert [r["grade"] for r in rows] == [4, 5]
    assert run("history", "--limit", "1").stdout.split("\t")[3] == "4"
    assert run("history").stdout.splitlines()[1].endswith("\tone")
    run("undo")
    assert len(run("history").stdout.splitlines()) == 1
    assert run("history", "--limit", "0").exit_code == 2


def test_a_card_and_the_history_on_a_terminal(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    with Learner(environ, "study", "--limit", "1") as me:
        me.see("Enter shows")
        me.press("q")
        me.end()
    with Learner(environ, "history") as me:
        me.see("no card has been graded yet")
        assert me.end() == 0
    with Learner(environ, "show", "first", columns=120, rows=60) as me:
        me.see("What is first", "Points", "Memory")
        assert me.end() == 0


@pytest.mark.parametrize("tables", [words_looking.TABLES, words_today.TABLES])
def test_the_words_of_both_languages_are_the_same(tables: Mapping[str, Mapping[str, str]]) -> None:
    en, zh = tables["en"], tables["zh"]
    assert en.keys() == zh.keys()
    for name in en:
        fields = [sorted({part.split("}")[0].split(":")[0] for part in text.split("{")[1:]}) for text in (en[name], zh[name])]
        assert fields[0] == fields[1], name
