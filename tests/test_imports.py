"""What must not be imported: start-up is a budget, and this is how it is held without a stop-watch."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Run
from pty_learner import Learner, small_home

from llmquiz.cli import PLAIN
from llmquiz.cli import run as plain
from llmquiz.cli.context import Clock
from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.model import Grade
from llmquiz.session import Wanted

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
PARSERS = {"typer", "inspect", "argparse"}
TO_THE_FIRST_QUESTION = NEVER | HEAVY | CODE


def imported(err: str) -> set[str]:
    """Return the modules that `-X importtime` names, with all their parents."""
    names = {m[1] for m in re.finditer(r"^import time:.*\| +(\S+)$", err, re.MULTILINE)}
    return names | {".".join(n.split(".")[:i]) for n in names for i in range(1, n.count(".") + 1)}


def started(environ: dict[str, str], *args: str) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "llmquiz", *args]
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return imported(done.stderr)


def test_version_imports_almost_nothing(environ: dict[str, str]) -> None:
    there = started(environ, "--version")
    assert not there & {"typer", "rich", "sqlite3", "yaml", "re", "llmquiz.cli"}


@pytest.mark.parametrize("args", [["due", "--count"], [], ["due", "--json"]])
def test_what_looks_at_the_day_stays_light(environ: dict[str, str], args: list[str]) -> None:
    started(environ, *args)  # makes the collection and reads the bank
    assert not started(environ, *args) & TO_THE_FIRST_QUESTION


def test_a_load_that_is_not_large_starts_no_process(environ: dict[str, str]) -> None:
    first = started(environ, "due", "--count")
    assert "llmquiz.loading" in first
    assert not first & {"subprocess", "multiprocessing", "concurrent", "llmquiz.loading.workers"}
    assert "llmquiz.loading" not in started(environ, "due", "--count")


def test_a_bank_without_code_does_not_look_for_what_code_needs(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    assert not started(environ, "due", "--json") & {"llmquiz.extras", "llmquiz.log.trust"}


@pytest.mark.parametrize("args", [["due", "--count"], []])
def test_shipped_code_that_is_due_imports_no_numpy(environ: dict[str, str], args: list[str]) -> None:
    with closing(Collection(Paths(Path(environ["LLMQUIZ_HOME"])), Settings())) as opened:
        opened.refresh()
        then = Clock().now() - timedelta(days=30)
        for card in opened.session(Wanted(kinds=("code",), new=2), then).cards:
            opened.grade(card.id, Grade.GOOD, then)
    there = started(environ, *args)
    assert "llmquiz.extras" in there
    assert not there & (TO_THE_FIRST_QUESTION | PARSERS)


@pytest.mark.parametrize("args", PLAIN, ids=lambda line: " ".join(line) or "llmquiz")
def test_what_has_no_options_needs_no_parser(environ: dict[str, str], args: tuple[str, ...]) -> None:
    started(environ, "due")
    assert not started(environ, *args) & PARSERS


@pytest.mark.parametrize("line", PLAIN, ids=lambda line: " ".join(line) or "llmquiz")
def test_a_plain_line_does_what_typer_makes_of_it(
    line: tuple[str, ...], run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_typer = run(*line)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit) if by_typer.exit_code or line == ("study",) else nullcontext():
        plain(line, {})
    assert capsys.readouterr().out == by_typer.stdout != ""


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
    started(environ, "due")
    assert not started(environ, *args) & NEVER


def test_study_to_the_first_question_stays_light(environ: dict[str, str], bank: Path, tmp_path: Path) -> None:
    small_home(environ, bank)
    (Path(environ["LLMQUIZ_HOME"]) / "config.toml").unlink()
    started(environ, "due")
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
    assert there & (TO_THE_FIRST_QUESTION | PARSERS) == set()
