"""Nothing leaks: modes, paths out of the collection, terminal escapes, YAML bombs, shells."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import NOON, ROOT, Run, llmquiz
from pty_learner import Learner, small_home

from llmquiz.bank.events import parse
from llmquiz.bank.folders import LARGEST
from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings
from llmquiz.model import Grade

# modes


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of every file and folder below a folder."""
    return {str(p.relative_to(folder)): stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*")}


ADD = ("add", "--topic", "mine", "--id", "why", "--question", "Why?", "--answer", "So.")


def test_home_is_0700_and_files_are_0600(environ: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    environ["LLMQUIZ_HOME"] = str(home)
    with umask(0o022):
        assert llmquiz(environ, *ADD).returncode == 0
        assert llmquiz(environ, "config", "new_per_day", "5").returncode == 0
        with Learner(environ, "study", "--topic", "mine") as me:
            me.see("Why")
            there = modes(home)
            me.press("q")
            me.end()
    assert {"collection.db", "collection.db-wal", "collection.db-shm", "config.toml", "questions/mine.yaml"} <= there.keys()
    assert there.pop("questions") == stat.S_IMODE(home.stat().st_mode) == 0o700
    assert set(there.values()) == {0o600}


def test_files_made_under_another_umask_are_tightened_when_they_are_written(environ: dict[str, str]) -> None:
    home = Path(environ["LLMQUIZ_HOME"])
    llmquiz(environ, *ADD)
    llmquiz(environ, "config", "new_per_day", "5")
    home.chmod(0o750)
    files = [home / "collection.db", home / "config.toml", home / "questions" / "mine.yaml"]
    for file in files:
        file.chmod(0o664)
    llmquiz(environ, "config", "new_per_day", "6")
    llmquiz(environ, "rename", "why", "why-not")
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3
    assert stat.S_IMODE(home.stat().st_mode) == 0o750, "a folder keeps the mode that its owner gave it"
    files[1].chmod(0o400)
    llmquiz(environ, "config", "new_per_day", "7")
    assert stat.S_IMODE(files[1].stat().st_mode) == 0o400, "never loosened"


def test_a_file_of_a_shared_bank_keeps_its_mode(environ: dict[str, str], bank: Path) -> None:
    small_home(environ, bank)
    (bank / "small.yaml").chmod(0o664)
    done = llmquiz(environ | {"EDITOR": "sed -i s/third/3rd/"}, "edit", "first")
    assert done.returncode in (0, 1)
    assert llmquiz(environ | {"EDITOR": "sed -i s/zero/nought/"}, "edit", "first").stdout.startswith("saved")
    assert stat.S_IMODE((bank / "small.yaml").stat().st_mode) == 0o664


# paths

OUTSIDE = "topic: secret\nquestions:\n  - {id: secret-one, question: What is the secret?, answer: The secret.}\n"


def test_a_link_out_of_a_bank_is_not_followed(run: Run, bank: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(OUTSIDE)
    (bank / "secret.yaml").symlink_to(secret)
    (bank / "linked.yaml").symlink_to("small.yaml")  # within the folder: fine, but its ids are there twice
    for command in (("list",), ("due",), ("check", str(bank))):
        done = run(*command)
        assert "secret-one" not in done.output
        assert "secret.yaml: a link that leads out of its folder, which is not followed" in done.output
        assert "linked.yaml: a link" not in done.output
    assert run("edit", "secret-one").exit_code == 1
    assert secret.read_text() == OUTSIDE


def test_a_link_out_of_the_own_folder_is_not_written_through(run: Run, home: Path, tmp_path: Path) -> None:
    (home / "questions").mkdir()
    for target in (tmp_path / "elsewhere.yaml", tmp_path / "nowhere.yaml"):
        (tmp_path / "elsewhere.yaml").write_text("topic: mine\nquestions: []\n")
        (home / "questions" / "mine.yaml").symlink_to(target)
        done = run(*ADD)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "a link that leads out of its folder" in done.stderr
        (home / "questions" / "mine.yaml").unlink()
    assert (tmp_path / "elsewhere.yaml").read_text() == "topic: mine\nquestions: []\n"
    assert not (tmp_path / "nowhere.yaml").exists()


@pytest.mark.parametrize("name", ["../../evil", "/evil", "..", "a/b", "a\\b", "evil\x00", "~/evil", "C:evil", ""])
def test_no_name_leads_out_of_the_folder(run: Run, home: Path, tmp_path: Path, name: str) -> None:
    before = {p for p in tmp_path.rglob("*") if home not in (p, *p.parents)}
    item = tmp_path / "home" / "item.yaml"
    item.write_text(f"topic: {json.dumps(name)}\nquestions:\n  - {{id: fine, question: Why?, answer: So.}}\n")
    for_topic = run("add", "--file", str(item)) if name else run("add", "--file", str(item), "--topic", " ")
    assert for_topic.exit_code == 1 or name == ""
    item.write_text(f"{{id: {json.dumps(name)}, question: Why?, answer: So.}}\n")
    assert run("add", "--file", str(item), "--topic", "mine").exit_code == 1
    assert run(*ADD).exit_code == 0
    assert run("rename", "why", name).exit_code == 1
    assert {p for p in tmp_path.rglob("*") if home not in (p, *p.parents)} == before
    assert [p.name for p in (home / "questions").iterdir()] == ["mine.yaml"]


# terminals

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\x90q\x9c\x00\x08\u202eevil"
OBEYED = re.compile("\x1b\\]0;|\x1b\\[2J(?!\x1b)|\x9b|\x90|\x9c|\x07|\x08|\u202e")
HOSTILE = {
    "id": "evil",
    "question": f"Question {EVIL}",
    "short": f"Short {EVIL}",
    "answer": f"Answer {EVIL}\n\n```\ncode {EVIL}\n```\n\n|a|b|\n|-|-|\n|{EVIL}|$x${EVIL}|\n\n[link](http://x/{EVIL}) {EVIL}",
    "points": [{"text": f"Point {EVIL}", "must": True}],
    "pitfalls": [f"Pitfall {EVIL}"],
    "tags": [f"tag {EVIL}"],
    "sources": [{"title": f"Source {EVIL}", "where": EVIL}],
    "follow_ups": ["evil-choice"],
}
CHOICE = {"id": "evil-choice", "kind": "choice", "question": f"Which {EVIL}?", "answer": f"This {EVIL}"}
CHOICE["options"] = [{"text": f"{x} {EVIL}", "correct": x == "right", "why": f"Since {EVIL}"} for x in ("right", "wrong")]  # type: ignore[assignment]
QUERIES = (
    ("show", "evil"),
    ("show", "evil", "--json"),
    ("show", "evil-choice"),
    ("list",),
    ("list", "--json"),
    ("search", "evil"),
    ("check",),
    ("check", "--strict", "--json"),
    ("history",),
    ("history", "--json"),
    ("stats",),
    ("stats", "--json"),
    ("topics",),
    ("topics", "--json"),
    ("due",),
    ("undo",),
    ("redo",),
    ("config",),
    ("flag", "evil"),
    ("show", EVIL.replace("\x00", "")),
    ("list", f"topic:{EVIL}".replace("\x00", "")),
    ("study", "--topic", EVIL.replace("\x00", "")),
    ("check", f"no such folder {EVIL}".replace("\x00", "")),
    ("edit", EVIL.replace("\x00", "")),
)


@pytest.fixture
def hostile(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A home with a bank whose every text, topic and file name has escape sequences in it, and a review with one."""
    bank = tmp_path / f"bank {EVIL}".replace("\x00", "").replace("/", "")
    bank.mkdir()
    file = {"topic": f"a{EVIL}".replace("\x00", ""), "title": f"Title {EVIL}", "questions": [HOSTILE, CHOICE]}
    (bank / f"a{EVIL}.yaml".replace("\x00", "")).write_text(json.dumps(file))
    (bank / f"b{EVIL}.yaml".replace("\x00", "")).write_text(json.dumps({**file, f"key {EVIL}": EVIL, "questions": [{"id": EVIL, "a": 1}]}))
    home = Path(environ["LLMQUIZ_HOME"])
    home.mkdir()
    (home / "config.toml").write_text(f"shipped = false\nbanks = [{json.dumps(str(bank))}]\n".replace("\x9b", "\\u009b"))
    collection = Collection(Paths(home), Settings(shipped=False), banks=[bank])
    collection.refresh()
    collection.grade("evil", Grade.GOOD, NOON, answer=f"said {EVIL}")
    collection.close()
    return environ


@pytest.mark.parametrize("args", QUERIES, ids=lambda args: " ".join(args)[:20].encode("unicode_escape").decode())
def test_no_escape_sequence_is_obeyed_on_a_pipe(hostile: dict[str, str], args: tuple[str, ...]) -> None:
    done = llmquiz(hostile, *args)
    assert "Traceback" not in done.stderr
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.stdout + done.stderr)


def test_no_escape_sequence_is_obeyed_by_study_on_a_pipe(hostile: dict[str, str]) -> None:
    done = llmquiz(hostile, "study", "--ahead", lines=f"{EVIL}\n{EVIL}\n+1\n4\n1\n0\n")
    assert "Question" in done.stdout
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.stdout + done.stderr)


@pytest.mark.parametrize("args", [("show", "evil"), ("list",), ("topics",), ("stats",), ("history",), ("check",)], ids=lambda a: a[0])
def test_no_escape_sequence_is_obeyed_on_a_terminal(hostile: dict[str, str], args: tuple[str, ...]) -> None:
    with Learner(hostile | {"PAGER": "cat"}, *args) as me:
        me.end()
    assert me.raw
    assert not OBEYED.search(me.raw.decode())


def test_no_escape_sequence_is_obeyed_by_the_study_screen(hostile: dict[str, str]) -> None:
    with Learner(hostile, "study", "--ahead", rows=60) as me:
        for n in (1, 2):
            me.see(f"{n} of 2", "Question|Which", "Enter")
            me.press("\r" if "Question" in me.text else "1\r")
            me.see("What did you say|Enter takes")
            if "What did you say" in me.text:
                me.press("1\r")
            me.see("How well|Enter takes")
            me.press("0")
        me.see("again: 2 left")
        me.press("q")
        me.end()
    page = "\x1b[H\x1b[J"  # what the screen itself writes
    assert not OBEYED.search(me.raw.decode().replace(page, ""))


# YAML

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "an anchor"),
        ("a: *b\n", "an alias"),
        ("a: {<<: {b: c}}\n", "merge key"),
        ("a: !!python/object/apply:os.system [touch /tmp/owned]\n", "a tag"),
        ("!!python/name:os.system\n", "a tag"),
        ("[" * 10_000 + "]" * 10_000, "nested deeper"),
        ("{a: " * 10_000, "nested deeper"),
        ("\n".join(" " * i + "a:" for i in range(2_000)), "nested deeper"),
        ("- " * 10_000, "nested deeper"),
        ("? " * 10_000, "as a key"),
        ("a: " + "9" * 100_000, ""),
        ("a: 0x" + "f" * 100_000, ""),
    ],
    ids=["bomb", "alias", "merge", "apply", "name", "lists", "maps", "indents", "dashes", "keys", "digits", "hex"],
)
def test_yaml_is_loaded_safely(text: str, said: str) -> None:
    value, found = parse(text.encode())
    assert said in (found[0][1] if found else "")
    assert found or value


def test_a_file_that_is_too_large_is_not_read(run: Run, bank: Path, home: Path) -> None:
    huge = bank / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(100 * 2**20)
    for command in (("due",), ("check", str(bank)), ("check", str(huge))):
        assert "100 MiB is too large for a bank file" in run(*command).output
    assert "too large for one question" in run("add", "--file", str(huge)).stderr
    assert "too large for one question" in run("add", "--file", "/dev/zero").stderr
    assert LARGEST < 100 * 2**20


def test_settings_that_nest_without_end(run: Run, home: Path) -> None:
    (home / "config.toml").write_text("banks = " + "[" * 10_000)
    done = run("due")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "config.toml: not TOML" in done.stderr


# shells


def test_nothing_is_started_with_a_shell() -> None:
    shells = re.compile(r"shell\s*=\s*True|os\.system|os\.popen|getoutput|pty\.spawn|create_subprocess_shell|(?<![.\w])(?:eval|exec)\(")
    sources = [p for p in (ROOT / "src").rglob("*.py") if p.parent.name != "sandbox"]  # which runs a question's code, and refuses it shells
    assert [f"{p}: {m[0]}" for p in sources for m in shells.finditer(p.read_text(encoding="utf-8"))] == []
