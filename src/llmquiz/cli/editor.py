"""The learner's editor on a text.

Invariant: the editor is started without a shell, on a file that only the learner can read and that is gone afterwards.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from llmquiz.disk import read_file
from llmquiz.errors import LlmquizError

FALLBACKS = ("sensible-editor", "nano", "vim", "vi", "notepad")


def command(configured: str = "") -> list[str]:
    """Return the editor's words: the configured one, $VISUAL, $EDITOR, else the first of the usual ones that is there."""
    said = configured or os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(said)
    except ValueError as error:
        msg = f"{said}: no command for an editor ({error}); set EDITOR, or `editor` in config.toml"
        raise LlmquizError(msg) from error
    if not words and not sys.stdin.isatty():  # it would wait for keys that nobody can press
        msg = "no terminal, and no editor to start without one: set EDITOR, or `editor` in config.toml"
        raise LlmquizError(msg)
    words = words or [next((name for name in FALLBACKS if shutil.which(name)), "vi")]
    if not shutil.which(words[0]):
        msg = f"{words[0]}: no such editor; set EDITOR, or `editor` in config.toml"
        raise LlmquizError(msg)
    return words


def edit(text: str, configured: str = "", name: str = "question.yaml") -> str:
    """Open `text`, in a file of that name, in the editor and return what was saved.

    Raises LlmquizError where the editor cannot run or fails.
    """
    words = command(configured)
    with tempfile.TemporaryDirectory(prefix="llmquiz-") as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*words, str(path)], check=False)  # noqa: S603  the learner's own choice, no shell
        except (OSError, ValueError) as error:  # a file that is no program; a character that no command can have
            msg = f"{words[0]}: cannot be started ({error}); set EDITOR, or `editor` in config.toml"
            raise LlmquizError(msg) from error
        if done.returncode:
            msg = f"{words[0]} ended with {done.returncode}: nothing was saved"
            raise LlmquizError(msg)
        return _saved(path, words[0])


def _saved(path: Path, editor: str) -> str:
    """Return the text that an editor left, its lines ended as Python does; raises LlmquizError where it left none."""
    try:
        return read_file(path).decode().replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        said = error.strerror
    except UnicodeDecodeError as error:
        said = f"not UTF-8: {error}"
    msg = f"what {editor} left cannot be read ({said}): nothing was saved"
    raise LlmquizError(msg)
