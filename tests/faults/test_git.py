"""Sync in a git repository: what git can and cannot do, in one line, and nothing of the learner's at stake."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from machines import Home, bare, clone, git, needs_git, questions, same

from llmquiz.model import Grade
from llmquiz.sync import git as by_git

pytestmark = needs_git
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Make = Callable[..., Home]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A bare repository that everybody pushes to."""
    return bare(tmp_path / "origin.git")


@pytest.fixture
def make(tmp_path: Path, origin: Path) -> Iterator[Make]:
    """A maker of homes, each with a clone; all are closed afterwards."""
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "some.yaml").write_text(questions(5))
    made: list[Home] = []

    def new(name: str, shared: Path | None = None) -> Home:
        made.append(Home(tmp_path / name, shared or clone(origin, tmp_path / f"git-{name}"), bank))
        return made[-1]

    yield new
    for home in made:
        home.close()


def grade(home: Home, minute: int = 0) -> None:
    home.collection.grade("card-00", Grade.GOOD, NOW + timedelta(minutes=minute))


def saved(home: Home) -> list[str]:
    """The events in the home's own file."""
    return (home.shared / f"{home.collection.log.meta('device')}.jsonl").read_text().splitlines()


def test_two_clones_come_together(make: Make) -> None:
    a, b = make("a"), make("b")
    grade(a)
    grade(b, 1)
    assert a.sync().git == "in step with origin/main"
    assert b.sync().came == {"review": 1}
    assert a.sync().came == {"review": 1}
    assert len(same([a, b])) == 2
    assert git(a.shared, "status", "--porcelain") == ""
    commits = git(a.shared, "rev-list", "--count", "HEAD")
    a.sync()
    assert git(a.shared, "rev-list", "--count", "HEAD") == commits, "nothing new, no commit"


def test_an_author_is_made_up_only_where_there_is_none(make: Make, tmp_path: Path) -> None:
    a = make("a")
    a.sync()
    assert git(a.shared, "log", "-1", "--format=%an <%ae>") == "llmquiz <llmquiz@localhost>\n"
    (tmp_path / "gitconfig").write_text("[user]\nname = Me\nemail = me@example.org\n[commit]\ngpgSign = true\n")
    grade(a)
    a.sync()
    assert git(a.shared, "log", "-1", "--format=%an <%ae>") == "Me <me@example.org>\n"


def test_without_a_remote_it_commits(make: Make, tmp_path: Path) -> None:
    repository = tmp_path / "alone"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    a = make("a", repository)
    grade(a)
    assert a.sync().git == "committed; there is no remote to push to"
    report = a.sync()
    assert (report.git, report.problems) == ("nothing to commit; there is no remote", [])
    assert git(repository, "log", "--format=%s") == f"llmquiz sync of {report.device}\n"


def test_a_subfolder_of_a_repository_with_other_work_in_it(make: Make) -> None:
    a, b = make("a"), make("b")
    (a.shared / "notes.txt").write_text("one\n")
    git(a.shared, "add", "-A")
    git(a.shared, "commit", "-qm", "notes")
    git(a.shared, "push", "-q", "origin", "HEAD:main")
    git(b.shared, "pull", "-q", "origin", "main")
    (b.shared / "notes.txt").write_text("one\nstaged\n")
    git(b.shared, "add", "notes.txt")
    (b.shared / "notes.txt").write_text("one\nstaged\nnot staged\n")
    for minute, home in enumerate((a, b)):
        home.shared /= "quiz"
        grade(home, minute)
        assert home.sync().problems == []
    a.sync()
    assert (b.shared.parent / "notes.txt").read_text() == "one\nstaged\nnot staged\n"
    assert set(git(b.shared, "log", "--format=", "--name-only").split()) == {
        "notes.txt",
        "quiz/.gitattributes",
        *(f"quiz/{p.name}" for p in b.shared.glob("*.jsonl")),
    }


def test_another_branch_is_told(make: Make) -> None:
    a, b = make("a"), make("b")
    a.sync()
    git(b.shared, "symbolic-ref", "HEAD", "refs/heads/master")
    assert b.sync().git == "in step with origin/master, which is new beside main: machines meet on one branch only"


def test_an_ignored_folder_is_a_plain_one(make: Make) -> None:
    a = make("a")
    (a.shared / ".gitignore").write_text("quiz\n")
    a.shared /= "quiz"
    grade(a)
    assert a.sync().git == ""
    assert len(saved(a)) == 1


def test_clones_of_one_home_that_wrote_one_file_lose_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmquiz.sync import device

    monkeypatch.setattr(device, "place", lambda _: "0" * 16)
    a = make("a")
    grade(a)
    a.collection.device()
    a.close()
    import shutil

    shutil.copytree(a.paths.home, a.paths.home.parent / "b")
    a.open()
    b = make("b")
    grade(a, 1)
    grade(b, 2)
    assert a.sync().problems == b.sync().problems == []
    assert b.sync().problems == a.sync().problems == []
    assert len(same([a, b])) == 3


