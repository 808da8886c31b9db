"""suspend, bury, flag and their opposites; undo."""

from __future__ import annotations

import json

import pytest
from conftest import Run


def flags(run: Run) -> dict[str, list[str]]:
    return {c["id"]: c["flags"] for c in json.loads(run("list", "--json").stdout) if c["flags"]}


@pytest.mark.parametrize(
    ("do", "mark", "undo"),
    [("suspend", "suspended", "unsuspend"), ("bury", "buried", "unbury"), ("flag", "flagged", "unflag")],
)
def test_a_mark_is_set_and_taken_off(run: Run, do: str, mark: str, undo: str) -> None:
    done = run(do, "first", "third")
    assert done.exit_code == 0
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["first", "third"]
    assert flags(run) == {"first": [mark], "third": [mark]}
    assert run(do, "first").stdout == f"first: already {mark}\n"
    assert run(undo, "--query", f"is:{mark} level:3").stdout == f"third: no longer {mark}\n"
    assert run(undo, "third").stdout == f"third: was not {mark}\n"
    assert flags(run) == {"first": [mark]}


def test_what_is_suspended_or_buried_is_not_asked(run: Run) -> None:
    run("suspend", "--query", "topic:other")
    run("bury", "second", "second")
    assert json.loads(run("due", "--json").stdout)["new"] == 2


def test_an_unknown_id_marks_nothing_at_all(run: Run) -> None:
    done = run("flag", "first", "secnod")
    assert (done.exit_code, done.stderr) == (1, "error: unknown id 'secnod': did you mean `second`?\n")
    assert flags(run) == {}
    assert "unknown topic 'smal'" in run("flag", "--query", "topic:smal").stderr


def test_naming_nothing_is_wrong_usage_and_finding_nothing_is_told(run: Run) -> None:
    assert run("flag").exit_code == 2
    assert run("flag", "--query", " ").exit_code == 2
    done = run("flag", "--query", "is:mature")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no card matches\n")


def test_undo_says_what_was_and_what_is(run: Run) -> None:
    run("study", "--topic", "small", "--level", "1", lines="\n5\n")
    run("study", "--topic", "small", "--level", "1", "--ahead", lines="\n1\n\n5\n")
    first, second, third = run("undo", "3").stdout.splitlines()
    assert first.startswith("taken back: first, grade 5 of")
    assert "interval 1d, ease 2.60; now due" in first
    assert "grade 1" in second
    assert third.endswith("; now new")
