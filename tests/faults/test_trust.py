"""docs/trust.md: every test that it names exists, and every promise names some or the page that does."""

from __future__ import annotations

import re

from conftest import ROOT

TRUST = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TRUST)
    assert len(named) > 20
    for path, name in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(def {name}\(|{name} = )", source, re.MULTILINE), f"{path}::{name}"


def test_every_promise_says_what_shows_it() -> None:
    promises = TRUST.split("\n## ")[1:]
    assert [p[0] for p in promises] == list("1234567")
    assert all(re.search(r"\.py::test_|\]\((backups|sync)\.md\)", p) for p in promises)
