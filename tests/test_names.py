"""Names that people and carriers can give to anything: too long, in a circle, of nobody, of a device, no text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run, llmquiz

from llmquiz import disk
from llmquiz.bank.write import replace

LONG = "x" * 300
POSIX = pytest.mark.skipif(os.name == "nt", reason="links, devices and names as bytes are those of POSIX")


@pytest.mark.parametrize(
    "args",
    [
        ("check", LONG),
        ("list", "--bank", LONG),
        ("trust", LONG),
        ("merge", LONG),
        ("merge", f"{LONG}.jsonl"),
        ("sync", LONG),
        ("add", "--topic", LONG, "--question", "q", "--answer", "a"),
        ("sync", "~nobody-of-this-name/x"),
        ("list", "--bank", "~nobody-of-this-name/x"),
    ],
)
def test_a_name_that_nothing_can_have_is_told(run: Run, args: tuple[str, ...]) -> None:
    done = run(*args)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("error: ")
    assert LONG in done.stderr or "~nobody-of-this-name" in done.stderr


@pytest.mark.parametrize("line", ['banks = ["~nobody-of-this-name/x"]', f'banks = ["{LONG}"]'])
def test_a_bank_that_nothing_can_be(run: Run, home: Path, line: str) -> None:
    (home / "config.toml").write_text(line)
    done = run("due")
    assert (done.exit_code, done.stderr) == (1, f"error: {home / line.split(chr(34))[1]}: no such bank folder\n")


def test_a_home_that_nothing_can_be(environ: dict[str, str], tmp_path: Path) -> None:
    done = llmquiz(environ | {"LLMQUIZ_HOME": str(tmp_path / LONG)}, "due")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot be" in done.stderr


@POSIX
def test_what_never_ends_is_not_read(run: Run, home: Path, tmp_path: Path) -> None:
    os.mkfifo(home / "pipe")
    for device in (Path("/dev/zero"), home / "pipe"):
        link = tmp_path / f"{device.name}.jsonl"
        link.symlink_to(device)
        assert "a pipe or a device" in run("merge", str(link)).stderr
        assert "a pipe or a device" in run("trust", "--yes", str(link)).stderr
        config = home / "config.toml"
        config.unlink()
        config.symlink_to(device)
        assert "a pipe or a device" in run("config", "lang", "zh").stderr
        config.unlink()
        config.write_text("shipped = false\n")


@POSIX
def test_a_pipe_in_the_place_of_our_file_in_a_shared_folder(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    run("study", "--topic", "other", lines="\n5\n")
    run("add", "--topic", "mine", "--question", "q", "--answer", "a")
    assert run("sync", str(shared)).exit_code == 0
    (edits,) = (shared / "edits").glob("*.jsonl")
    edits.unlink()
    os.mkfifo(edits)
    done = run("sync", str(shared))
    assert (done.exit_code, "a pipe or a device" in done.stderr) == (1, True)


@POSIX
def test_links_in_a_circle(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    assert not disk.there(circle)
    replace(circle, b"new")
    assert circle.read_bytes() == b"new"


@POSIX
@pytest.mark.parametrize("args", [("list",), ("show",), ("flag",), ("undo", "--card"), ("config", "editor"), ("suspend", "--query")])
def test_an_argument_that_is_no_text(environ: dict[str, str], args: tuple[str, ...]) -> None:
    command = [*(os.fsencode(a) for a in (sys.executable, "-m", "llmquiz", *args)), b"a\xffb"]
    done = subprocess.run(command, env=environ, capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"a\\udcffb" in done.stderr
    assert b"no UTF-8 text" in done.stderr


@POSIX
def test_a_time_zone_that_no_clock_can_have(environ: dict[str, str]) -> None:
    done = llmquiz(environ | {"TZ": "<+24>-24"}, "due")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("error: TZ=<+24>-24: no time zone")


@POSIX
def test_a_path_with_a_nul() -> None:
    with pytest.raises(OSError, match="no file can have this name"):
        disk.read_file(Path("a\0b"))


@POSIX
def test_lines_from_a_device_are_not_read(run: Run) -> None:
    run("due")
    done = run("doctor", "--from", "/dev/zero")
    assert (done.exit_code, done.stderr) == (1, "error: /dev/zero: cannot be read: it is a device\n")
