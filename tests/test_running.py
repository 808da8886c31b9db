"""The code of a question, run: what passes, what is told, and what hostile code can not do."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmquiz.questions import say
from llmquiz.running import Ran, run, run_all

TESTS = "def test_double():\n    assert f(2) == 4, 'f doubles'\ndef test_zero():\n    assert f(0) == 0\n"
GOOD = "def f(x):\n    return 2 * x\n"


def said(ran: Ran, lang: str = "en") -> str:
    """Return all that a run tells."""
    failures = [c.failure for c in ran.cases if c.failure] + ([ran.stop] if ran.stop else [])
    return "\n".join(say(f.said, lang) for f in failures)


def test_what_passes() -> None:
    ran = run(GOOD, TESTS)
    assert (ran.passed, ran.stop, ran.printed, [c.name for c in ran.cases]) == (True, None, "", ["test_double", "test_zero"])


def test_what_fails_is_told_with_the_tests_message_and_the_learners_line() -> None:
    ran = run("def half(x):\n    return x / 0\ndef f(x):\n    print('at', x)\n    return half(x) if x else 1\n", TESTS)
    first, second = (c.failure for c in ran.cases)
    assert first
    assert second
    assert first == ("ZeroDivisionError: division by zero", 2, "return x / 0")
    assert second == ("assert f(0) == 0", 0, ""), "an assert without a message is its own"
    assert ran.printed == "at 2\nat 0\n"
    assert said(run("def f(x):\n    return 5\n", TESTS)) == "f doubles\nassert f(0) == 0"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def f(x:\n", "SyntaxError"),
        ("import no_such_thing\n", "No module named 'no_such_thing'"),
        ("def g(x): return x\n", "name 'f' is not defined"),
        ("def f(x): return f(x)\n", "RecursionError"),
        ("def f(x): return input()\n", "EOFError"),
    ],
)
def test_what_does_not_run_is_told(source: str, told: str) -> None:
    assert told in said(run(source, TESTS))


def test_the_fence_is_not_in_the_way_of_ordinary_code() -> None:
    source = (
        "from __future__ import annotations\nimport asyncio, dataclasses, inspect, tempfile, threading\n"
        "@dataclasses.dataclass\nclass Box:\n    value: int\n"
        "async def twice(x): return 2 * x\n"
        "def f(x):\n"
        "    with open('note', 'w') as file: file.write(str(x))\n"
        "    with tempfile.TemporaryFile() as file: file.write(b'x')\n"
        "    thread = threading.Thread(target=print); thread.start(); thread.join()\n"
        "    assert 'dataclass' in inspect.getsource(Box)\n"
        "    return asyncio.run(twice(Box(int(open('note').read())).value))\n"
    )
    ran = run(source, TESTS)
    assert ran.passed, said(ran)


OWN_ASSERT = """
import builtins
class AssertionError(Exception): pass
builtins.AssertionError = type('A', (), {})
builtins.isinstance = lambda *_: True
def f(x): return 9
"""
OWN_REPORT = """
import os, json
def f(x):
    for fd in range(1, 30):
        for name in ('test_double', 'test_zero'):
            try: os.write(fd, json.dumps({'event': 'tested', 'name': name, 'failure': None}).encode() + b'\\n')
            except OSError: pass
    os._exit(0)
"""
LEAVES = """
import threading, time
def f(x):
    threading.Thread(target=time.sleep, args=(60,)).start()
    open('x', 'w')
    return 2 * x
