"""Questions, titles and settings on several machines: versions come together, and no edit is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from machines import Home, questions

from llmquiz import authoring
from llmquiz.config import Settings
from llmquiz.config import settings as read_settings
from llmquiz.log.lines import LineError
from llmquiz.sync.edits import SETTING, Base, Thing, Versions, from_line, reconcile, to_line

Make = Callable[..., Home]
THINGS: list[Thing] = [(SETTING, "lang"), (SETTING, "points")]


class EditsMachine(RuleBasedStateMachine):
    """Three devices that edit and remove things and see each other's files late, in part and out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.here: list[dict[Thing, str]] = [{}, {}, {}]
        self.base: list[dict[Thing, Base]] = [{}, {}, {}]
        self.files: list[list[str]] = [[], [], []]
        self.set: set[str] = set()
        self.let_go: set[str] = set()

    @rule(n=st.integers(0, 2), thing=st.sampled_from(THINGS), remove=st.booleans())
    def edit(self, n: int, thing: Thing, remove: bool) -> None:  # noqa: FBT001
        if old := self.here[n].pop(thing, None):
            self.let_go.add(old)
        if not remove:
            self.here[n][thing] = value = f"value {len(self.set)}"
            self.set.add(value)

    @rule(n=st.integers(0, 2), random=st.randoms(use_true_random=False))
    def sync(self, n: int, random: Any) -> None:
        self.exchange(n, [f if m == n else f[: random.randint(0, len(f))] for m, f in enumerate(self.files)], random)

    @rule(n=st.integers(0, 2))
    def forget(self, n: int) -> None:
        """What a device remembers may be dropped; then what was removed elsewhere or here may come back, never the reverse."""
        self.base[n].clear()

    def exchange(self, n: int, files: list[list[str]], random: Any = None) -> int:
        lines = [line for f in files for line in f]
        if random:
            random.shuffle(lines)
        known = Versions(from_line(line) for line in lines)
        changed = 0
        for thing in THINGS:
            outcome = reconcile(known, thing, self.here[n].get(thing), self.base[n].get(thing))
            self.files[n] += [to_line(edit) for edit in outcome.new]
            self.let_go.update(outcome.displaced)
            changed += len(outcome.new) + (outcome.value != self.here[n].get(thing))
            self.base[n][thing] = outcome.base
            self.here[n].pop(thing, None)
            if outcome.value is not None:
                self.here[n][thing] = outcome.value
        return changed

    def teardown(self) -> None:
        for _ in range(5):
            changed = sum(self.exchange(n, self.files) for n in range(3))
        assert changed == 0, "it comes to rest"
        assert self.here[0] == self.here[1] == self.here[2]
        assert self.set <= self.let_go | set(self.here[0].values()), "an edit went away that nobody changed and nobody was told of"


TestVersions = EditsMachine.TestCase
TestVersions.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize(
    "line",
    [
        '{"v": 1, "event": "edit", "what": "question", "name": "a", "value": {"topic": "../../x", "text": ""}, "after": []}',
        '{"v": 1, "event": "edit", "what": "question", "name": "a", "value": {"topic": ".x", "text": ""}, "after": []}',
        '{"v": 1, "event": "edit", "what": "question", "name": "a", "value": {"topic": "x", "text": "\\ud800"}, "after": []}',
        '{"v": 1, "event": "edit", "what": "title", "name": "a/b", "value": "x", "after": []}',
        '{"v": 1, "event": "edit", "what": "setting", "name": "banks", "value": "x", "after": []}',
        '{"v": 1, "event": "edit", "what": "setting", "name": "lang", "value": "zh", "after": ["x"]}',
        '{"v": 1, "event": "edit", "what": "setting", "name": "lang", "after": []}',
        '{"v": 1, "event": "review"}',
        "{}",
    ],
)
def test_what_is_no_edit_is_told(line: str) -> None:
    with pytest.raises(LineError, match=r"no edit|no event"):
        from_line(line)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A maker of homes that share a folder; all are closed afterwards."""
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "some.yaml").write_text(questions(3))
    made: list[Home] = []

    def new(name: str) -> Home:
        made.append(Home(tmp_path / name, tmp_path / "shared", bank))
        return made[-1]

    yield new
    for home in made:
        home.close()


OWN = """\
# my own
topic: own
title: {en: Mine, zh: 我的}
questions:
  - id: one   # the first
    question: {en: "What?", zh: "什么？"}
    answer: |
      So.

      And so.
  # about the second
  - id: two
    question: Why?
    answer: Because.
