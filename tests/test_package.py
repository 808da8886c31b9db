"""What users get: the wheel with its bank, and a repository that names nothing of ours."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, llmquiz

from llmquiz import __version__


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_has_the_whole_bank_and_the_marker_of_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"llmquiz/data/questions/{p.name}" for p in (ROOT / "data" / "questions").glob("*.yaml")} <= names
    assert "llmquiz/py.typed" in names
    assert not [n for n in names if n.startswith("tests") or n.endswith(".db")]


def test_an_installed_wheel_studies(wheel: Path, tmp_path: Path, environ: dict[str, str]) -> None:
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    env = environ | {"PYTHONPATH": str(target)}
    probe = [sys.executable, "-c", "import llmquiz.collection as c; print(c.shipped_bank())"]
    where = subprocess.run(probe, env=env, capture_output=True, text=True, check=True)
    assert where.stdout.strip() == str(target / "llmquiz" / "data" / "questions")
    assert "Graded 1, passed 1" in llmquiz(env, "study", "--limit", "1", lines="\n5\n").stdout
    assert llmquiz(env, "--version").stdout == f"llmquiz {__version__}\n"


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / n for n in names.split("\0") if n and (ROOT / n).is_file()]


def test_no_committed_file_names_a_registry_or_a_path_of_a_machine() -> None:
    registries = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "index" + "-url"]
    homes = re.compile(r"(?<![\w~.])/(home|Users|root|work)/" + r"\w")
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [r for r in registries if r in text], path
        assert not homes.search(text), path


def test_there_is_no_lock_file() -> None:
    assert not [p for p in tracked() if p.name in {"uv.lock", "poetry.lock", "Pipfile.lock"}]
