"""Standard streams of every kind: closed, full, in other encodings, with bytes that are no text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import llmquiz
from pty_learner import small_home


def shell(environ: dict[str, str], line: str, lines: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a line of sh in which `$Q` is llmquiz."""
    there = environ | {"Q": f"{sys.executable} -m llmquiz"}
    return subprocess.run(["sh", "-c", line], env=there, input=lines, capture_output=True, check=False)


@pytest.fixture(autouse=True)
def _small(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("args", "code"), [("", 0), ("study", 0), ("due --count", 0), ("list", 0), ("--version", 0), ("show no", 1)])
def test_a_closed_stream_is_an_empty_one(environ: dict[str, str], args: str, code: int, closed: str) -> None:
    done = shell(environ, f"$Q {args} {closed}")
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("args", ["", "study", "due --count", "list", "--version", "--help"])
def test_an_output_that_is_full_is_told_in_a_line(environ: dict[str, str], args: str) -> None:
    done = shell(environ, f"$Q {args} >/dev/full")
    assert (done.returncode, done.stderr) == (1, b"error: the output cannot be written: No space left on device\n")
    assert shell(environ, "$Q show no 2>/dev/full").returncode == 1


def test_where_nobody_reads_errors_the_exit_code_says_it(environ: dict[str, str]) -> None:
    done = shell(environ, "{ $Q show no 2>&1; echo $? >&2; } | true")
    assert done.stderr == b"1\n"


def test_what_an_encoding_lacks_is_shown_as_its_number(environ: dict[str, str]) -> None:
    for ascii_ in ({"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "LC_ALL": "xx_XX.ISO-8859-1"}):
        assert "\\u7b2c\\u4e00" in llmquiz(environ | ascii_, "list", "--lang", "zh").stdout
        shown = llmquiz(environ | ascii_, "show", "first", "--json", "--lang", "zh").stdout
        assert "第一是什么？" in json.loads(shown)["question"]["question"]["zh"]


def test_bytes_that_are_no_text_do_not_stop_a_session(environ: dict[str, str]) -> None:
    done = shell(environ, "$Q study --topic small --level 1", lines=b"\xff\xfe answer\n\xff\n4\n")
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert "first\t4" in llmquiz(environ, "history").stdout
    assert "\ufffd\ufffd answer" in llmquiz(environ, "show", "first").stdout