"""


def write(home: Home, text: str, topic: str = "own") -> None:
    home.paths.questions.mkdir(exist_ok=True)
    (home.paths.questions / f"{topic}.yaml").write_text(text, encoding="utf-8")


def own(home: Home, topic: str = "own") -> str:
    return (home.paths.questions / f"{topic}.yaml").read_text(encoding="utf-8")


def ids(home: Home) -> list[str]:
    return sorted(i for i in home.collection.ids() if not i.startswith("card-"))


def rest(*homes: Home) -> None:
    """Sync until nothing moves."""
    for _ in range(3):
        reports = [home.sync() for home in homes]
    assert all(not (r.sent or r.came) for r in reports), "it comes to rest"


def test_questions_and_titles_travel_with_their_comments(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    assert a.sync().sent == {"question": 2, "title": 1}
    assert b.sync().came == {"question": 2, "title": 1}
    assert ids(b) == ["one", "two"]
    assert own(b) == OWN.replace("# my own\n", "").replace("  # about the second\n", "")
    rest(a, b)
    assert own(a) == OWN


def test_what_only_one_changed_is_taken_and_the_rest_of_the_file_stays(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    rest(a, b)
    write(b, own(b).replace("Because.", "Because it is.") + "# b's own comment\n")
    write(a, OWN.replace("- id: one   # the first", "- id: one   # the very first").replace("en: Mine", "en: My own"))
    b.sync()
    assert a.sync().came == {"question": 1}
    assert own(a) == OWN.replace("# the first", "# the very first").replace("en: Mine", "en: My own").replace("Because.", "Because it is.")
    assert b.sync().came == {"question": 1, "title": 1}
    assert "# the very first" in own(b)
    assert "en: My own" in own(b)
    assert own(b).endswith("# b's own comment\n")
    rest(a, b)


def test_two_edits_of_one_question_are_both_kept_and_shown_by_check(make: Make) -> None:
    a, b, c = make("a"), make("b"), make("c")
    write(a, OWN)
    rest(a, b, c)
    write(a, own(a).replace("Because.", "Because of a."))
    write(b, own(b).replace("Because.", "Because of b."))
    a.sync()
    (problem,) = b.sync().problems
    assert "the question `two` was changed on two machines: the other edit is kept as `two-conflict-" in problem
    rest(a, b, c)
    for home in (a, b, c):
        assert {"Because of a.", "Because of b."} <= {line.strip().removeprefix("answer: ") for line in own(home).split("\n")}
        assert len(ids(home)) == 3
        (found,) = [p for p in home.collection.check().problems if "conflict" in p.message]
        assert not found.warning
        assert "`two` was edited on two machines, and this is the other edit" in found.message
    other = next(i for i in ids(c) if "conflict" in i)
    authoring.remove(c.collection, other)
    rest(c, a, b)
    assert [ids(home) for home in (a, b, c)] == [["one", "two"]] * 3
    assert [p for p in a.collection.check().problems if "conflict" in p.message] == []


def test_the_same_edit_on_both_is_no_conflict(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    rest(a, b)
    for home in (a, b):
        write(home, own(home).replace("Because.", "So."))
        assert home.sync().problems == []
    rest(a, b)
    write(b, own(b).replace("So.", "Thus.", 2))
    rest(a, b)
    assert own(a).count("Thus.") == 2


def test_removed_and_moved_and_renamed(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    rest(a, b)
    authoring.remove(a.collection, "one")
    rest(a, b)
    assert ids(b) == ["two"]
    authoring.rename(b.collection, "two", "second")
    rest(b, a)
    assert ids(a) == ["second"]
    assert "was: [two]" in own(a)
    text = own(a)
    write(a, text.split("questions:")[0] + "questions: []\n")
    write(a, "questions:" + text.split("questions:")[1], "else")
    rest(a, b)
    assert ids(b) == ["second"]
    assert "second" in own(b, "else")
    authoring.remove(b.collection, "second")
    rest(b, a)
    assert ids(a) == []


def test_removed_here_and_edited_there_stays(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    rest(a, b)
    authoring.remove(a.collection, "two")
    write(b, own(b).replace("Because.", "Because of b."))
    rest(a, b)
    assert "Because of b." in own(a)
    assert ids(a) == ids(b) == ["one", "two"]


def test_an_edit_taken_back_is_an_edit(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    rest(a, b)
    write(a, OWN.replace("Because.", "Hm."))
    rest(a, b)
    write(a, OWN)
    rest(a, b)
    assert "Because." in own(b)


@pytest.mark.parametrize(
    "broken",
    ["questions:\n  - id: one\n   bad", "", "questions:\n  - question: no id\n", OWN + "  - id: two\n", OWN.replace("en: Mine", "en: 1")],
)
def test_a_file_that_cannot_be_read_removes_nothing(make: Make, broken: str) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    rest(a, b)
    write(a, broken)
    report = a.sync()
    assert report.sent == report.came == {}
    assert "own.yaml" in report.problems[0]
    assert "Your questions were not exchanged: mend this first" in report.problems[0]
    b.sync()
    assert ids(b) == ["one", "two"]
    assert own(a) == broken


def test_a_folder_of_questions_that_is_gone_is_filled_again(make: Make) -> None:
    a = make("a")
    write(a, OWN)
    a.sync()
    (a.paths.questions / "own.yaml").unlink()
    a.paths.questions.rmdir()
    assert a.sync().came == {"question": 2, "title": 1}
    rest(a)


def test_what_does_not_fit_here_is_told_and_kept_in_the_folder(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, OWN)
    rest(a, b)
    write(b, "topic: own\nquestions: [{id: one, question: Q, answer: A}, {id: two, question: Q, answer: A}]\n")
    rest(b, a)
    write(a, own(a).replace("answer: A", "answer: B"))
    a.sync()
    for _ in range(2):
        report = b.sync()
        assert any("the question `one` came and cannot be put in place" in p and "in brackets" in p for p in report.problems)
    assert "answer: A" in own(b)
    write(b, "topic: own\nquestions:\n  - {id: one, question: Q, answer: A}\n  - {id: two, question: Q, answer: A}\n")
    b.sync()
    rest(a, b)
    assert "answer: B" in own(b)


def test_a_copy_that_replaces_a_shipped_question_travels(make: Make) -> None:
    a, b = make("a"), make("b")
    draft = authoring.draft(a.collection, "card-00")
    authoring.save(a.collection, draft, draft.text.replace("What is 0?", "What is nought?"))
    rest(a, b)
    assert b.collection.question("card-00").body["question"] == "What is nought?"
    for home, word in ((a, "nil"), (b, "zero")):
        write(home, own(home, "some").replace("nought", word), "some")
    rest(a, b)
    (other,) = [i for i in a.collection.ids() if "conflict" in i]
    assert "replaces" not in a.collection.question(other).body
    assert a.collection.question("card-00").body["replaces"] is True


def test_settings_travel_except_those_of_one_machine(make: Make) -> None:
    a, b = make("a"), make("b")
    a.paths.config.write_text('# mine\nnew_per_day = 20  # many\nbanks = ["."]\neditor = "vi"\ncutoff = "03:00"\ninterview = 2026-12-24\n')
    assert a.sync().sent == {"setting": 3}
    assert b.sync().came == {"setting": 3}
    assert read_settings(b.paths.config) == Settings(new_per_day=20, cutoff=time(3), interview=date(2026, 12, 24), sync=str(b.shared))
    assert a.sync().came == {}
    b.paths.config.write_text("new_per_day = 20\n")
    rest(b, a)
    assert a.paths.config.read_text().startswith('# mine\nnew_per_day = 20  # many\nbanks = ["."]\neditor = "vi"\n')
    assert "cutoff" not in a.paths.config.read_text()


def test_a_setting_changed_on_both_is_told(make: Make) -> None:
    a, b = make("a"), make("b")
    a.paths.config.write_text('lang = "zh"\n')
    rest(a, b)
    a.paths.config.write_text('lang = "en"\n')
    b.paths.config.write_text('lang = "both"\n')
    a.sync()
    assert b.sync().problems == ["the setting `lang` was changed on two machines: 'both' holds, 'en' does not"]
    rest(a, b)
    assert read_settings(a.paths.config).lang == read_settings(b.paths.config).lang == "both"


def test_hundreds_of_questions_come_in_one_go(make: Make) -> None:
    a, b = make("a"), make("b")
    write(a, questions(300).replace("card", "own"))
    a.sync()
    assert b.sync().came == {"question": 300}
    assert len(ids(b)) == 300
