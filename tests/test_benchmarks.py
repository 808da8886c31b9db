"""The benchmarks run and say what they measured; what they measured is nobody's test."""

from __future__ import annotations

import json
import subprocess
import sys

from conftest import ROOT


def test_the_table_is_printed(environ: dict[str, str]) -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--only", "version", "--rounds", "1", "--json"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    (row,) = json.loads(done.stdout)
    assert row["operation"] == "llmquiz --version"
    assert row["against"] == "python -c pass"
    assert row["ratio"] > 0
    assert row["budget"] == 1.3
