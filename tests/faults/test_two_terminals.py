"""Two terminals on one collection: no lock error, nothing lost, none counted twice, and no card asked in both."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from conftest import FakeClock
from pty_learner import Learner, small_home

from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.log import Log
from llmquiz.log.locks import Locks
from llmquiz.model import Grade
from llmquiz.schedulers.sm2 import SM2

REVIEWS = int(os.environ.get("LLMQUIZ_REVIEWS", "150"))  # of each terminal; 2000 is the long form
GRADER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.model import Grade
home, name, reviews = sys.argv[1:]
collection = Collection(Paths(Path(home)), Settings(shipped=False))
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(reviews)):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=i // 10)  # both at the same instants, on the same cards
    collection.grade(f"card-{i % 7}", Grade(i % 6), now, answer=f"{name} {i}")
collection.close()
"""


def grade_at_once(home: Path, reviews: int) -> list[str]:
    """Let two processes grade at once; return what they say on stderr."""
    command = [sys.executable, "-c", GRADER, str(home)]
    both = [
        subprocess.Popen([*command, name, str(reviews)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate()[1] for process in both]


def test_two_processes_grade_the_same_cards_at_the_same_instants(home: Path) -> None:
    assert grade_at_once(home, REVIEWS) == ["", ""]
    with closing(Log(home / "collection.db", SM2())) as log:
        reviews = log.latest(3 * REVIEWS)
        assert sorted(r.answer for r in reviews) == sorted(f"{name} {i}" for name in ("one", "two") for i in range(REVIEWS))
        assert sum(c.reviews for c in log.day_counts()) == 2 * REVIEWS
        assert log.disagreements() == []
        assert log.reading("pragma integrity_check") == [("ok",)]


def question(terminal: subprocess.Popen[str]) -> str:
    """Return the next question that a session on a pipe asks."""
    lines = terminal.stdout or ()
    return next(line.strip() for line in lines if line.startswith("What is"))


def studying(environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "llmquiz", "study"]
    return subprocess.Popen(command, env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def say(terminal: subprocess.Popen[str], lines: str) -> None:
    assert terminal.stdin is not None
    terminal.stdin.write(lines)
    terminal.stdin.flush()


def test_no_card_is_asked_in_both(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    with studying(environ) as one, studying(environ) as two:
        asked = {terminal: question(terminal) for terminal in (one, two)}
        seen = set(asked.values())
        assert len(seen) == 2
        for terminal in (one, two, one):
            say(terminal, "\n5\n")
            asked[terminal] = question(terminal)
            assert asked[terminal] not in seen
            seen.add(asked[terminal])
        for terminal in (one, two):
            terminal.communicate("\n5\n")
    with closing(Log(Path(environ["LLMQUIZ_HOME"]) / "collection.db", SM2())) as log:
        assert sorted(r.card for r in log.latest(9)) == ["fifth", "first", "fourth", "second", "third"]


def test_a_terminal_that_is_killed_lets_go_of_its_card(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    with Learner(environ, "study") as me:
        me.see("What is")
        locks = Locks(Path(environ["LLMQUIZ_HOME"]) / "collection.db-lock")
        cards = ("first", "second", "third", "fourth", "fifth")
        assert [locks.claim(card) for card in cards].count(False) == 1
        me.child.kill(9)
        me.end()
        assert all(locks.claim(card) for card in cards)
        locks.close()


def test_without_locks_every_card_is_free(tmp_path: Path, bank: Path, clock: FakeClock) -> None:
    locks = Locks(tmp_path / "no such folder" / "collection.db-lock")
    assert locks.claim("first")
    locks.let_go()
    locks.close()
    (tmp_path / "home" / "collection.db-lock").mkdir(parents=True)
    with closing(Collection(Paths(tmp_path / "home"), Settings(), shipped=bank)) as collection:
        collection.refresh()
        assert collection.log.locks.claim("first")
        collection.grade("first", Grade.GOOD, clock.now())
