"""What the tests share: a small bank, a collection on real files, a clock that is set by hand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from typer.testing import CliRunner, Result

from llmquiz.cli.app import build
from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings

settings.register_profile("llmquiz", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.load_profile("llmquiz")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts us in the background has it ignored, by what we start, too

ROOT = Path(__file__).parent.parent
Run = Callable[..., Result]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

SMALL = """\
topic: small
title: {en: Small things, zh: 小题目}
questions:
  - id: first
    level: 1
    tags: [easy, both]
    question: {en: "What is first?", zh: "第一是什么？"}
    short: {en: "The first.", zh: "第一。"}
    answer: {en: "The **first** answer, $x^2$.", zh: "第一个**答案**，$x^2$。"}
    points:
      - {en: "says one", zh: "说一", must: true}
      - {en: "says two", zh: "说二"}
      - {en: "says three", zh: "说三"}
    pitfalls:
      - {en: "not zero", zh: "不是零"}
    follow_ups: [second]
    sources:
      - {arxiv: "1706.03762", title: "Vaswani et al.", where: "section 3"}
  - id: second
    level: 2
    question: {en: "What is second?", zh: "第二是什么？"}
    answer: {en: "The second answer.", zh: "第二个答案。"}
    points: ["just this"]
  - id: third
    level: 3
    question: What is third?
    answer: The third answer.
"""
OTHER = """\
topic: other
questions:
  - id: fourth
    level: 1
    question: {en: "What is fourth?", zh: "第四是什么？"}
    answer: {en: "The fourth answer.", zh: "第四个答案。"}
  - id: fifth
    level: 2
    question: {en: "What is fifth?", zh: "第五是什么？"}
    answer: {en: "The fifth answer.", zh: "第五个答案。"}
"""


class FakeClock:
    """A clock that stands still until it is moved; the timer moves with it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    def timer(self) -> float:
        return self.instant.timestamp()

    def on(self, **by: float) -> None:
        """Move on by days, hours, minutes, seconds."""
        self.instant += timedelta(**by)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A folder with two topics and five questions."""
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "other.yaml").write_text(OTHER, encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A fresh LLMQUIZ_HOME that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """The environment of a learner with a fresh home, English, a plain terminal."""
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT")}
    return keep | {"LLMQUIZ_HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color", "PYTHONUTF8": "1"}


@pytest.fixture
def collection(home: Path, bank: Path) -> Iterator[Collection]:
    """A collection on the small bank alone."""
    opened = Collection(Paths(home), Settings(), shipped=bank)
    opened.refresh()
    yield opened
    opened.close()


@pytest.fixture
def run(home: Path, bank: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a fresh home with the small bank alone."""
    home.mkdir()
    (home / "config.toml").write_text(f'shipped = false\nbanks = ["{bank}"]\n')
    monkeypatch.setenv("LLMQUIZ_HOME", str(home))
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*args: str, lines: str = "") -> Result:
        return CliRunner().invoke(build(), list(args), input=lines)

    return invoke


@pytest.fixture
def clock() -> FakeClock:
    """Noon, 22 November 2026, UTC."""
    return FakeClock()


def llmquiz(environ: dict[str, str], *args: str, lines: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run llmquiz in a process of its own, with lines for its input."""
    command = [sys.executable, "-m", "llmquiz", *args]
    return subprocess.run(command, env=environ, input=lines, capture_output=True, text=True, check=False, **options)
