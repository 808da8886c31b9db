"""The learner's attempt at a code question: the source as it stands, and what its runs said.

Invariant: nothing is lost between two runs: the next edit begins with what the learner wrote last; every run counts.
"""

from __future__ import annotations

from pathlib import Path

from llmquiz.cli.words import Words
from llmquiz.disk import read_file, there
from llmquiz.errors import LlmquizError
from llmquiz.questions import say
from llmquiz.questions.code import LARGEST, Code
from llmquiz.render import clean
from llmquiz.running import MEMORY, SECONDS, Failure, Ran, run

MARK = "# llmquiz: "  # begins a file that `--in-place` wrote, with the id of its question
LINES, WIDEST = 12, 160  # of what was printed: the last lines, and of each so many characters


class Attempt:
    """One code question at work; `file` is where the learner edits it, None for the editor."""

    def __init__(self, question: Code, file: Path | None = None) -> None:
        """Begin with the starter."""
        self.question, self.file = question, file
        self.source = question.starter
        self.runs = 0
        self.ran: Ran | None = None

    def run(self, source: str) -> bool:
        """Run the tests on a source; whether all passed."""
        self.source = source
        self.ran = run(source, self.question.tests)
        self.runs += 1
        return self.ran.passed

    def what_runs(self, words: Words) -> str:
        """Say what a run does."""
        return words("runs", n=len(self.question.test_names), seconds=SECONDS, memory=MEMORY // 2**30)

    def result(self, words: Words) -> list[str]:
        """Say what the last run found: what was printed, what failed with its message and the learner's line."""
        if self.ran is None:
            return []
        printed = clean(self.ran.printed).rstrip().split("\n")[-LINES:]
        lines = [words("printed"), *(f"  {x[:WIDEST]}" for x in printed)] if any(printed) else []
        total, passed = len(self.question.test_names), len(self.ran.cases) - len(self.ran.failed)
        lines += [x for c in self.ran.cases if c.failure for x in _failure(f"✗ {c.name}: ", c.failure, words)]
        if self.ran.stop:
            lines += _failure("✗ ", self.ran.stop, words)
        return [*lines, words("tests_passed", passed=passed, total=total, runs=self.runs)]  # last: what failed may fill a screen


def _failure(head: str, failure: Failure, words: Words) -> list[str]:
    said = head + clean(say(failure.said, words.lang))
    return [said, "    " + words("at_line", line=failure.line, text=clean(failure.text))] if failure.line else [said]


def read(path: Path) -> str:
    """Return the source in a file; raises LlmquizError where there is none that could be run."""
    try:
        raw = read_file(path)
        source = raw.decode()
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise LlmquizError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path}: no text in UTF-8"
        raise LlmquizError(msg) from error
    if len(source) > LARGEST:
        msg = f"{path}: {len(source)} characters; at most {LARGEST} can be run"
        raise LlmquizError(msg)
    return source


def begin(path: Path, question: Code) -> str:
    """Put the starter of a question into the learner's file; return the id of another question whose attempt was set aside, or "".

    A file that already holds this question is left as it is. Raises LlmquizError where the file is not one of llmquiz.
    """
    there = owner(path)
    if there == question.id:
        return ""
    if there:
        path.replace(f"{path}~")
    try:
        path.write_text(f"{MARK}{question.id}\n{question.starter}", encoding="utf-8")
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror}"
        raise LlmquizError(msg) from error
    return there


def owner(path: Path) -> str:
    """Return the id of the question that a file holds an attempt at, "" for none; raises LlmquizError where it holds another thing."""
    source = read(path) if there(path) else ""
    first = source.split("\n", 1)[0]
    if source.strip() and not first.startswith(MARK):
        msg = f"{path}: not empty, and not written by llmquiz (it does not begin with `{MARK.strip()}`): name another file, or empty it"
        raise LlmquizError(msg)
    return first.removeprefix(MARK).strip()


def unmarked(source: str) -> str:
    """Return a source without the line that says whose it is."""
    first, _, rest = source.partition("\n")
    return rest if first.startswith(MARK) else source
