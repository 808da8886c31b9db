"""The bounded form of `just torture`: some trials of each scenario, in a fresh home (seed 0) and in one with a history (seed 1)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

HERE = Path(__file__).parent
BOUNDED = {
    "kills": 24,
    "kills in company": 16,
    "kills of study": 10,
    "power cuts": 40,
    "full disks": 18,
    "failing disks": 12,
    "read-only disks": 18,
    "merges": 16,
}


def torture(*args: str) -> str:
    done = subprocess.run([sys.executable, HERE / "torture.py", *args], capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode == 2:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", BOUNDED)
def test_no_acknowledged_grade_is_lost_at_any_system_call(name: str) -> None:
    said = torture("--only", name, "--seeds", "2", "--most", str(BOUNDED[name]))
    found = re.fullmatch(rf"{name} (\d+); lost 0, doubled 0, unreadable 0, alarming 0", said)
    assert found
    assert int(found[1]) > BOUNDED[name]


def test_every_scenario_has_a_bounded_form() -> None:
    from scenarios import SCENARIOS

    assert set(SCENARIOS) == set(BOUNDED)
