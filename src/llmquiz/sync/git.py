"""The folder in a git repository: commit, fetch, rebase, push, by the git program.

Invariant: nothing here asks anybody anything, waits for ever, or touches a file that is not this device's; what git cannot
do comes back as one line.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from llmquiz.bank.write import replace
from llmquiz.errors import LlmquizError

SECONDS = 60  # that one git command may take
TRIES = 5  # a push race is lost at most this many times
ATTRIBUTES = ".gitattributes"
UNION = "*.jsonl -text merge=union\n"  # lines only ever come on: git may take those of both sides
UNDER_WAY = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
AUTHOR = {"user.name": "llmquiz", "user.email": "llmquiz@localhost"}  # where none is configured


class GitError(LlmquizError):
    """What git could not do, in one line."""


class RejectedError(GitError):
    """Somebody else pushed first."""


def inside(folder: Path) -> bool:
    """Whether a folder is in a git repository that does not ignore it; needs no git."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return False
    try:
        return Repository(folder).run("check-ignore", "-q", str(folder)).returncode != 0
    except GitError:
        return True  # what is wrong is told when it is used


class Repository:
    """The repository that a folder is in."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        """Say which folder; `environ` stands for the environment of this program."""
        self.folder = folder
        here = dict(os.environ if environ is None else environ)
        kept = {k: v for k, v in here.items() if k not in _MISLEADING}
        self.environ = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes"} | kept | _SILENT
        self.author: list[str] = []

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run git and return what it said; raises GitError where there is no git or it takes too long."""
        command = ["git", "-C", str(self.folder), "-c", "core.askPass=", "-c", "commit.gpgSign=false", *self.author, *args]
        try:
            process = subprocess.Popen(  # noqa: S603  no shell; the arguments are ours
                command,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # no terminal to ask on, and one group to end
            )
        except FileNotFoundError as error:
            msg = "the folder is in a git repository, but there is no `git` program: install it"
            raise GitError(msg) from error
        with process:
            try:
                out, err = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired as error:
                _end(process)
                msg = f"git {args[0]}: no answer within {SECONDS} seconds: is the network there?"
                raise GitError(msg) from error
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def say(self, *args: str) -> str:
        """Run git and return its output; raises GitError with what it complains of."""
        done = self.run(*args)
        if done.returncode:
            msg = f"git {args[0]}: {_complaint(done)}"
            raise GitError(msg)
        return done.stdout.strip()

    def ready(self) -> str:
        """Return the branch; raises GitError where the repository is in no state to be committed to."""
        folder = Path(self.say("rev-parse", "--absolute-git-dir"))
        for name, what in UNDER_WAY.items():
            if (folder / name).exists():
                msg = f"a {what} is under way in {self.folder}: `git {what} --continue` or `git {what} --abort`, then sync again"
                raise GitError(msg)
        branch = self.run("symbolic-ref", "-q", "--short", "HEAD").stdout.strip()
        if not branch:
            msg = f"HEAD is detached in {self.folder}: `git switch` to a branch, then sync again"
            raise GitError(msg)
        self.author = []
        for name, value in AUTHOR.items():
            if self.run("config", name).returncode:
                self.author += ["-c", f"{name}={value}"]
        return branch

    def commit(self, paths: Sequence[Path], message: str) -> bool:
        """Commit these files alone, whatever else is staged; return whether there was anything to commit."""
        attributes = self.folder / ATTRIBUTES
        if not attributes.exists():
            replace(attributes, UNION.encode())
        names = [str(p.relative_to(self.folder)) for p in (attributes, *paths) if p.exists()]
        self.say("add", "--", *names)
        if not self.run("diff", "--cached", "--quiet", "--", *names).returncode:
            return False
        self.say("commit", "--quiet", "--no-verify", "-m", message, "--", *names)
        return True

    def remote(self, branch: str) -> tuple[str, str] | None:
        """Return the remote of a branch and the branch's name there; None where there is no remote."""
        remotes = self.say("remote").split()
        name = self.run("config", f"branch.{branch}.remote").stdout.strip()
        if name not in remotes:
            name = "origin" if "origin" in remotes else remotes[0] if len(remotes) == 1 else ""
        if not name:
            return None
        there = self.run("config", f"branch.{branch}.merge").stdout.strip() or f"refs/heads/{branch}"
        return name, there.removeprefix("refs/heads/")

    def pull(self, remote: str, branch: str) -> list[str]:
        """Fetch, and put our commits on top of what came; raises GitError, the repository as it was.

        Return the branches that the remote has while it does not have this one.
        """
        self.say("fetch", "--quiet", remote)
        target = f"refs/remotes/{remote}/{branch}"
        if self.run("rev-parse", "--quiet", "--verify", target).returncode:
            there = self.say("for-each-ref", "--format=%(refname:lstrip=3)", f"refs/remotes/{remote}").split()
            return [name for name in there if name != "HEAD"]
        done = self.run("rebase", "--quiet", "--autostash", target)
        if done.returncode:
            torn = self.run("diff", "--name-only", "--diff-filter=U").stdout.split("\n")[:-1]
            self.run("rebase", "--abort")
            said = f"conflict in {', '.join(torn)}" if torn else _complaint(done)
            msg = f"git rebase: {said}. The repository is as it was: `git pull --rebase` in {self.folder}, settle it, then sync again"
            raise GitError(msg)
        return []

    def push(self, remote: str, branch: str) -> None:
        """Push; raises RejectedError where somebody was first, GitError for the rest."""
        done = self.run("push", "--porcelain", "--set-upstream", remote, f"HEAD:refs/heads/{branch}")
        if not done.returncode:
            return
        rejected = next((line for line in done.stdout.split("\n") if line.startswith("!")), "")
        race = "cannot lock ref" in done.stderr or self._moved(remote, branch)
        kind = RejectedError if race else GitError
        said = rejected.rpartition("\t")[2] or _complaint(done)
        msg = f"git push: {said}"
        raise kind(msg)

    def _moved(self, remote: str, branch: str) -> bool:
        """Whether a branch of the remote is no longer where it was fetched; how git words that is another in each version."""
        there = self.run("ls-remote", remote, f"refs/heads/{branch}").stdout.partition("\t")[0]
        fetched = self.run("rev-parse", "--quiet", "--verify", f"refs/remotes/{remote}/{branch}").stdout.strip()
        return there not in ("", fetched)


def pause(tries: int) -> None:
    """Wait a little after a lost race, longer each time."""
    time.sleep(0.1 * tries)


_MISLEADING = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_ASKPASS", "SSH_ASKPASS"}  # in hooks
_SILENT = {"GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never", "SSH_ASKPASS_REQUIRE": "never", "GIT_EDITOR": "true", "LC_ALL": "C"}


def _end(process: subprocess.Popen[str]) -> None:
    """End git and what it started."""
    with contextlib.suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return the line in which git says what is wrong."""
    lines = [line.strip() for line in f"{done.stderr}\n{done.stdout}".split("\n") if line.strip() and not line.startswith("hint:")]
    for mark in ("fatal: ", "error: "):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark)
    return lines[0] if lines else f"failed with exit code {done.returncode}"
