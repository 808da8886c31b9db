"""Editing, removing and renaming: one item changes, every other byte stays, progress is kept."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from conftest import Run, llmquiz
from hypothesis import example, given
from hypothesis import strategies as st
from pty_learner import Learner, small_home

from llmquiz.bank.edit import find, remove, rename, rewrite
from llmquiz.bank.events import parse
from llmquiz.bank.files import load
from llmquiz.bank.write import append
from llmquiz.cli.templates import TEMPLATES
from llmquiz.errors import LlmquizError

FILE = """\
# mine
topic: t

questions:
  # about a
  - id: a   # the first
    question: Q
    answer: |
      # not a comment
      text

  # about b
  -
    id: b
    question: {en: Q2}
    answer: A2
    # inside b

# the end
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A bank file with comments in every place."""
    file = tmp_path / "t.yaml"
    file.write_text(FILE)
    return file


def test_an_item_is_found_with_its_own_lines_and_no_others(path: Path) -> None:
    assert find(path, "a").shown == "- id: a   # the first\n  question: Q\n  answer: |\n    # not a comment\n    text\n"
    assert find(path, "b").shown == "-\n  id: b\n  question: {en: Q2}\n  answer: A2\n  # inside b\n"


def test_an_edit_changes_its_lines_only(path: Path) -> None:
    item = find(path, "a")
    rewrite(item, "a", item.shown.replace("text", "other\n    text"))
    assert path.read_text() == FILE.replace("      text\n", "      other\n      text\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- id: a\n  question: 1\n  answer: A\n", "t.yaml:7:15: '1' where text is meant"),
        ("- id: a\n  question: [\n", "not YAML"),
        ("- id: c\n  question: Q\n  answer: A\n", "`llmquiz rename a c` does that"),
        ("- {id: a, question: Q, answer: A}\n- {id: x, question: Q, answer: A}\n", "stay one question"),
        ("", "stay one question"),
    ],
)
def test_an_edit_that_cannot_be_saved_leaves_the_file(path: Path, text: str, message: str) -> None:
    with pytest.raises(LlmquizError) as caught:
        rewrite(find(path, "a"), "a", text)
    assert message in str(caught.value)
    assert path.read_text() == FILE


def test_removing_leaves_every_other_byte(path: Path) -> None:
    remove(find(path, "a"), "a")
    text = path.read_text()
    assert text == FILE.replace("  - id: a   # the first\n    question: Q\n    answer: |\n      # not a comment\n      text\n", "")
    remove(find(path, "b"), "b")
    assert parse(path.read_bytes())[0] == {"topic": "t", "questions": []}
    assert "# the end" in path.read_text()


def test_renaming_notes_the_old_id(path: Path) -> None:
    rename(find(path, "a"), "a", "new")
    assert "  - id: new\n    was: [a]   # the first\n" in path.read_text()
    rename(find(path, "new"), "new", "newer")
    first = parse(path.read_bytes())[0]["questions"][0]
    assert (first["id"], first["was"]) == ("newer", ["a", "new"])
    rename(find(path, "b"), "b", "bb")
    assert parse(path.read_bytes())[0]["questions"][1]["was"] == ["b"]


def test_what_is_not_there_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(LlmquizError, match="no question `x`"):
        find(path, "x")
    flow = tmp_path / "f.yaml"
    flow.write_text("questions: [{id: a, question: Q, answer: A}]\n")
    with pytest.raises(LlmquizError, match="in brackets"):
        find(flow, "a")


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).filter(str.strip)


@given(texts, texts, texts)
@example("Q", "A\xa0", "0")
@example("Q", "A\n\xa0", "\u3000b\n\u2003")
def test_add_then_edit_then_remove_leaves_the_file_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, question: str, answer: str, other: str
) -> None:
    path = tmp_path_factory.mktemp("e") / "t.yaml"
    path.write_text(FILE)
    append(path, {"id": "new", "question": question, "answer": answer})
    before, after = path.read_bytes(), {"id": "new", "question": other, "answer": answer, "tags": ["t"]}
    from llmquiz.bank.write import item_text

    item = find(path, "new")
    try:
        rewrite(item, "new", item_text(after))
    except LlmquizError:  # a text that block style cannot hold
        rewrite(item, "new", item_text(after, quoted=True))
    assert parse(path.read_bytes())[0]["questions"][2] == after
    assert path.read_bytes().startswith(before[: before.rindex(b"- id: new")])
    remove(find(path, "new"), "new")
    assert path.read_text() == FILE


@pytest.fixture
def own(environ: dict[str, str], bank: Path) -> dict[str, str]:
    """A learner with a question of her own that has been reviewed, and an editor that replaces `Why` by `How`."""
    small_home(environ, bank)
    editor = bank.parent / "editor"
    editor.write_text('#!/bin/sh\nsed -i.bak "s/$FROM/$TO/" "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IEXEC)
    environ |= {"EDITOR": str(editor), "FROM": "Why", "TO": "How"}
    llmquiz(environ, "add", "-t", "mine", "--id", "why", "-q", "Why?", "-a", "So.")
    llmquiz(environ, "study", "--topic", "mine", lines="\n5\n")
    return environ


def test_edit_keeps_progress(own: dict[str, str]) -> None:
    assert llmquiz(own, "edit", "why").stdout.startswith("saved: why to ")
    assert "How?" in llmquiz(own, "study", "--topic", "mine", "--ahead").stdout
    assert llmquiz(own, "edit", "why").stdout == "unchanged: why\n"


def test_an_edit_that_breaks_the_question_saves_nothing(own: dict[str, str]) -> None:
    done = llmquiz(own | {"FROM": "Why?", "TO": "[1"}, "edit", "why")
    assert done.returncode == 1
    assert "not YAML" in done.stderr
    assert "Why?" in llmquiz(own, "study", "--topic", "mine", "--ahead").stdout


def test_a_missing_or_failing_editor_is_told(own: dict[str, str]) -> None:
    assert "no such editor" in llmquiz(own | {"EDITOR": "/nowhere/ed"}, "edit", "why").stderr
    assert "no terminal, and no editor" in llmquiz({k: v for k, v in own.items() if k != "EDITOR"}, "edit", "why").stderr
    assert "ended with 1: nothing was saved" in llmquiz(own | {"EDITOR": "false"}, "edit", "why").stderr


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("rm", "what rm left cannot be read (No such file or directory): nothing was saved"),
        ("sh -c 'head -c 99 /bin/sh >$0'", "left cannot be read (not UTF-8"),
        ("sh -c 'rm $0; mkfifo $0'", "a pipe or a device): nothing was saved"),
        ("'unbalanced", "no command for an editor (No closing quotation)"),
    ],
)
def test_an_editor_that_leaves_no_text_is_told(own: dict[str, str], editor: str, said: str) -> None:
    done = llmquiz(own | {"EDITOR": editor}, "edit", "why")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert said in done.stderr


def test_back_to_the_editor_on_a_problem(own: dict[str, str]) -> None:
    with Learner(own | {"FROM": "Why?", "TO": "1"}, "edit", "why") as me:
        me.see("where text is meant", r"Back to the editor")
        me.press("n\r")
        assert me.end() == 1


def test_a_shipped_question_is_edited_as_a_copy_that_replaces_it(environ: dict[str, str], own: dict[str, str]) -> None:
    home = Path(environ["LLMQUIZ_HOME"])
    (home / "config.toml").unlink()
    card = "why-scale-sqrt-dk"
    done = llmquiz(own | {"FROM": "softmax", "TO": "SOFTMAX"}, "edit", card)
    assert "it replaces the shipped one" in done.stdout, done.stderr
    assert "replaces: true" in (home / "questions" / "transformer-architecture.yaml").read_text()
    checked = llmquiz(own, "check", "--kind", "open")
    assert checked.returncode == 0
    assert f"`llmquiz edit --revert {card}` takes this one away" in checked.stdout
    assert llmquiz(own, "due").stderr == "", "an open replacement is no problem"
    assert "\treplaces\t" in llmquiz(own, "list", "is:mine").stdout
    assert "in place" in llmquiz(own, "show", card).stdout
    assert llmquiz(own, "edit", "--revert", card).stdout.startswith(f"reverted: {card}")
    assert "0 warnings" in llmquiz(own, "check", "--kind", "open").stdout
    assert "nothing to revert" in llmquiz(own, "edit", "--revert", card).stderr
    for command in (["remove", card], ["rename", card, "other"]):
        assert "is a shipped question" in llmquiz(own, *command).stderr


def test_remove_keeps_the_reviews(own: dict[str, str]) -> None:
    assert "its 1 reviews stay in the log" in llmquiz(own, "remove", "why").stdout
    assert "reviews of `why`, which is in no bank" in llmquiz(own, "check").stdout
    assert "unknown id 'why'" in llmquiz(own, "remove", "why").stderr


def test_history_follows_a_rename_and_comes_back_with_it(own: dict[str, str]) -> None:
    assert llmquiz(own, "rename", "why", "how").stdout.startswith("renamed: why to how in ")
    assert "0 warnings" in llmquiz(own, "check").stdout, "no orphan"
    assert "No card matches" in llmquiz(own, "study", "--topic", "mine").stdout, "it is not new"
    assert "1 graded today" in llmquiz(own).stdout
    assert llmquiz(own, "undo").stdout.startswith("taken back: why, grade 5")
    assert "Why?" in llmquiz(own, "study", "--topic", "mine").stdout, "now it is new"
    assert "exists: choose another id" in llmquiz(own, "rename", "how", "first").stderr
    assert "is not a slug" in llmquiz(own, "rename", "how", "Not Good").stderr


def test_e_in_the_study_screen_edits_and_comes_back(own: dict[str, str]) -> None:
    with Learner(own, "study", "--topic", "mine", "--ahead") as me:
        me.see("Why")
        me.press("e")
        me.see("saved: why", "How")
        me.press("q")
        assert me.end() == 0


@pytest.mark.parametrize(("kind", "template"), TEMPLATES.items())
def test_a_template_is_a_bank_file_that_loads(kind: str, template: str) -> None:
    f = load("my-questions.yaml", template.encode())
    assert not f.problems
    assert [q.kind for q in f.questions] == [kind]


def test_a_question_is_written_over_a_template(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "sed -i.bak s/num-weights-bytes/my-bytes/")
    done = run("add", "--kind", "numeric", "--topic", "mine", "--level", "3")
    assert done.stdout.startswith("added: my-bytes to "), done.stderr
    assert json.loads(run("show", "my-bytes", "--json").stdout)["question"]["level"] == 3
    monkeypatch.setenv("EDITOR", "true")
    assert run("add", "--kind", "choice").stdout == "not saved: the template is as it was\n"
    monkeypatch.setenv("EDITOR", "sed -i.bak s/correct/right/")
    done = run("add", "--kind", "choice")
    assert done.exit_code == 1
    assert "options.0.right: unknown key 'right'" in done.stderr
    assert "did you mean `choice`" in run("add", "--kind", "choise").stderr
