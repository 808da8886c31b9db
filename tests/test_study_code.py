"""Code questions on a real pseudo-terminal: the editor, the runs, the answer side, hostile cards."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import llmquiz
from pty_learner import Learner, small_home

BANK = (Path(__file__).parent / "code.yaml").read_text(encoding="utf-8")
RIGHT = "import numpy as np\ndef softmax(x):\n    e = np.exp(x - x.max(-1, keepdims=True))\n    return e / e.sum(-1, keepdims=True)\n"
WRONG = "import numpy as np\ndef softmax(x):\n    print('so far')\n    return undefined\n"


@pytest.fixture
def saves(environ: dict[str, str], bank: Path, tmp_path: Path) -> Path:
    """A learner with one trusted code card; the editor saves the files of the folder, one after the other, then nothing."""
    for path in bank.iterdir():
        path.unlink()
    (bank / "code.yaml").write_text(BANK, encoding="utf-8")
    small_home(environ, bank)
    assert llmquiz(environ, "trust", "--yes", str(bank)).returncode == 0
    folder = tmp_path / "saves"
    folder.mkdir()
    editor = tmp_path / "editor.sh"
    take = f'next=$(ls {folder} | head -n 1)\n[ -z "$next" ] || mv {folder}/$next "$1"\n'
    editor.write_text(f'#!/bin/sh\ncat "$1" >> {tmp_path}/opened\n{take}')
    editor.chmod(0o755)
    environ["EDITOR"] = str(editor)
    return folder


def log(environ: dict[str, str]) -> list[tuple[str, int, str, str]]:
    with closing(sqlite3.connect(Path(environ["LLMQUIZ_HOME"]) / "collection.db")) as db:
        return db.execute("select card, grade, grader, answer from live_reviews order by at").fetchall()


def test_right_at_once(environ: dict[str, str], saves: Path) -> None:
    (saves / "1").write_text(RIGHT)
    with Learner(environ, "study", columns=130, rows=40) as me:
        me.see("Implement a stable softmax", "Enter opens your editor", r"the tests of this card \(2\)", "10 s and 1 GiB")
        me.press("\r")
        text = me.see("Passed at the first run", "Your code +Solution", "Pitfalls", "exp overflows", "1805.02867", ">5 perfect")
        assert "x.max(-1, keepdims=True)" in text.split("e / e.sum")[0]
        me.press("4")
        me.see("Graded 1, passed 1")
        assert me.end() == 0
    assert log(environ) == [("code-softmax", 4, "code", RIGHT)]


def test_wrong_then_right_goes_back_to_the_learners_own_text(environ: dict[str, str], saves: Path, tmp_path: Path) -> None:
    (saves / "1").write_text(WRONG)
    (saves / "2").write_text(RIGHT)
    with Learner(environ, "study", "--lang", "zh", columns=100, rows=40) as me:
        me.see("数值稳定 softmax", "回车打开编辑器")
        me.press("\r")
        me.see("第 1 次运行：2 个测试通过 0 个", "✗ test_rows_sum_to_one: NameError", "你的第 4 行：return undefined", "输出", "so far")
        me.press("r")
        text = me.see("第 2 次运行")
        assert text.index("✗ test_rows") < text.index("第 2 次运行"), "next to the keys, however much failed"
        me.press("l")
        me.see("Implement a stable", "第 2 次运行")
        me.press("l")
        me.see("数值稳定")
        me.press("\r")
        text = me.see("第 3 次运行通过", "你的代码", "参考解法", "常见错误", ">3 吃力")
        assert text.index("你的代码") < text.index("参考解法"), "one under the other where two have no room"
        me.press("5")
        me.see("只能往低改")
        me.press("\r")
        me.see("再来一遍")
        assert "第 3 次" not in me.text
        me.press("q")
        assert me.end() == 0
    assert log(environ) == [("code-softmax", 3, "code", RIGHT)]
    assert (tmp_path / "opened").read_text().endswith(WRONG)


def test_given_up(environ: dict[str, str], saves: Path) -> None:
    (saves / "1").write_text(WRONG)
    with Learner(environ, "study", rows=50) as me:
        me.see("Enter opens your editor")
        me.press("\r")
        me.see("0 of 2 tests passed")
        me.press("\r")
        me.see("Nothing was changed, so nothing was run")
        me.press("g")
        me.see("Given up", "Solution", ">1 wrong")
        me.press("\r")
        me.see("again: 1 left")
        me.press("q")
        assert me.end() == 0
    assert log(environ) == [("code-softmax", 1, "code", WRONG)]


def test_in_place(environ: dict[str, str], saves: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    with Learner(environ, "study", "--in-place", str(file), columns=120, rows=40) as me:
        me.see("edit .*mine.py, then Enter runs")
        me.press("\r")
        me.see("NotImplementedError", "your line 7: raise NotImplementedError")
        head = file.read_text().split("\n")[0]
        file.write_text(f"{head}\n{RIGHT}")
        me.press("\r")
        me.see("Passed at run 2", ">3 hard")
        me.press("2")
        me.see("again: 1 left")
        me.press("q")
        assert me.end() == 0
    assert log(environ) == [("code-softmax", 2, "code", RIGHT)]


def test_a_missing_editor_ends_nothing(environ: dict[str, str], saves: Path) -> None:
    environ["EDITOR"] = "no-such-editor"
    with Learner(environ, "study") as me:
        me.see("Enter opens your editor")
        me.press("\r")
        me.see("no-such-editor: no such editor")
        me.press("g")
        me.see("Given up")


def test_hostile_cards_end_and_the_session_goes_on(environ: dict[str, str], saves: Path, bank: Path) -> None:
    card = {"kind": "code", "question": "Loop?", "starter": "f = 0", "solution": "x = 1", "answer": "No."}
    bomb = "def test_bomb():\n    import os\n    while True: os.fork()\n"
    flood = "def test_flood():\n    for _ in range(1000): print('x' * 10 ** 6)\n"
    cards = [card | {"id": f"q{i}", "level": 2 + i, "tests": tests} for i, tests in enumerate((bomb, flood))]
    (bank / "hostile.yaml").write_text(json.dumps({"questions": cards}))
    llmquiz(environ, "trust", "--yes", str(bank))
    for name in "ab":
        (saves / name).write_text("f = 1")
    with Learner(environ, "study", "--topic", "hostile", rows=40) as me:
        me.see("1 of 2", "Enter opens your editor")
        me.press("\r")
        me.see("test_bomb: code of a card may not start a process")
        me.press("g")
        me.see("Given up")
        me.press("\r")
        me.see("2 of 2")
        me.press("\r")
        me.see("`test_flood` printed more than 1 MiB and was stopped")
        me.press("g")
        me.see("Given up")
        me.press("\r")
        me.see("again: 2 left")
        me.press("q")
        assert me.end() == 0
    assert [row[:3] for row in log(environ)] == [("q0", 1, "code"), ("q1", 1, "code")]


def test_the_interrupt_while_tests_run_ends_the_session_and_what_ran(environ: dict[str, str], saves: Path, bank: Path) -> None:
    tests = "def test_loop():\n    while True: pass\n"
    card = {"id": "q", "kind": "code", "question": "Loop?", "starter": "f = 0", "solution": "x = 1", "tests": tests, "answer": "No."}
    (bank / "hostile.yaml").write_text(json.dumps({"questions": [card]}))
    llmquiz(environ, "trust", "--yes", str(bank))
    with Learner(environ, "study", "--topic", "hostile") as me:
        me.see("Loop")
        me.press("r")
        me.see("running the tests")
        me.press("\x03")
        me.see("Stopped")
        assert me.end() == 130
