"""Code questions: their faults, their grades, trust, and what check proves of them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import FakeClock, Run, llmquiz
from hypothesis import given
from hypothesis import strategies as st

from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.model import SUSPENDED, Grade
from llmquiz.questions import check_item, make
from llmquiz.questions.code import Code
from llmquiz.session import Wanted

BANK = (Path(__file__).parent / "code.yaml").read_text(encoding="utf-8")
RIGHT = "import numpy as np\ndef softmax(x):\n    e = np.exp(x - x.max(-1, keepdims=True))\n    return e / e.sum(-1, keepdims=True)\n"
WRONG = "import numpy as np\ndef softmax(x):\n    e = np.exp(x)\n    return e / e.sum(-1, keepdims=True)\n"
GOOD = {
    "id": "q",
    "kind": "code",
    "question": "Write f.",
    "starter": "def f(): ...\n",
    "solution": "def f(): return 1\n",
    "tests": "def test_f():\n    assert f() == 1, 'f is 1'\n",
    "wrong": [{"why": "two", "code": "def f(): return 2\n"}],
    "answer": "One.",
}


def code(**rest: Any) -> Code:
    made = make("t", GOOD | rest)
    assert isinstance(made, Code)
    return made


@pytest.fixture
def locked(run: Run, bank: Path) -> Path:
    """A bank with one code question that nobody has trusted, alone."""
    for path in bank.iterdir():
        path.unlink()
    path = bank / "code.yaml"
    path.write_text(BANK, encoding="utf-8")
    return path


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "right.py").write_text(RIGHT)
    (folder / "wrong.py").write_text(WRONG)
    return folder


def log(home: Path) -> list[tuple[str, int, str, str]]:
    with closing(sqlite3.connect(home / "collection.db")) as db:
        return db.execute("select card, grade, grader, answer from live_reviews order by at").fetchall()


# the question


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"solution": "def f(:\n"}, "does not compile"),
        ({"tests": "return 1\n"}, "'return' outside function (line 1 of it)"),
        ({"starter": "a\x00b"}, "does not compile: source code string cannot contain null bytes"),
        ({"solution": "(" * 5000}, "does not compile"),
        ({"solution": "#" * 70_000}, "70000 characters: at most 65536"),
        ({"wrong": [{"why": "w", "code": "1 +"}]}, "does not compile"),
        ({"wrong": [{"code": "1"}]}, "wrong solution has no `why`"),
        ({"tests": "def tests_f(): pass\n"}, "no test: write functions `test_*()`"),
        ({"tests": "def test_f(x): pass\n"}, "no test"),
        ({"tests": "class A:\n    def test_f(): pass\n"}, "no test"),
        ({"solution": 7}, "put it in quotes"),
        ({"test": "x"}, "unknown key 'test': did you mean `tests`?"),
    ],
)
def test_faults_are_told(change: dict[str, Any], said: str) -> None:
    faults = list(check_item(GOOD | change))
    assert any(said in message for _, message in faults), faults


def test_what_a_good_one_has() -> None:
    assert not list(check_item(GOOD | {"solution": "x = '\\d'\n"})), "an odd escape is only a warning of Python's"
    q = code(tests="def test_a(): pass\ndef helper(): pass\ndef test_b(x=1): pass\n")
    assert q.test_names == ("test_a", "test_b")
    assert "~~~python\ndef f(): return 1\n~~~" in q.back("en")
    assert "- two" in q.back("both")
    assert "~~~~python" in code(solution="a = '~~~'\n").back("en"), "a fence in the source ends no block"
    assert "two" in q.said()


@given(st.integers(1, 50), st.booleans(), st.text())
def test_the_grade_is_that_of_the_first_run_that_passed(runs: int, passed: bool, source: str) -> None:  # noqa: FBT001
    verdict = code().graded(source, runs, passed=passed)
    assert verdict.grade == (1 if not passed else 5 if runs == 1 else 3)
    assert verdict.stored == source


# trust


def test_a_bank_is_locked_until_it_is_trusted_and_again_when_it_changed(run: Run, locked: Path, home: Path) -> None:
    done = run("study")
    assert f"Code cards locked: 1. Their file is not trusted; `llmquiz trust {locked}` shows" in done.stderr
    assert "Nothing is due" in done.stdout
    done = run("trust", str(locked.parent))
    assert "code.yaml: 1 code question: code-softmax" in done.stdout
    assert "error: nobody can answer here" in done.stderr
    assert run("trust", "--list").stdout == ""
    assert "trusted, until the file changes" in run("trust", "--yes", str(locked.parent)).stdout
    assert "trusted already" in run("trust", str(locked)).stdout
    assert run("trust", "--list").stdout == f"{locked}\n"
    done = run("study")
    assert "Implement a stable softmax" in done.stdout
    assert "A run takes your code and the tests of this card (2)" in done.stdout
    assert "locked" not in done.stderr
    locked.write_text(BANK.replace("each row", "every row"), encoding="utf-8")
    assert "Code cards locked: 1" in run("study").stderr
    assert run("trust", "--list").stdout == f"{locked}   changed since or gone: locked\n"
    run("trust", "--yes", str(locked))
    assert run("trust", "--list").stdout == f"{locked}\n", "of one path the newest content alone"
    assert f"no longer trusted: {locked}" in run("trust", "--forget", str(locked.parent)).stdout
    assert "Code cards locked: 1" in run("study").stderr
    assert "none of them was trusted" in run("trust", "--forget", str(locked)).stdout
    assert run("trust").exit_code == 1
    assert run("trust", str(home / "none")).exit_code == 1


def test_locked_cards_do_not_count_against_the_new_limit(run: Run, locked: Path, bank: Path) -> None:
    (bank / "small.yaml").write_text("questions:\n  - {id: plain, level: 5, question: Plain?, answer: Yes.}\n")
    done = run("study", "--new", "1", lines="\n5\n")
    assert "Plain?" in done.stdout
    assert "Code cards locked: 1" in done.stderr
    assert "Graded 1" in done.stdout


def test_the_shipped_bank_is_trusted_and_nothing_else(locked: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for shipped, asked in ((locked.parent, 1), (locked.parent / "deeper", 0)):
        (locked.parent / "deeper").mkdir(exist_ok=True)
        opened = Collection(Paths(tmp_path / f"home{asked}"), Settings(), [] if asked else [locked.parent], shipped=shipped)
        opened.refresh()
        session = opened.session(Wanted(), now)
        assert (len(session.cards), len(session.skipped)) == (asked, 1 - asked)
        opened.close()


def test_what_the_learner_writes_here_keeps_its_trust_and_what_is_added_does_not(run: Run, home: Path, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(json.dumps(GOOD), encoding="utf-8")
    done = run("add", "--topic", "own", "--file", str(card))
    own = home / "questions" / "own.yaml"
    assert f"its code is locked until you have read it and said `llmquiz trust {own}`" in done.stdout
    assert "Code cards locked: 1" in run("study", "--topic", "own").stderr
    run("trust", "--yes", str(own))
    environ = {"EDITOR": "sed -i.bak s/Write/Define/"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDITOR", environ["EDITOR"])
        patch.delenv("VISUAL", raising=False)
        assert "its code may run, as you wrote it here" in run("edit", "q").stdout
    assert "Define f" in run("study", "--topic", "own", lines="quit\n").stdout
    run("add", "--topic", "own", "-q", "Plain?", "-a", "Yes.")
    run("rename", "q", "q2")
    assert "locked" not in run("study", "--topic", "own", lines="quit\n").stderr
    own.write_text(own.read_text() + "# changed by another hand\n")
    run("add", "--topic", "own", "-q", "Other?", "-a", "Yes.")
    assert "Code cards locked: 1" in run("study", "--topic", "own", lines="quit\n").stderr


# studying on a pipe


def test_a_pipe_takes_paths(run: Run, locked: Path, answers: Path, home: Path) -> None:
    run("trust", "--yes", str(locked))
    done = run("study", lines=f"{answers}/none.py\n{answers}/wrong.py\n{answers}/right.py\n4\n3\n{answers}/right.py\n\n")
    assert f"{answers}/none.py: cannot be read: No such file" in done.stderr
    assert "run 1: 1 of 2 tests passed" in done.stdout
    assert "✗ test_large_inputs: exp overflows: subtract the maximum first" in done.stdout
    assert "Passed at run 2." in done.stdout
    assert "Your code\nimport numpy as np\ndef softmax(x):" in done.stdout
    assert "Without subtracting the maximum, exp overflows." in done.stdout
    assert "4: the answer was graded 3; you can lower that, not raise it" in done.stderr
    assert "Passed at the first run." in done.stdout, "the drill begins anew"
    assert log(home) == [("code-softmax", 3, "code", RIGHT), ("code-softmax", 5, "code", RIGHT)]


def test_giving_up_is_one_and_an_end_in_the_middle_grades_nothing(run: Run, locked: Path, answers: Path, home: Path) -> None:
    run("trust", "--yes", str(locked))
    done = run("study", lines=f"{answers}/wrong.py\n")
    assert (done.exit_code, log(home)) == (0, [])
    done = run("study", lines=f"{answers}/wrong.py\n\n\n")
    assert "Given up." in done.stdout
    assert [row[:3] for row in log(home)] == [("code-softmax", 1, "code")]


def test_in_place_writes_the_starter_and_never_over_anothers_file(run: Run, locked: Path, tmp_path: Path) -> None:
    run("trust", "--yes", str(locked))
    file = tmp_path / "answer.py"
    run("study", "--in-place", str(file), lines="quit\n")
    text = file.read_text()
    assert text.startswith("# llmquiz: code-softmax\nimport numpy as np\n")
    file.write_text(text.replace("raise NotImplementedError", "return x"))
    run("study", "--in-place", str(file), lines="quit\n")
    assert "return x" in file.read_text(), "an attempt goes on"
    file.write_text("# llmquiz: another\nx = 1\n")
    assert f"`another` -> {file}~" in run("study", "--in-place", str(file), lines="quit\n").stderr
    assert Path(f"{file}~").read_text() == "# llmquiz: another\nx = 1\n"
    file.write_text("mine = 1\n")
    done = run("study", "--in-place", str(file), lines="quit\n")
    assert (done.exit_code, file.read_text()) == (1, "mine = 1\n")
    assert "not empty, and not written by llmquiz" in done.stderr


def test_a_file_that_changes_during_a_session_is_locked_again(home: Path, locked: Path) -> None:
    from llmquiz.errors import LlmquizError

    opened = Collection(Paths(home), Settings(), shipped=locked.parent)
    opened.refresh()
    question = opened.question("code-softmax")
    assert opened.asked(question) == question
    opened.shipped = home
    with pytest.raises(LlmquizError, match="`code-softmax` is locked"):
        opened.asked(question)
    opened.close()


# looking and checking


def test_list_search_show(run: Run, locked: Path) -> None:
    assert run("list", "kind:code").stdout.startswith("code-softmax\tcode\t")
    assert run("search", "overflow").stdout.startswith("code-softmax")
    shown = run("show", "code-softmax").stdout
    for part in ("raise NotImplementedError", "Tests: test_rows_sum_to_one, test_large_inputs", "x.max(axis=-1", "The sum is over all"):
        assert part in shown
    assert json.loads(run("show", "code-softmax", "--json").stdout)["question"]["wrong"][0]["why"]["zh"].startswith("不减")


def test_check_says_which_test_caught_which_wrong_one(run: Run, locked: Path) -> None:
    done = run("check", str(locked), "--kind", "code")
    assert f"code not run, of 1 question: `llmquiz trust {locked}` first" in done.stdout
    assert done.exit_code == 0
    run("trust", "--yes", str(locked))
    done = run("check", "--kind", "code")
    assert done.stdout == (
        "code-softmax: solution passed 2 tests; wrong 1 caught by test_large_inputs: exp overflows: subtract the maximum first; "
        "wrong 2 caught by test_rows_sum_to_one: each row must sum to 1: is the sum over the last axis?\n"
        "code: 1 of 1 solutions passed, 2 of 2 wrong ones caught\n"
        "1 question, 0 problems, 0 warnings\n"
    )
    totals = {"run": 1, "not_run": 0, "passed": 1, "wrong": 2, "caught": 2}
    assert json.loads(run("check", "--json").stdout)["code"] == totals


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"solution": "def f(): return 3\n"}, "the solution of `q` does not pass: test_f: f is 1"),
        ({"wrong": [{"why": "w", "code": "def f(): return 1\n"}]}, "wrong 1 of `q` passes every test: write one that catches it"),
        (
            {"wrong": [{"why": "w", "code": "import os\nos._exit(0)\n"}]},
            "wrong 1 of `q` has to fail a test, but was stopped: your",
        ),
    ],
)
def test_check_finds_what_does_not_hold(run: Run, bank: Path, change: dict[str, Any], said: str) -> None:
    path = bank / "code.yaml"
    path.write_text(json.dumps({"questions": [GOOD | change]}))
    run("trust", "--yes", str(path))
    done = run("check", "--kind", "code")
    assert f"{path}:1:" in done.stdout
    assert said in done.stdout
    assert done.exit_code == 1


def test_check_of_a_kind_leaves_the_others_out(run: Run, bank: Path) -> None:
    (bank / "code.yaml").write_text(BANK, encoding="utf-8")
    assert "5 questions" in run("check", str(bank), "--kind", "open").stdout
    code_alone = run("check", str(bank), "--kind", "code").stdout
    assert "1 question," in code_alone
    assert "small.yaml" not in code_alone
    assert "unknown kind 'cod': did you mean `code`?" in run("check", "--kind", "cod").stderr


@pytest.fixture
def without_numpy(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a learner whose Python has no numpy."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\nu.find_spec = lambda name, *rest: None if name == 'numpy' else find(name, *rest)\n"
    )
    return environ | {"PYTHONPATH": f"{tmp_path}:{environ.get('PYTHONPATH', '')}"}


def test_without_numpy_code_cards_are_skipped(locked: Path, without_numpy: dict[str, str]) -> None:
    done = llmquiz(without_numpy, "study")
    assert "Code cards skipped: 1. They need numpy; `pip install 'llmquiz[code]'` gets it." in done.stderr
    assert "code not run, of 1 question: it needs numpy" in llmquiz(without_numpy, "check").stdout


# what counts as due and new


def test_a_locked_card_is_neither_due_nor_new(run: Run, locked: Path) -> None:
    said = f"Code cards locked: 1. Their file is not trusted; `llmquiz trust {locked}` shows what would be run."
    there = "0 due, 0 new today (1 questions, 1 not met yet)"
    assert run().stdout == f"{there}\n{said}\nnext: tomorrow, or llmquiz study --new 5\n"
    assert (run("due").stdout, run("due").stderr) == ("0 due, 0 new today\n", "")
    assert json.loads(run("due", "--json").stdout) == {"due": 0, "new": 0}
    run("trust", "--yes", str(locked))
    assert run().stdout == "0 due, 1 new today (1 questions, 1 not met yet)\nnext: llmquiz study\n"
    assert json.loads(run("due", "--json").stdout) == {"due": 0, "new": 1}


def test_what_counts_is_what_a_session_asks(run: Run, locked: Path, bank: Path, home: Path, clock: FakeClock) -> None:
    plain = [{"id": f"plain{i}", "level": 3, "question": f"Plain {i}?", "answer": "Yes."} for i in range(4)]
    (bank / "plain.yaml").write_text(json.dumps({"questions": [*plain, GOOD | {"level": 2}]}))
    with closing(Collection(Paths(home), Settings(shipped=False, new_per_day=3), [bank])) as opened:
        opened.refresh()

        def counted() -> tuple[int, int, list[str]]:
            (due, skipped), (new, also) = opened.due_today(clock.now()), opened.new_today(clock.now())
            session = opened.session(Wanted(), clock.now())
            assert session.left == (due, new, 0)
            assert session.skipped == skipped | also
            return due, new, sorted(session.skipped)

        assert counted() == (0, 3, ["code-softmax", "q"]), "others take their place"
        for card in ("code-softmax", "plain0"):
            opened.grade(card, Grade.GOOD, clock.now())
        clock.on(days=1)
        assert counted() == (1, 3, ["code-softmax", "q"])
        opened.shipped = bank
        assert counted() == (2, 3, [])
        opened.mark("code-softmax", SUSPENDED, clock.now())
        assert counted() == (1, 3, [])


def test_without_numpy_code_cards_do_not_count(environ: dict[str, str], locked: Path, bank: Path, without_numpy: dict[str, str]) -> None:
    (bank / "plain.yaml").write_text("questions:\n  - {id: plain, question: Plain?, answer: Yes.}\n")
    said = "Code cards skipped: 1. They need numpy; `pip install 'llmquiz[code]'` gets it."
    assert llmquiz(without_numpy).stdout == f"0 due, 1 new today (2 questions, 2 not met yet)\n{said}\nnext: llmquiz study\n"
    assert llmquiz(without_numpy, "due").stdout == "0 due, 1 new today\n"
    llmquiz(environ, "trust", "--yes", str(locked))
    assert llmquiz(environ, "due").stdout == "0 due, 2 new today\n"
