"""Completion: ids, topics, tags and the query language; silent where there is nothing to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from typer.testing import CliRunner

from llmquiz.cli.app import build
from llmquiz.cli.options import complete_id, complete_kind, complete_query, complete_tag, complete_topic


def test_names_of_the_bank_are_offered(run: Run) -> None:
    run("due")
    assert complete_id("fi") == ["fifth", "first"]
    assert complete_topic("") == ["other", "small"]
    assert complete_tag("e") == ["easy"]
    assert complete_kind("") == ["open"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("t", ["topic:", "tag:"]),
        ("-i", ["-is:"]),
        ("topic:s", ["topic:small"]),
        ("-tag:", ["-tag:both", "-tag:easy"]),
        ("is:su", ["is:suspended"]),
        ("level:", [f"level:{n}" for n in range(1, 6)]),
        ("lang:z", ["lang:zh"]),
        ("nothing:x", []),
        ("attention", []),
    ],
)
def test_queries(run: Run, typed: str, offered: list[str]) -> None:
    run("due")
    assert complete_query(typed) == offered


def test_without_a_collection_nothing_is_offered_and_nothing_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMQUIZ_HOME", str(tmp_path / "none"))
    assert complete_id("") == complete_query("topic:") == []
    assert not (tmp_path / "none").exists()
    (tmp_path / "collection.db").write_bytes(b"x" * 100)
    monkeypatch.setenv("LLMQUIZ_HOME", str(tmp_path))
    assert complete_id("") == []


def test_the_shell_is_told(run: Run) -> None:
    run("due")
    for args, word in (("llmquiz show fir", "first"), ("llmquiz flag fif", "fifth"), ("llmquiz list topic:sm", r"topic\\:small")):
        env = {"_LLMQUIZ_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": args}
        done = CliRunner().invoke(build(), [], prog_name="llmquiz", env=env)
        assert word in done.stdout, done.stdout