def test_a_lost_race_is_run_again(make: Make, origin: Path) -> None:
    a, b = make("a"), make("b")
    a.sync()
    b.sync()
    grade(a)
    grade(b, 1)
    hook = b.shared / ".git" / "hooks" / "pre-push"
    hook.write_text(f"#!/bin/sh\nrm $0\ncd {a.shared} && git add -A && git -c user.name=x -c user.email=x commit -qm race && git push -q\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    (a.shared / "race.txt").write_text("first\n")
    report = b.sync()
    assert (report.git, report.problems) == ("in step with origin/main", [])
    assert "race.txt" in git(origin, "ls-tree", "--name-only", "main")


def test_a_race_lost_each_time_is_told(make: Make, origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_git, "pause", lambda _: None)
    a = make("a")
    a.sync()
    grade(a)
    hook = a.shared / ".git" / "hooks" / "pre-push"
    tree = "git -c user.name=x -c user.email=x commit-tree -p main -m race main^{tree}"
    hook.write_text(f"#!/bin/sh\nunset GIT_DIR; cd {origin} && git update-ref refs/heads/main $({tree})\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    report = a.sync()
    assert report.git == "not pushed"
    assert "rejected] (" in report.problems[0]
    assert len(saved(a)) == 1


def trouble_no_git(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("PATH", str(home.paths.home))


def trouble_rebase(home: Home, patch: pytest.MonkeyPatch) -> None:
    (home.shared / ".git" / "rebase-merge").mkdir()


def trouble_detached(home: Home, patch: pytest.MonkeyPatch) -> None:
    git(home.shared, "checkout", "-q", "--detach")


def trouble_network(home: Home, patch: pytest.MonkeyPatch) -> None:
    git(home.shared, "remote", "set-url", "origin", "https://nowhere.invalid/x.git")


def trouble_gone(home: Home, patch: pytest.MonkeyPatch) -> None:
    git(home.shared, "remote", "set-url", "origin", str(home.paths.home / "gone.git"))


def trouble_hook(home: Home, patch: pytest.MonkeyPatch) -> None:
    origin = Path(git(home.shared, "remote", "get-url", "origin").strip())
    hook = origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)


def trouble_lock(home: Home, patch: pytest.MonkeyPatch) -> None:
    (home.shared / ".git" / "index.lock").touch()


def trouble_hangs(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(by_git, "SECONDS", 0.3)
    git(home.shared, "remote", "set-url", "origin", "ext::sleep 60")
    git(home.shared, "config", "protocol.ext.allow", "always")


def trouble_asks(home: Home, patch: pytest.MonkeyPatch) -> None:
    git(home.shared, "config", "credential.helper", "")
    git(home.shared, "remote", "set-url", "origin", "http://127.0.0.1:9/x.git")


def trouble_conflict(home: Home, patch: pytest.MonkeyPatch) -> None:
    other = clone(Path(git(home.shared, "remote", "get-url", "origin").strip()), home.paths.home / "other")
    for folder, text in ((other, "theirs"), (home.shared, "ours")):
        (folder / "notes.txt").write_text(text)
        git(folder, "add", "notes.txt")
        git(folder, "commit", "-qm", text)
    git(other, "push", "-q", "origin", "HEAD:main")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (trouble_no_git, "there is no `git` program: install it"),
        (trouble_rebase, "a rebase is under way in .*: `git rebase --continue` or `git rebase --abort`, then sync again"),
        (trouble_detached, "HEAD is detached in .*: `git switch` to a branch, then sync again"),
        (trouble_network, "git fetch: .*(resolve|remote helper)"),
        (trouble_gone, "git fetch: .*does not appear to be a git repository"),
        (trouble_hook, r"git push: \[remote rejected\] \(pre-receive hook declined\)"),
        (trouble_lock, r"git add: Unable to create .*index.lock.: File exists"),
        (trouble_hangs, "git fetch: no answer within 0.3 seconds: is the network there?"),
        (trouble_asks, "git fetch: .*(connect|remote helper)"),
        (trouble_conflict, "git rebase: conflict in notes.txt. The repository is as it was: `git pull --rebase`"),
    ],
)
def test_what_git_cannot_do_is_told_in_one_line_and_costs_nothing(
    make: Make, trouble: Callable[[Home, pytest.MonkeyPatch], None], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import re

    a = make("a")
    grade(a)
    a.sync()
    grade(a, 1)
    with monkeypatch.context() as patch:
        trouble(a, patch)
        report = a.sync()
    (problem,) = report.problems
    assert re.search(said, problem), problem
    assert problem.endswith(f"What is yours is in {a.shared}")
    assert "\n" not in problem
    assert report.git == "not pushed"
    assert (report.sent, len(saved(a))) == ({"review": 1}, 2)
    assert not (a.shared / ".git" / "rebase-apply").exists()
