"""The code of a question, run: its tests on a source, in a fenced subprocess.

Invariant: a call ends: within the time limit for each source, whatever the code does; afterwards no process, file or
folder of it is left. Only what a test reported itself has passed.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from llmquiz.questions import Text

SECONDS, MEMORY = 10, 2**30  # for each source; bytes of address space
OUTPUT, REPORT, KEPT = 2**20, 2**20, 4000  # bytes that may be printed and reported; characters of output that are shown
STARTING, ENDING = 20, 2  # seconds until the first source (the interpreter may come from a cold disk), and from the last word to the end
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # each would take address space
REFUSED = {
    "start a process": "启动进程",
    "reach other programs": "访问其他程序",
    "use the network": "使用网络",
    "read": "读取",
    "write to": "写入",
}
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[2]); from llmquiz.sandbox.inside import main; del sys.path[0]; main()"


class Failure(NamedTuple):
    """Why something did not pass, in both languages; `line` (from 1, 0 for none) and `text` of the learner's code."""

    said: Text
    line: int = 0
    text: str = ""


class Case(NamedTuple):
    """A test that was run; it passed where `failure` is None."""

    name: str
    failure: Failure | None


class Ran(NamedTuple):
    """What became of a source: its tests, what stopped them before the end, and what was printed (shortened)."""

    cases: tuple[Case, ...]
    stop: Failure | None
    printed: str

    @property
    def passed(self) -> bool:
        """Whether every test ran and passed."""
        return self.stop is None and bool(self.cases) and not self.failed

    @property
    def caught(self) -> bool:
        """Whether a test failed, and nothing had to be stopped."""
        return self.stop is None and bool(self.failed)

    @property
    def failed(self) -> tuple[Case, ...]:
        """The tests that did not pass."""
        return tuple(c for c in self.cases if c.failure)


def run(source: str, tests: str, seconds: int = SECONDS) -> Ran:
    """Run the tests on one source."""
    return run_all([source], tests, seconds)[0]


def run_all(sources: Sequence[str], tests: str, seconds: int = SECONDS) -> list[Ran]:
    """Run the tests on each source, one after the other in one process; after one that had to be stopped in another."""
    done: list[Ran] = []
    while len(done) < len(sources):
        done += _batch(sources[len(done) :], tests, seconds)
    return done


def _batch(sources: Sequence[str], tests: str, seconds: int) -> list[Ran]:
    """Run sources in one process until all are through or one is stopped; return at least one result."""
    with tempfile.TemporaryDirectory(prefix="llmquiz-code-", ignore_cleanup_errors=True) as name:
        folder = os.path.realpath(name)
        token = os.urandom(16).hex()
        job = {"sources": list(sources), "tests": tests, "seconds": seconds, "memory": MEMORY, "folder": folder, "token": token}
        reports, pipe = os.pipe()
        try:
            program = [sys.executable, "-I", "-B", "-u", "-X", "utf8", "-c", _PROGRAM, str(pipe), str(Path(__file__).parents[1])]
            child = subprocess.Popen(  # noqa: S603  this interpreter, on the code of a question that is trusted
                program,
                cwd=folder, env=_environment(folder), pass_fds=[pipe], start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except BaseException:
            os.close(reports)
            raise
        finally:
            os.close(pipe)
        watch = _Watch(token, seconds)
        try:
            watch.follow(child, json.dumps(job).encode(), reports)
            if not watch.over:
                with contextlib.suppress(subprocess.TimeoutExpired):  # both pipes are closed: it is about to end, and to say how
                    child.wait(ENDING)
        finally:
            _end(child)
            os.close(reports)
        return watch.results(child.returncode)


def _environment(folder: str) -> dict[str, str]:
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder, **dict.fromkeys(THREADS, "1")}


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process and all of its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()