"""
HOSTILE = {
    "a loop": ("def f(x):\n    while True: pass\n", "`test_double` did not end within 1 s"),
    "a loop at once": ("while True: pass\n", "your code did not end within 1 s"),
    "a loop that catches": (
        "def f(x):\n    while True:\n        try: f(x)\n        except BaseException: pass\n",
        "did not end within 1 s",
    ),
    "a fork bomb": ("import os\ndef f(x):\n    while True: os.fork()\n", "may not start a process"),
    "a fork bomb in C": ("import ctypes\ndef f(x):\n    while True: ctypes.CDLL(None).fork()\n", "may not reach other programs"),
    "processes": ("import multiprocessing as m\ndef f(x):\n    m.Process(target=f, args=(x,)).start()\n", "may not start a process"),
    "a program": ("import subprocess\ndef f(x): subprocess.run(['true'])\n", "may not start a process"),
    "memory": ("def f(x): return bytearray(2 ** 31)\n", "needed more than 1 GiB of memory"),
    "memory, bit by bit": ("a = []\nwhile True: a.append(bytes(2 ** 24) * 2)\n", "needed more than 1 GiB of memory"),
    "a gigabyte of output": ("def f(x):\n    for _ in range(1000): print('x' * 10 ** 6)\n", "printed more than 1 MiB"),
    "a large file": ("def f(x):\n    open('big', 'wb').write(bytes(2 ** 25))\n", "File too large"),
    "the network": ("import socket\ndef f(x): socket.create_connection(('192.0.2.1', 80), 1)\n", "may not use the network"),
    "sys.exit": ("import sys\ndef f(x): sys.exit(0)\n", "ended the program"),
    "os._exit": ("import os\ndef f(x): os._exit(0)\n", "`test_double` ended the process (exit code 0)"),
    "os._exit at once": ("import os\nos._exit(0)\n", "your code ended the process (exit code 0)"),
    "a crash": ("import ctypes\ndef f(x): ctypes.string_at(0)\n", "crashed the process (SIGSEGV)"),
    "a signal": ("import os\ndef f(x): os.kill(os.getppid(), 9)\n", "may not reach other programs"),
    "its own tests": ("def f(x): return 9\ndef test_double(): pass\ndef test_zero(): pass\n", "f doubles"),
    "its own assert": (OWN_ASSERT, "f doubles"),
    "an answer that equals all": ("def f(x): raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "a report of its own": (OWN_REPORT, "ended the process"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_is_contained_and_told_in_both_languages(name: str) -> None:
    source, told = HOSTILE[name]
    ran = run(source, TESTS, seconds=1 if "loop" in name else 10)
    assert not ran.passed
    assert told in said(ran), said(ran)
    assert said(ran, "zh")
    assert len(ran.printed) <= 4000


@pytest.mark.parametrize("way", ["open({0!r}).read()", "os.listdir(os.path.dirname({0!r}))", "os.remove({0!r})", "open({0!r}, 'a')"])
def test_files_of_the_learner_are_out_of_reach(tmp_path: Path, way: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    ran = run(f"import os\ndef f(x):\n    {way.format(str(secret))}\n", TESTS)
    assert "code of a card may not" in said(ran)
    assert str(tmp_path) in said(ran, "zh")
    assert secret.read_text() == "s3cret"


def test_the_home_folder_and_the_environment_are_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "s3cret")
    source = f"import os\nprint(sorted(os.environ), os.path.expanduser('~') == os.getcwd())\nos.listdir({str(Path.home())!r})\n"
    ran = run(source, TESTS)
    assert f"may not read {Path.home()}" in said(ran)
    assert "API_KEY" not in ran.printed
    assert "True" in ran.printed


def test_one_that_has_to_be_stopped_takes_no_other_with_it() -> None:
    loop = "def f(x):\n    while True: pass\n"
    wrong = "def f(x): return 3 * x\n"
    rans = run_all([GOOD, loop, GOOD, "import os\nos._exit(0)\n", wrong, GOOD], TESTS, seconds=1)
    assert [r.passed for r in rans] == [True, False, True, False, False, True]
    assert [r.caught for r in rans] == [False, False, False, False, True, False]


def test_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert run(LEAVES, TESTS).passed
    assert not list(tmp_path.iterdir())


@given(st.text(), st.integers(0, 4))
@settings(max_examples=8)
def test_whatever_is_printed_passes_nothing(text: str, code: int) -> None:
    ran = run(f"import os\nprint({text!r}, flush=True)\nos._exit({code})\n", TESTS)
    assert not ran.passed
    assert ran.stop


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_a_process_that_slips_out_of_the_group_ends_with_its_namespace() -> None:
    """The kernel's part of the fence, behind the audit hook: a fork in C that leaves the session."""
    import subprocess

    inner = (
        "import os, sys, time\nsys.path.insert(0, sys.argv[1])\nfrom llmquiz.sandbox import fence\n"
        "walled = fence._namespaces(os.getcwd(), lambda: None)\n"
        "if not walled: print('none'); os._exit(0)\n"
        "if not os.fork(): os.setsid(); time.sleep(600)\n"
        "os._exit(0)\n"
    )
    src = str(Path(__file__).parents[1] / "src")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", inner, src], cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout in ("", "none\n"), "its output would stay open for as long as a process of it lives"
