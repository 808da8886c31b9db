"""README: its two commands stand where they should, and its tour prints what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def matches(expected: str, got: str) -> bool:
    """Compare, with `...` standing for anything: within a line, or for any lines where it stands alone."""
    lines = [
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + r"\n" for line in expected.rstrip().split("\n")
    ]
    return re.fullmatch("".join(lines), got.rstrip() + "\n") is not None


def test_the_tour(tmp_path: Path, environ: dict[str, str]) -> None:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    steps = [step for block in blocks for step in re.split(r"^\$ ", block, flags=re.MULTILINE) if step.strip()]
    assert len(steps) >= 9
    path = f"{Path(sys.executable).parent}:{environ['PATH']}"
    for step in steps:
        command, _, expected = step.partition("\n")
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environ | {"PATH": path}, capture_output=True, text=True, check=False, timeout=60
        )
        assert matches(expected, done.stdout + done.stderr), f"$ {command}\n{done.stdout}{done.stderr}"


def test_set_up_has_exactly_two_blocks_of_one_line() -> None:
    section = README.split("\n## Set up\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```\w*\n(.*?)```", section, re.DOTALL)
    assert [b.count("\n") for b in blocks] == [1, 1]
    assert "llmquiz study" in blocks[0]
    assert "pytest" in blocks[1]


def test_every_setting_is_in_the_readme() -> None:
    from llmquiz.config import READERS

    toml = README.split("```toml\n")[1].split("```")[0]
    assert set(re.findall(r"^#? ?(\w+) =", toml, re.MULTILINE)) == set(READERS)
