"""Settings: shown with where they come from, set with comments kept, refused when wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import llmquiz

from llmquiz.config import READERS, Settings, paths, settings, with_setting
from llmquiz.errors import LlmquizError


def test_every_setting_is_shown_with_where_it_comes_from(environ: dict[str, str], home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('new_per_day = 5\nlang = "zh"\n')
    shown = json.loads(llmquiz(environ | {"EDITOR": "ed", "NO_COLOR": "1"}, "config", "--json").stdout)
    assert set(shown) == set(READERS)
    assert shown["new_per_day"] == {"value": 5, "from": "file"}
    assert shown["lang"] == {"value": "zh", "from": "file"}
    assert shown["cutoff"] == {"value": "04:00", "from": "default"}
    assert shown["editor"] == {"value": "ed", "from": "environment"}
    assert shown["colour"] == {"value": False, "from": "environment NO_COLOR"}
    plain = llmquiz(environ, "config").stdout
    assert "new_per_day  5  (file)" in plain
    assert f"home         {home}  (environment LLMQUIZ_HOME)" in plain
    assert llmquiz(environ, "config", "path").stdout == f"{home}/config.toml\n"
    assert llmquiz(environ, "config", "cutoff").stdout == "cutoff  04:00  (default)\n"


def test_setting_one(environ: dict[str, str], home: Path) -> None:
    assert llmquiz(environ, "config", "new_per_day", "20").stdout == f"new_per_day = 20 in {home}/config.toml\n"
    assert llmquiz(environ, "config", "cutoff", "03:00").stdout.startswith("cutoff = 03:00")
    assert llmquiz(environ, "config", "points", "false").returncode == 0
    assert (home / "config.toml").read_text() == 'new_per_day = 20\ncutoff = "03:00"\npoints = false\n'
    assert llmquiz(environ, "config", "interview", "2026-12-24").stdout.startswith("interview = 2026-12-24 in ")
    assert json.loads(llmquiz(environ, "config", "interview", "--json").stdout)["interview"]["value"] == "2026-12-24"
    assert llmquiz(environ, "config", "interview", "").stdout.startswith("interview = - in ")
    done = llmquiz(environ, "config", "new_per_day", "many")
    assert (done.returncode, done.stderr) == (1, "error: `new_per_day` has to be a whole number from 0 to 9999\n")
    assert "did you mean `cutoff`" in llmquiz(environ, "config", "cutof", "1").stderr
    assert "did you mean `cutoff`" in llmquiz(environ, "config", "cutof").stderr


@pytest.mark.parametrize(
    ("text", "name", "value", "after"),
    [
        ("", "lang", "zh", 'lang = "zh"\n'),
        ("# mine\nlang = 'en'  # for now\n", "lang", "both", '# mine\nlang = "both"  # for now\n'),
        ("points = true", "lang", "zh", 'points = true\nlang = "zh"\n'),
        ("", "banks", "~/b", 'banks = ["~/b"]\n'),
        ("", "banks", '["a", "b"]', 'banks = ["a", "b"]\n'),
        ("", "editor", "code --wait", 'editor = "code --wait"\n'),
    ],
)
def test_comments_and_order_stay(text: str, name: str, value: str, after: str) -> None:
    assert with_setting(text, name, value) == after


def test_a_value_over_several_lines_is_left_alone() -> None:
    with pytest.raises(LlmquizError, match="several lines"):
        with_setting('banks = [\n  "a",\n]\n', "banks", "b")


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path / "none.toml") == Settings()


def test_the_home_is_the_platform_s_unless_named(tmp_path: Path) -> None:
    assert paths({"LLMQUIZ_HOME": str(tmp_path)}).home == tmp_path
    assert paths({}).home.name == "llmquiz"


def test_colours_can_be_switched_off(environ: dict[str, str], home: Path) -> None:
    llmquiz(environ, "config", "colour", "false")
    from pty_learner import Learner

    with Learner(environ | {"PAGER": "cat"}, "stats") as me:
        me.end()
        assert b"\x1b[36m" not in me.raw
        assert b"Retention" in me.raw
