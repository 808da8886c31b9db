"""Kills, full disks and folders that cannot be written: nothing graded is lost, and one line says what to do."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import NOON, llmquiz
from pty_learner import small_home

from llmquiz.log import Log
from llmquiz.model import Grade
from llmquiz.schedulers.sm2 import SM2

GRADER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from llmquiz.log import Log
from llmquiz.model import Grade, Review, instant
from llmquiz.schedulers.sm2 import SM2
log = Log(Path(sys.argv[1]), SM2())
start = datetime(2026, 1, 1, tzinfo=UTC)
for i in range(100_000):
    now = start + timedelta(hours=i)
    log.append(Review(card=f"card-{i % 50}", at=instant(now), day=now.date(), grade=Grade(i % 6), seconds=1.0))
    print(i + 1, flush=True)
"""


@pytest.mark.parametrize("delay", [0.01, 0.05, 0.1, 0.2, 0.35])
def test_kill_9_loses_no_acknowledged_grade(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "c.db"
    with subprocess.Popen([sys.executable, "-c", GRADER, str(path)], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        grader.stdout.readline()
        time.sleep(delay)
        grader.send_signal(signal.SIGKILL)
        acknowledged = 1 + len(grader.stdout.read().split())
    with closing(Log(path, SM2())) as log:
        assert len(log.latest(200_000)) - acknowledged in (0, 1), "all that was said to be saved, and at most the one in flight"
        assert log.disagreements() == []
        assert log.reading("pragma integrity_check") == [("ok",)]


def test_a_full_disk_while_studying(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    llmquiz(environ, "study", "--limit", "1", lines="\n5\n")

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    done = llmquiz(environ, "study", "--topic", "small", lines="\n4\n", preexec_fn=small_disk)
    assert done.returncode == 1
    assert "the disk is full or failing" in done.stderr
    assert "Traceback" not in done.stderr
    with closing(Log(Path(environ["LLMQUIZ_HOME"]) / "collection.db", SM2())) as log:
        assert len(log.latest(9)) == 1
        assert log.disagreements() == []


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Be somebody whom permissions bind."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_read_only_home(bank: Path) -> None:
    from llmquiz.collection import Collection
    from llmquiz.config import Paths, Settings
    from llmquiz.errors import LlmquizError

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with closing(Collection(Paths(home), Settings(), shipped=bank)) as opened:
            opened.refresh()
        before = (home / "collection.db").read_bytes()
        (home / "collection.db").chmod(0o444)
        home.chmod(0o555)
        with ordinary_user(), pytest.raises(LlmquizError, match=r"cannot be written .*LLMQUIZ_HOME"):
            Collection(Paths(home), Settings(), shipped=bank).grade("first", Grade.GOOD, NOON)
        with ordinary_user(), pytest.raises(LlmquizError, match=r"(cannot be made|cannot be written) .*LLMQUIZ_HOME"):
            Collection(Paths(home / "deeper"), Settings(), shipped=bank)
        home.chmod(0o755)
        assert (home / "collection.db").read_bytes() == before


def test_a_home_that_turned_read_only(environ: dict[str, str], bank: Path) -> None:

    import llmquiz.bank.write
    from llmquiz.collection import Collection
    from llmquiz.config import Paths, Settings
    from llmquiz.errors import LlmquizError

    home = Path(environ["LLMQUIZ_HOME"])
    with closing(Collection(Paths(home), Settings(), shipped=bank)) as opened:
        opened.refresh()
        opened.grade("first", Grade.GOOD, NOON)
        opened.log.db.execute("pragma query_only = on")
        with pytest.raises(LlmquizError, match=r"cannot be written .*Make the folder writable"):
            opened.grade("first", Grade.GOOD, NOON)
        opened.log.db.execute("pragma query_only = off")
        assert len(opened.log.latest(9)) == 1
    assert llmquiz.bank.write


def test_a_home_under_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = llmquiz(environ | {"LLMQUIZ_HOME": str(tmp_path / "file" / "home")}, "due")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Name another folder with LLMQUIZ_HOME" in done.stderr


def test_two_programs_at_once(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    command = [sys.executable, "-m", "llmquiz", "study"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(command, env=environ, text=True, **pipes) for _ in range(2)]
    said = [p.communicate("\n5\n" * 5) for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert [err for _, err in said] == ["", ""]
    with closing(Log(Path(environ["LLMQUIZ_HOME"]) / "collection.db", SM2())) as log:
        assert {r.card for r in log.latest(99)} == {"first", "second", "third", "fourth", "fifth"}
        assert log.disagreements() == []