class _Watch:
    """Follows one process: what it reports, what it prints, and until when it may."""

    def __init__(self, token: str, seconds: int) -> None:
        self.token, self.seconds = token, seconds
        self.until = monotonic() + STARTING
        self.done: list[Ran] = []
        self.begun = False
        self.running = ""  # the test at work
        self.cases: list[Case] = []
        self.stop: Failure | None = None
        self.over = ""  # the limit that was broken
        self.printed, self.size = b"", 0
        self.report, self.left = b"", REPORT

    def follow(self, child: subprocess.Popen[bytes], job: bytes, reports: int) -> None:
        """Hand over the job and read until the process is through or has to be stopped."""
        assert child.stdin  # noqa: S101  for the type checker: it was asked for
        assert child.stdout  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(job)
            child.stdin.close()
        with selectors.DefaultSelector() as selector:
            selector.register(reports, selectors.EVENT_READ, self._read_report)
            selector.register(child.stdout, selectors.EVENT_READ, self._read_output)
            while selector.get_map() and not self.over:
                ready = selector.select(max(0.0, self.until - monotonic()))
                if not ready and monotonic() >= self.until:
                    self.over = "time"
                for key, _ in sorted(ready, key=lambda r: r[0].fd == reports):  # what was printed came before the report
                    raw = os.read(key.fd, 65536)
                    if raw:
                        key.data(raw)
                    else:
                        selector.unregister(key.fileobj)

    def _read_output(self, raw: bytes) -> None:
        self.size += len(raw)
        self.printed = (self.printed + raw)[-4 * KEPT :]
        if self.size > OUTPUT:
            self.over = "output"

    def _read_report(self, raw: bytes) -> None:
        self.left -= len(raw)
        if self.left < 0:
            self.over = "output"
        *lines, self.report = (self.report + raw).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError, AttributeError):  # not from the tests: it has no token
                told = json.loads(line)
                if told.get("token") == self.token:
                    self._hear(told)

    def _hear(self, told: Mapping[str, Any]) -> None:
        match told["event"]:
            case "begin":
                self.begun, self.until, self.left = True, monotonic() + self.seconds, REPORT
                self.running, self.cases, self.stop = "", [], None
            case "test":
                self.running = told["name"]
            case "tested":
                self.cases.append(Case(told["name"], _failure(told["failure"])))
                self.running = ""
            case "source":
                self.stop = _failure(told["failure"])
            case "end":
                self.begun = False
                self.done.append(self._result())
                self.printed, self.size = b"", 0

    def results(self, code: int) -> list[Ran]:
        """Return what became of each source that was begun; `code` is how the process ended."""
        if self.begun or not self.done:
            who = (f"`{self.running}`", f"`{self.running}` ") if self.running else ("your code", "你的代码")
            self.stop = _stopped(self.over, who, self.seconds, code)
            self.done.append(self._result())
        return self.done

    def _result(self) -> Ran:
        return Ran(tuple(self.cases), self.stop, self.printed.decode(errors="replace")[-KEPT:])


def _both(en: str, zh: str) -> Text:
    return {"en": en, "zh": zh}


def _stopped(over: str, who: tuple[str, str], seconds: int, code: int) -> Failure:
    """Say in one sentence why the process ended before its tests were through."""
    number = -code if code < 0 else code - 128
    if over == "time" or number == signal.SIGXCPU:
        en, zh = f"did not end within {seconds} s and was stopped.", f"超过 {seconds} 秒还没有结束，已被终止。"
    elif over == "output":
        en, zh = f"printed more than {OUTPUT // 2**20} MiB and was stopped.", f"输出超过 {OUTPUT // 2**20} MiB，已被终止。"
    elif number > 0:
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        en, zh = f"crashed the process ({name}).", f"让进程崩溃了（{name}）。"
    else:
        en, zh = f"ended the process (exit code {code}) before the tests were through.", f"在测试跑完之前就退出了进程（退出码 {code}）。"
    return Failure(_both(f"{who[0]} {en}", who[1] + zh))


def _failure(told: Mapping[str, Any] | None) -> Failure | None:
    """Say in both languages what a test, or the source itself, raised."""
    if told is None:
        return None
    message, raised = told["message"], f"{told['type']}: {told['message']}" if told["message"] else told["type"]
    match told["kind"]:
        case "assert":
            said: Text = message or raised
        case "refused":
            said = _both(f"code of a card may not {message}", f"题目里的代码不允许{_chinese(message)}")
        case "memory":
            gib = MEMORY // 2**30
            said = _both(f"needed more than {gib} GiB of memory ({raised})", f"内存超过 {gib} GiB（{raised}）")
        case "exit":
            said = _both(f"ended the program ({raised}); that passes no test", f"退出了程序（{raised}），这不算通过")
        case _:
            said = raised
    return Failure(said, told["line"], told["text"])


def _chinese(refused: str) -> str:
    """Say in Chinese what the fence refused."""
    for en, zh in REFUSED.items():
        if refused.startswith(en):
            return zh + refused.removeprefix(en)
    return f"：{refused}"
