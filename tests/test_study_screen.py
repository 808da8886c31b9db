"""The study screen on a real pseudo-terminal."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pty_learner import Learner, small_home


@pytest.fixture(autouse=True)
def _home(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)


def stats(environ: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "llmquiz", "stats", "--json"], env=environ, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


FIRST = ("study", "--topic", "small", "--level", "1")


def test_one_card_from_question_to_summary(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        me.see(r"1 of 1 +due 0 +new 1 +again 0", "Small things · level 1 warm-up · easy, both", "What is first", "Enter shows the answer")
        assert "The first answer" not in me.text
        me.press("\r")
        me.see(
            "In short",
            r"The first answer, x²\.",
            "Pitfalls",
            "not zero",
            "arxiv.org/abs/1706.03762",
            "What did you say",
            r"1 \[ \] says one \(must\)",
        )
        me.press("1")
        me.see(r"1 \[x\] says one")
        me.press("2")
        me.see(r"2 \[x\] says two")
        me.press("2")
        me.see(r"2 \[ \] says two")
        me.press("\r")
        me.see("How well did you know it", r">3 hard 1d", "Enter takes 3")
        me.press("5")
        me.see("Graded 1, passed 1", "It is saved", "Due tomorrow: 1", "Streak: 1 day")
        assert me.end() == 0
    assert stats(environ)["today"]["passed"] == 1


@pytest.mark.parametrize("key", ["?", "f", "l", "v"])
@pytest.mark.parametrize("graded", [False, True])
def test_ticks_stay_when_another_key_is_pressed(environ: dict[str, str], key: str, graded: bool) -> None:  # noqa: FBT001
    with Learner(environ | {"PAGER": "cat"}, *FIRST) as me:
        me.see("Enter shows the answer")
        me.press("\r")
        me.see(r"1 \[ \] says one")
        me.press("13")
        me.see(r"1 \[x\] says one", r"3 \[x\] says three")
        if graded:
            me.press("\r")
            me.see("How well did you know it")
        me.press(key)
        if key == "?":
            me.see("any key goes back")
            me.press(" ")
        me.see({"f": "Flagged: first", "l": "说一"}.get(key, "What did you say"))
        me.see(r"1 \[x\]", r"2 \[ \]", r"3 \[x\]", r"digits tick    Enter goes on    \? keys.*\s*$")
        me.press("\rq")
        me.see("Nothing graded")


def test_an_answer_taller_than_the_screen_says_how_to_read_its_beginning(environ: dict[str, str]) -> None:
    for rows, tall in ((12, True), (40, False)):
        with Learner(environ, *FIRST, rows=rows) as me:
            me.see("Enter shows the answer")
            me.press("\r")
            assert ("v from the top" in me.see(r"digits tick .*\? keys")) is tall
            me.press("\r")
            assert ("v from the top" in me.see(r"0-5 grades .*\? keys")) is tall


def test_the_summary_breaks_between_words(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--topic", "other", "--new", "1", columns=24) as me:
        me.see("What is fourth")
        me.press("\r")
        me.see("How well")
        me.press("4")
        me.see(r"Due tomorrow: 1\.\s*\nStreak: 1 day\.")
        assert me.end() == 0


def test_space_goes_on_as_enter_does(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        me.see("Enter shows the answer")
        me.press(" ")
        me.see("What did you say")
        me.press("1 ")
        me.see("Enter takes 3")
        me.press(" ")
        me.see("Once more|again: 1 left")
        me.press(" ")
        me.see("What did you say")
        me.press(" ")
        me.see("How well did you know it")
        me.press(" ")
        me.see("nothing was ticked")


def test_what_was_typed_for_a_new_card_outlives_a_mistake(environ: dict[str, str], home: Path, tmp_path: Path) -> None:
    (home / "questions").mkdir()
    own = home / "questions" / "my-questions.yaml"
    own.write_text("questions: [")
    save = tmp_path / "save"
    save.write_text(f'#!/bin/sh\nsed -i.bak s/Because/Therefore/ "$1"; rm -f "{own}"\n')
    save.chmod(0o755)
    with Learner(environ | {"EDITOR": str(save)}, "add") as me:
        me.see("Enter skips what is optional; Ctrl-C leaves without saving", "Question:")
        first = (("Question:", "Why?"), ("Topic", "No such: topic"), ("topic '", ""), ("Answer", "Because.\r"), ("Points", ""))
        for asked, said in (*first, ("Level", "9"), ("9: a level is 1 to 5", "3"), ("Tags", ""), ("Source", ""), ("Save it", "y")):
            me.see(asked)
            me.press(said + "\r")
        me.see("problem: ", "Mend it in your editor")
        me.press("\r")
        me.see("added: why to")
        assert me.end() == 0
    assert "Therefore." in own.read_text()
    assert "level: 3" in own.read_text()


def test_putting_aside_is_taken_back_in_chinese_too(environ: dict[str, str]) -> None:
    with Learner(environ | {"LANG": "zh_CN.UTF-8"}, "study", "--new", "2") as me:
        for key, said in (("s", "已撤销：.* 不再暂停"), ("b", "已撤销：.* 今天照常出")):
            me.see("第 1 / 2 题")
            me.press(key)
            me.see("第 2 / 2 题")
            me.press("u")
            me.see("第 1 / 2 题", said)


def test_keys_and_hints_are_not_torn_on_a_narrow_terminal(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST, columns=40) as me:
        me.see(r"Enter shows the answer.*\n.*\? keys    q quit")
        me.press("?")
        me.see(r"0-5    grade\n", r"a      type an answer \(again\)\n", r"l      other language\n", "any key")
    with Learner(environ, *FIRST, columns=80) as me:
        me.see("q quit")
        me.press("?")
        me.see(r"a      type an answer \(again\)         l      other language\n")
    with Learner(environ | {"LANG": "zh_CN.UTF-8"}, *FIRST, columns=80) as me:
        me.see("q 退出")
        me.press("?")
        me.see(r"写（重写）回答 +l      切换语言\n")


def test_five_cards_in_chinese_one_undone(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--lang", "zh", "--new", "5") as me:
        for n in range(1, 5):
            me.see(f"第 {n} / 5 题", "回车看答案")
            me.press("\r")
            me.see("刚才说到了哪几点|掌握得怎么样")
            if "刚才说到了哪几点" in me.text:
                me.press("\r")
            me.see("掌握得怎么样", r"0 全忘 1 天[^\n]*5 完美 1 天")  # in one row of 80
            me.press("4")
        me.see("第 5 / 5 题")
        me.press("u")
        me.see("已撤销：.*4 分", "第 4 / 5 题")
        me.press("q")
        me.see("打分 3 题，通过 3 题", "3 条都已保存")
        assert me.end() == 0
    numbers = stats(environ)
    assert numbers["today"] | {"seconds": 0} == {"reviews": 3, "passed": 3, "new": 3, "drills": 0, "seconds": 0}


def test_enter_without_a_tick_takes_no_grade(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        me.see("What is first")
        me.press("\r")
        me.see("What did you say")
        me.press("\r")
        me.see("How well")
        me.press("\r")
        me.see("nothing was ticked, so nothing is suggested")
        me.press("7")
        me.see("7: a grade is 0 to 5")
        me.press("x")
        me.press("q")
        me.see("Nothing graded")
        assert me.end() == 0


def test_a_typed_answer_is_kept(environ: dict[str, str], home: Path) -> None:
    with Learner(environ, *FIRST) as me:
        me.see("What is first")
        me.press("第一，就是")
        me.see("Your answer: 第一，就是")
        me.press("它\r")
        me.see("Your answer: 第一，就是它", "What did you say")
        me.press("\r")
        me.see("How well")
        me.press("4")
        me.see("Graded 1")
        assert me.end() == 0
    with closing(sqlite3.connect(home / "collection.db")) as db:
        assert db.execute("select answer, lang from reviews").fetchone() == ("第一，就是它", "en")


def test_a_pasted_answer_with_its_enter_is_an_answer_not_commands(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        me.see("What is first")
        me.press("subtle: s and b are no commands here\r")
        me.see("Your answer: subtle: s and b are no commands here", "What did you say")
        me.press("q")
        assert me.end() == 0


def test_answering_again(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        me.see("What is first")
        me.press("\r")
        me.see("What did you say")
        me.press("a")
        me.see("What is first", "Your answer:")
        assert "The first answer" not in me.text
        me.press("now I know\r")
        me.see("Your answer: now I know", "The first answer")
        me.press("q")
        assert me.end() == 0


def test_suspend_bury_flag_and_undo_of_each(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--topic", "small") as me:
        me.see("What is first")
        me.press("f")
        me.see("Flagged: first", "both · flagged")
        me.press("f")
        me.see("Flag taken off")
        me.press("s")
        me.see("Suspended: first", "What is second")
        me.press("u")
        me.see("Taken back: first is no longer suspended", "What is first")
        me.press("b")
        me.see("Buried until tomorrow: first", "What is second")
        me.press("u")
        me.see("Taken back: first is no longer buried", "What is first")
        me.press("u")
        me.see("Nothing to take back in this session")
        me.press("q")
        assert me.end() == 0


def test_the_other_language_and_help(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        me.see("What is first")
        me.press("l")
        me.see("第一是什么")
        me.press("\r")
        me.see("一句话", "说一")
        me.press("l")
        me.see("In short", "says one")
        me.press("?")
        me.see("undo", "bury until tomorrow", "any key goes back")
        me.press(" ")
        me.see("In short", "says one")
        me.press("q")
        assert me.end() == 0


def test_the_drill(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        for grade, after in (("1", "Once more: 1 below 4 today"), ("2", "again: 1 left"), ("4", "Graded 1, passed 0")):
            me.see("What is first", "Enter shows")
            me.press("\r")
            me.see("What did you say")
            me.press("\r")
            me.see("How well")
            me.press(grade)
            me.see(after)
        assert me.end() == 0
    assert stats(environ)["today"]["drills"] == 2


@pytest.mark.parametrize(("columns", "rows"), [(40, 24), (40, 12), (80, 24), (200, 50)])
@pytest.mark.parametrize("lang", ["en", "zh", "both"])
def test_every_width(environ: dict[str, str], columns: int, rows: int, lang: str) -> None:
    with Learner(environ, *FIRST, "--lang", lang, columns=columns, rows=rows) as me:
        me.see("first|第一是什么")
        assert "─" * columns in me.text
        me.press("\r")
        me.see(r"3 \[ \]")
        me.press("1")
        me.see(r"1 \[x\]")
        me.press("2")
        me.see(r"2 \[x\]")
        me.press("1")
        me.see(r"1 \[ \]")
        me.press("1\r")
        me.see(">3 (hard|吃力)")
        me.press("5")
        me.see("Graded 1|打分 1 题")
        assert me.end() == 0


def test_a_resized_window_is_drawn_again(environ: dict[str, str]) -> None:
    with Learner(environ, *FIRST) as me:
        me.see("─" * 80, "What is first")
        me.resize(50, 20)
        me.see(r"(?m)^─{50}$", "What is first")
        me.press("\r")
        me.see("What did you say")
        me.resize(60, 20)
        me.press("1")
        me.see(r"1 \[x\]")
        me.press("q")
        assert me.end() == 0


def test_no_color_has_no_colour(environ: dict[str, str]) -> None:
    with Learner(environ | {"NO_COLOR": "1"}, *FIRST) as me:
        me.see("What is first")
        me.press("\r")
        me.see("What did you say")
        me.press("1")
        me.see(r"1 \[x\]")
        me.press("\r")
        me.see("How well")
        me.press("q")
        assert me.end() == 0
        codes = {c for found in re.findall(rb"\x1b\[([\d;]*)m", me.raw) for c in found.split(b";")}
        assert not codes & {str(n).encode() for n in (*range(30, 39), *range(40, 49), *range(90, 108))}


def test_a_dumb_terminal_gets_plain_lines(environ: dict[str, str]) -> None:
    with Learner(environ | {"TERM": "dumb"}, *FIRST) as me:
        me.see("What is first")
        me.press("\r")
        me.see("What did you say")
        me.press("q")
        assert me.end() == 0
        assert b"\x1b[" not in me.raw


def test_without_points_it_is_enter_digit_next(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank, "points = false\n")
    with Learner(environ, *FIRST) as me:
        me.see("What is first")
        me.press("\r")
        me.see("How well")
        me.press("4")
        me.see("Graded 1")
        assert me.end() == 0


def grade_one(me: Learner) -> None:
    me.see("What is first")
    me.press("\r")
    me.see("What did you say")
    me.press("\r")
    me.see("How well")
    me.press("4")
    me.see("What is second")


def test_ctrl_c_keeps_what_was_graded_and_says_so(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--topic", "small") as me:
        grade_one(me)
        me.press("\x03")
        me.see("Stopped", "Graded 1", "It is saved")
        assert me.end() == 130
    assert stats(environ)["today"]["reviews"] == 1


def test_ctrl_c_while_typing(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--topic", "small") as me:
        grade_one(me)
        me.press("a")
        me.see("Your answer")
        me.press("half an ans")
        me.see("Your answer: half an ans")  # so that readline waits for keys: a signal just before is seen with the next one
        me.press("\x03")
        me.see("Stopped", "Graded 1", "It is saved")
        assert me.end() == 130


def test_end_of_input_is_a_quiet_end(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--topic", "small") as me:
        grade_one(me)
        me.press("\x04")
        me.see("Graded 1")
        assert me.end() == 0


@pytest.mark.parametrize(("number", "said"), [(signal.SIGTERM, True), (signal.SIGHUP, True)])
def test_signals_keep_what_was_graded(environ: dict[str, str], number: signal.Signals, said: bool) -> None:  # noqa: FBT001
    with Learner(environ, "study", "--topic", "small") as me:
        grade_one(me)
        os.kill(me.child.pid, number)
        assert me.end() == 128 + number
        assert ("Graded 1" in me.text) == said
    assert stats(environ)["today"]["reviews"] == 1


def test_a_closed_terminal_keeps_what_was_graded(environ: dict[str, str]) -> None:
    me = Learner(environ, "study", "--topic", "small")
    grade_one(me)
    me.child.close(force=True)
    assert stats(environ)["today"]["reviews"] == 1


def test_kill_9_after_the_third_grade(environ: dict[str, str]) -> None:
    me = Learner(environ, "study")
    for n in range(1, 4):
        me.see(f"{n} of 5", "Enter shows")
        me.press("\r")
        me.see("What did you say|How well")
        if "What did you say" in me.text:
            me.press("\r")
        me.see("How well")
        me.press("5")
    me.see("4 of 5")
    os.kill(me.child.pid, signal.SIGKILL)
    me.end()
    assert stats(environ)["today"]["reviews"] == 3


def test_two_terminals_do_not_ask_the_same_card_twice(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--topic", "small") as one, Learner(environ, "study", "--topic", "small") as two:
        one.see("What is first|What is second")
        two.see("What is first|What is second")
        first, second = (one, two) if "What is first" in one.text else (two, one)
        second.see("What is second")
        first.press("\r")
        first.see("What did you say")
        first.press("\r")
        first.see("How well")
        first.press("4")
        first.see("What is third")
        second.press("\r")
        second.see("What did you say")
        second.press("\r")
        second.see("How well")
        second.press("4")
        second.see("Graded 1, passed 1")
        assert second.end() == 0
        first.press("q")
        assert first.end() == 0


def test_add_by_prompts(environ: dict[str, str], home: Path) -> None:
    with Learner(environ, "add", "--lang", "zh") as me:
        me.see("Question")
        me.press("KV cache 为什么只存 K 和 V？\r")
        me.see("Topic, Tab completes")
        me.press("sma\t\r")
        me.see("Answer, in Markdown")
        me.press("Q 只用一次。\r\r")
        me.see("Points")
        me.press("!Q 只用一次\r\r")
        me.see("Level")
        me.press("\r")
        me.see("Tags")
        me.press("serving, 推理\r")
        me.see("Source")
        me.press("\r")
        me.see("Save it", r"\[ \] Q 只用一次 \(must\)")
        me.press("\r")
        me.see("added: kv-cache-为什么只存-k-和-v")
        assert me.end() == 0
    assert (home / "questions" / "small.yaml").read_text().count("zh:") == 2


# questions that grade themselves


@pytest.fixture
def quick(environ: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "quick"
    folder.mkdir()
    (folder / "quick.yaml").write_bytes((Path(__file__).parent / "quick.yaml").read_bytes())
    small_home(environ, folder)


def numbered(text: str, option: str) -> str:
    """Return the digit that an option stands behind."""
    found = re.search(rf"^(\d) [(\[].[)\]] {option}", text, re.MULTILINE)
    assert found, text
    return found[1]


@pytest.mark.usefixtures("quick")
def test_one_option_is_picked_by_number(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--level", "1") as me:
        text = me.see("Which one shrinks the KV cache", r"3 \( \)", "1-3 choose")
        wrong, right = numbered(text, "A larger FFN"), numbered(text, "Sharing keys and values")
        me.press("\r")
        me.see("Choose first; 0 means I don't know")
        me.press(wrong)
        me.see(rf"{wrong} \(•\)")
        me.press(right + "9")
        assert f"{wrong} ( )" in me.see(rf"{right} \(•\)")
        me.press("\r")
        me.see("Right", f"{right} ✓ Sharing keys", "One set is kept for n heads", ">5 perfect", "a lower digit if you guessed")
        me.press("4")
        me.see("Graded 1, passed 1")
        assert me.end() == 0
    assert log(environ) == [("pick-one", 4, "choice", "Sharing keys and values")]


@pytest.mark.usefixtures("quick")
def test_a_wrong_choice_cannot_be_graded_up_and_the_order_survives_a_redraw(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--level", "1", "--lang", "zh") as me:
        text = me.see("哪一个能缩小 KV cache", "1-3 选择")
        order = [numbered(text, x) for x in ("共用", "更多", "更大")]
        me.press("l")
        text = me.see("Which one shrinks")
        assert [numbered(text, x) for x in ("Sharing", "More", "A larger")] == order
        me.resize(40, 20)
        me.press(order[1] + "\r")
        me.see(f"你选了 {order[1]}，正确的是 {order[0]}", ">1 答错")
        me.press("5")
        me.see("5：这次判了 1 分，只能往低改")
        me.press("\r")
        me.see("再来一遍：还剩 1 题")
        me.press("q")
        assert me.end() == 0
    assert log(environ) == [("pick-one", 1, "choice", "More query heads")]


@pytest.mark.usefixtures("quick")
def test_several_options_are_toggled(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--level", "2") as me:
        text = me.see("Which are norms", r"4 \[ \]", "several are right")
        one, other, wrong = (numbered(text, x) for x in ("LayerNorm", "RMSNorm", "RoPE"))
        me.press(one + wrong + wrong)
        me.see(rf"{one} \[x\]")
        me.press("\r")
        me.see("right, but not all", ">2 close")
        me.press("u")
        me.see("Nothing to take back")
        me.press(one + other + "\r")
        me.see("Right", ">5 perfect")
        me.press("\r")
        me.see("Graded 1, passed 1")
    assert log(environ) == [("pick-some", 5, "choice", log(environ)[0][3])]


@pytest.mark.usefixtures("quick")
def test_a_number_is_typed_with_its_unit(environ: dict[str, str]) -> None:
    with Learner(environ, "study", "--level", "3", columns=120) as me:
        text = me.see(r"\d+ layers, \d+ KV heads", "begins your answer")
        found = re.search(r"(\d+) layers, (\d+) KV heads", text)
        assert found
        layers, heads = int(found[1]), int(found[2])
        me.press("\r")
        me.see("Your answer:")
        me.press("16 Gb\r")
        me.see("that is bits; bytes are asked")
        me.press(f"{layers * heads * 256}")
        me.see(f"Your answer: {layers * heads * 256}")
        me.press("\r")
        me.see("K and V: a factor 2 of", ">2 close", r"in all\. a/b")
        me.press("\r")
        text = me.see("again: 1 left", r"\d+ layers, \d+ KV heads")
        found = re.search(r"(\d+) layers, (\d+) KV heads", text)
        assert found
        me.press(f"{int(found[1]) * int(found[2]) * 512 / 1024} KiB\r")
        me.see("Right", ">5 perfect")
        me.press("4")
        me.see("Graded 1, passed 0")
        assert me.end() == 0
    first, second = log(environ)
    assert first[:3] == ("cache-bytes", 2, "numeric")
    assert first[3] == f'{layers * heads * 256} {{"layers": {layers}, "heads": {heads}}}'
    assert second[1:3] == (4, "numeric")


def log(environ: dict[str, str]) -> list[tuple[str, int, str, str]]:
    """Return card, grade, grader and answer of the live reviews."""
    path = next(Path(environ["LLMQUIZ_HOME"]).glob("*.db"))
    with closing(sqlite3.connect(path)) as db:
        return db.execute("select card, grade, grader, answer from live_reviews order by at").fetchall()
