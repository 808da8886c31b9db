"""The learner's editor on a text.

Invariant: the editor is started without a shell, on a file that only the learner can read and that is gone afterwards.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from llmquiz.errors import LlmquizError

FALLBACKS = ("sensible-editor", "nano", "vim", "vi", "notepad")


def command(configured: str = "") -> list[str]:
    """Return the editor's words: the configured one, $VISUAL, $EDITOR, else the first of the usual ones that is there."""
    said = configured or os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    words = shlex.split(said) or [next((name for name in FALLBACKS if shutil.which(name)), "vi")]
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
        done = subprocess.run([*words, str(path)], check=False)  # noqa: S603  the learner's own choice, no shell
        if done.returncode:
            msg = f"{words[0]} ended with {done.returncode}: nothing was saved"
            raise LlmquizError(msg)
        return path.read_text(encoding="utf-8")
