"""docs/json.md: every `--json` output has the shape that stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run
from jsonschema import Draft202012Validator
from typer.main import get_command

from llmquiz.cli.app import build

DOC = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `llmquiz (\w+)(?: --list)? --json`\n(.*?)(?=^## |\Z)", DOC, re.DOTALL | re.MULTILINE))


def blocks(text: str) -> list[Any]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def validator(command: str) -> Draft202012Validator:
    """Return what validates the output of a command; a section without a schema names the command it is like."""
    text = SECTIONS[command]
    if not (found := blocks(text)):
        found = blocks(SECTIONS[re.findall(r"As `(\w+)`", text)[0]])
    schema = found[0] | blocks(DOC)[0]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_every_command_with_json_is_in_the_document() -> None:
    commands = get_command(build()).commands  # type: ignore[attr-defined]
    having = {name for name, c in commands.items() if any("--json" in p.opts for p in c.params)}
    assert having == set(SECTIONS)


@pytest.fixture
def learned(run: Run, home: Path) -> Run:
    """A collection with reviews in two languages, drills, marks, typed answers and an own question."""
    run("add", "-t", "own", "-q", "Mine?", "-a", "Yes.", "--id", "own-one")
    run("study", "--topic", "small", "--lang", "zh", lines="typed 回答\n5\n\n2\n\n4\n\n4\n")
    run("study", "--topic", "other", lines="\n0\n\n5\n\n5\n")
    run("study", "--ahead", lines="\n1\n\n5\n\n5\n")
    run("flag", "first")
    run("suspend", "second")
    run("bury", "own-one")
    return run


@pytest.mark.parametrize(
    "args",
    [
        ("list",),
        ("list", "is:new", "--lang", "both"),
        ("search", "nowhere"),
        ("search", "答案", "--sort", "due"),
        ("show", "first"),
        ("show", "third", "--lang", "zh"),
        ("history",),
        ("history", "--limit", "1"),
        ("stats",),
        ("stats", "--lang", "zh", "--topic", "small", "--tag", "easy", "--since", "7d"),
        ("due",),
        ("check",),
        ("topics",),
        ("config",),
        ("backups",),
        ("trust", "--list"),
        ("doctor", "--fix"),
    ],
)
@pytest.mark.parametrize("fresh", [True, False])
def test_outputs_have_the_shape_that_is_documented(request: pytest.FixtureRequest, args: tuple[str, ...], fresh: bool) -> None:  # noqa: FBT001
    run: Run = request.getfixturevalue("run" if fresh else "learned")
    done = run(*args, "--json")
    assert done.exit_code == 0, done.stderr
    errors = [e.message for e in validator(args[0]).iter_errors(json.loads(done.stdout))]
    assert not errors


def test_an_own_question_too(learned: Run) -> None:
    for args in (("show", "own-one"), ("stats", "--topic", "own"), ("list", "is:mine")):
        assert not list(validator(args[0]).iter_errors(json.loads(learned(*args, "--json").stdout)))


def test_what_machines_say_to_each_other_too(learned: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(learned("export").stdout + "no event\n")
    for args, code in ((("sync", str(tmp_path / "shared")), 0), (("merge", str(tmp_path / "log.jsonl")), 1)):
        done = learned(*args, "--json")
        assert (done.exit_code, list(validator(args[0]).iter_errors(json.loads(done.stdout)))) == (code, [])


def test_problems_have_the_shape_too(run: Run, bank: Path) -> None:
    (bank / "other.yaml").write_text("questions:\n  - {id: a, question: Q, answr: A}\n")
    assert not list(validator("check").iter_errors(json.loads(run("check", "--json").stdout)))


def test_what_doctor_finds_has_the_shape_too(learned: Run, home: Path) -> None:
    (home / "collection.db").write_bytes(b"")
    (home / "config.toml").chmod(0o644)
    found = learned("doctor", "--json")
    assert found.exit_code == 1
    assert {f["kind"] for f in json.loads(found.stdout)["findings"]} == {"empty", "mode"}
    for done in (found, learned("doctor", "--fix", "--json"), learned("doctor", "--json")):
        assert not list(validator("doctor").iter_errors(json.loads(done.stdout)))
    assert not list(validator("backups").iter_errors(json.loads(learned("backups", "--json").stdout)))


def test_files_that_are_trusted_and_locked_again_have_the_shape_too(run: Run, bank: Path) -> None:
    code = (ROOT / "tests" / "code.yaml").read_text(encoding="utf-8")
    for name in ("here", "there"):
        (bank / f"{name}.yaml").write_text(code.replace("topic: code", f"topic: {name}"), encoding="utf-8")
    run("trust", "--yes", str(bank))
    (bank / "there.yaml").unlink()
    found = json.loads(run("trust", "--list", "--json").stdout)
    assert found == [{"path": str(bank / f"{name}.yaml"), "locked": name == "there"} for name in ("here", "there")]
    assert not list(validator("trust").iter_errors(found))
    assert run("trust", str(bank), "--json").stderr.startswith("error: --json goes with --list")


def test_a_wrong_shape_is_seen() -> None:
    assert list(validator("list").iter_errors([{"id": 1}]))
    assert list(validator("due").iter_errors({"due": -1, "new": 0, "more": 1}))
