"""Banks loaded with the help of other processes: nothing tells it from one process, and none of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import pytest

from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings

CACHED = (
    "select rowid, * from questions order by rowid",
    "select * from former order by rowid",
    "select * from names order by old",
    "select * from bank_files order by position",
)
BROKEN = {
    "syntax": b"questions:\n  - {id: a, question: [, answer: A}\n",
    "bytes": b"questions:\n  - {id: a, question: \xff, answer: A}\n",
    "empty": b"",
    "fields": "questions:\n  - {id: 大, level: 9, question: Q, anwser: A}\n".encode(),
    "alias": b"questions:\n  - &a {id: a, question: Q, answer: A}\n  - *a\n",
    "character": "questions:\n  - {id: a, question: 问题\x00, answer: A}\n".encode(),
    "title": b"topic: other\ntitle: 3\nquestions: []\n",
    "nested": b"title: {en: {deep: 3}}\nquestions: []\n",
    "code": b"questions:\n  - {id: c, kind: code, question: Q, starter: '(', solution: 'f = 1', tests: '', answer: A}\n",
}
STAND_STILL = """\
import sys, time
from pathlib import Path
from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings

def at_the_third_file(done, total):
    if done == 2:
        print("here", flush=True)
        time.sleep(600)

Collection(Paths(Path(sys.argv[1])), Settings(shipped=False, banks=(Path(sys.argv[2]),))).refresh(at_the_third_file, processes=2)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes in /proc")


def item(random: Random, card: str) -> str:
    """Write a question; one in three has something wrong."""
    answer = random.choice(["A", "|\n      many\n      lines", "'中文 “引号” \u3000'", "{zh: 答}", "[list]", "3"])
    more = random.choice(["", "tags: [one, two]", f"was: [old{random.randint(0, 9)}]", "replaces: true", "level: 5", "as_of: '2026-11'"])
    return f"  - id: {card}\n    question: {{en: Q{random.randint(0, 99)}, zh: 问}}\n    answer: {answer}\n    {more}\n"


def write(random: Random, folder: Path, number: int) -> None:
    """Write a file of a bank: most are right, some have wrong items, some are broken."""
    path = folder / f"topic-{number}.yaml"
    if random.random() < 0.2:
        path.write_bytes(random.choice(list(BROKEN.values())))
    else:
        cards = random.sample(range(30), random.randint(0, 12))
        path.write_text("questions:\n" + "".join(item(random, f"q{card}") for card in cards), encoding="utf-8")


def opened(home: Path, bank: Path) -> closing[Collection]:
    return closing(Collection(Paths(home), Settings(shipped=False, banks=(bank,))))


def loaded(home: Path, bank: Path, processes: int | None = None) -> Any:
    """Return all that a refresh leaves behind."""
    steps: list[tuple[int, int]] = []
    with opened(home, bank) as collection:
        unread = collection.refresh(lambda done, total: steps.append((done, total)), processes)
        return steps, unread, collection.problems(), [collection.log.reading(sql) for sql in CACHED]


@pytest.fixture
def banks(tmp_path: Path) -> Path:
    folder = tmp_path / "bank"
    folder.mkdir()
    for name, raw in BROKEN.items():
        (folder / f"{name}.yaml").write_bytes(raw)
    for number in range(6):
        (folder / f"topic-{number}.yaml").write_text(f"questions:\n  - {{id: q{number}, question: Q, answer: 答案}}\n", encoding="utf-8")
    (folder / "large.yaml").write_bytes(b"# " + b"x" * 9 * 2**20)
    return folder


@pytest.mark.parametrize("seed", range(4))
def test_other_processes_load_what_one_loads(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    bank = tmp_path / "bank"
    bank.mkdir()
    for _ in range(3):
        for number in random.sample(range(9), 6):
            write(random, bank, number)
        os.utime(random.choice(list(bank.iterdir())))
        alone, together = (loaded(tmp_path / home, bank, n) for home, n in (("alone", 0), ("together", 1 + seed % 3)))
        assert alone == together
        assert alone[3][-1]


def test_broken_files_are_told_the_same_way(tmp_path: Path, banks: Path) -> None:
    alone, together = loaded(tmp_path / "alone", banks, 0), loaded(tmp_path / "together", banks, 2)
    assert alone == together
    told = {Path(p.path).stem for p in together[2]}
    assert told == {*BROKEN, "large"}
    assert len(together[3][0]) == 6


def garbage(tmp_path: Path) -> Iterator[str]:
    """Yield what may stand in the place of the interpreter where llmquiz is frozen, or embedded, or no process may be started."""
    yield ""
    yield str(tmp_path / "nowhere")
    for name, body in (
        ("ends", "exit 1"),
        ("talks", "echo Usage: llmquiz; cat"),
        ("stops", "printf '\\200\\005\\225'"),
        ("other", "printf 'N.'"),
    ):
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)
        yield str(script)


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_without_a_process_this_one_loads(tmp_path: Path, banks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = loaded(tmp_path / "alone", banks, 0)
    for n, executable in enumerate(garbage(tmp_path)):
        monkeypatch.setattr(sys, "executable", executable)
        assert loaded(tmp_path / str(n), banks, 2) == alone, executable


@pytest.mark.parametrize("processes", [0, 2])
def test_an_interrupt_leaves_the_cache_as_it_was(tmp_path: Path, banks: Path, processes: int) -> None:
    def interrupt(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    before = loaded(tmp_path / "home", banks)
    for path in banks.glob("topic-*.yaml"):
        path.write_text(path.read_text() + "  - {id: " + path.stem + ", question: Q, answer: A}\n")
    with opened(tmp_path / "home", banks) as collection:
        with pytest.raises(KeyboardInterrupt):
            collection.refresh(interrupt, processes)
        assert [collection.log.reading(sql) for sql in CACHED] == before[3]
        collection.refresh(None, processes)
        assert len(collection.log.reading(CACHED[0])) == 12


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_load(tmp_path: Path, banks: Path, environ: dict[str, str], number: signal.Signals) -> None:
    program = [sys.executable, "-c", STAND_STILL, str(tmp_path / "home"), str(banks)]
    with subprocess.Popen(
        program, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "here\n"
        others = children(parent.pid)
        assert len(others) == 2
        if number == signal.SIGINT:
            os.killpg(parent.pid, number)  # as Ctrl-C does
        else:
            parent.kill()
        parent.wait(20)
    for _ in range(1000):
        if not any(map(alive, others)):
            break
        sleep(0.02)
    assert not any(map(alive, others))
    with opened(tmp_path / "home", banks) as collection:
        assert collection.log.reading(CACHED[0]) == []
