"""What must not be imported: start-up is a budget, and this is how it is held without a stop-watch."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pty_learner import Learner, small_home

NEVER = {"pydantic", "dateutil.parser", "importlib.metadata", "asyncio", "unittest", "email", "http"}
HEAVY = {
    "rich.markdown",
    "rich.console",
    "pygments",
    "yaml",
    "sqlite_utils",
    "numpy",
    "markdown_it",
    "pylatexenc",
    "tomllib",
}
CODE = {"llmquiz.running", "llmquiz.cli.study_code"}
TO_THE_FIRST_QUESTION = NEVER | HEAVY | CODE


def imported(err: str) -> set[str]:
    """Return the modules that `-X importtime` names, with all their parents."""
    names = {m[1] for m in re.finditer(r"^import time:.*\| +(\S+)$", err, re.MULTILINE)}
    return names | {".".join(n.split(".")[:i]) for n in names for i in range(1, n.count(".") + 1)}


def run(environ: dict[str, str], *args: str) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "llmquiz", *args]
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return imported(done.stderr)


def test_version_imports_almost_nothing(environ: dict[str, str]) -> None:
    there = run(environ, "--version")
    assert not there & {"typer", "rich", "sqlite3", "yaml", "re", "llmquiz.cli"}


@pytest.mark.parametrize("args", [["due", "--count"], [], ["due", "--json"]])
def test_what_looks_at_the_day_stays_light(environ: dict[str, str], args: list[str]) -> None:
    run(environ, *args)  # makes the collection and reads the bank
    assert not run(environ, *args) & TO_THE_FIRST_QUESTION


@pytest.mark.parametrize(
    "args",
    [
        ["stats"],
        ["stats", "--json"],
        ["topics"],
        ["check", "--kind", "choice"],
        ["schema"],
        ["export"],
        ["add", "-q", "Q", "-a", "A"],
        ["study"],
    ],
)
def test_no_command_imports_what_none_needs(environ: dict[str, str], args: list[str]) -> None:
    run(environ, "due")
    assert not run(environ, *args) & NEVER


def test_study_to_the_first_question_stays_light(environ: dict[str, str], bank: Path, tmp_path: Path) -> None:
    small_home(environ, bank)
    (Path(environ["LLMQUIZ_HOME"]) / "config.toml").unlink()
    run(environ, "due")
    log = tmp_path / "imports"
    probe = (
        "import sys, atexit, llmquiz.cli.keyboard as k\n"
        "def key(self, **_):\n"
        f"    open({str(log)!r}, 'w').write('\\n'.join(before)); raise EOFError\n"
        "k.Keyboard.key = key\n"
        "import llmquiz.cli.study_keys as s\n"
        "before = []\n"
        "front = s.KeyScreen.show_front\n"
        "def show(self):\n"
        "    front(self); before[:] = sorted(sys.modules)\n"
        "s.KeyScreen.show_front = show\n"
        "sys.argv = ['llmquiz', 'study']\n"
        "from llmquiz.__main__ import main; main()\n"
    )
    script = tmp_path / "probe.py"
    script.write_text(probe)
    with Learner(environ, script=script) as me:
        me.end()
    there = set(log.read_text().split("\n"))
    assert "llmquiz.cli.study_keys" in there
    assert there & TO_THE_FIRST_QUESTION == set()
