"""Model to text and Rich renderables. Returns them, never prints.

Invariant: what comes from a bank, a log or a file name cannot steer the terminal: control characters are shown, not
obeyed. Nothing heavy is imported here: Rich's Markdown and Pygments come in with `render.markdown`, when an answer is shown.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple, Protocol

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Labels(Protocol):
    """The words around what is shown, in one language: "en" or "zh"."""

    lang: str

    def __call__(self, name: str, **values: object) -> str:
        """Return the text `name` with its values filled in."""
        ...


class View(NamedTuple):
    """How something is looked at: the language of questions, the words of labels, the study day, the columns there are."""

    lang: str
    words: Labels
    day: date
    width: int = 80


def clean(text: str) -> str:
    """Return text with control characters (all but tab and newline) and direction overrides made visible."""
    if text.isprintable():  # most are, and none of those characters is
        return text
    return _CONTROL.sub(lambda m: _visible(ord(m[0])), text.replace("\r\n", "\n"))


def escaped(json: str) -> str:
    """Return a JSON text with the same control characters as JSON escapes: its value is the same."""
    if json.replace("\n", "").isprintable():
        return json
    return _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}", json)


def _visible(code: int) -> str:
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"\\u{code:04x}"  # noqa: PLR2004


def inline(text: str) -> str:
    """Return a line of Markdown as plain text, its formulas as Unicode; free of charge where there is no formula."""
    text = clean(text)
    if "$" not in text:
        return text
    from llmquiz.render.markdown import plain_inline

    return plain_inline(text)


def duration(seconds: float) -> str:
    """Say a duration: 48s, 4:12 minutes, 1:02:03 hours."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def percent(share: float | None) -> str:
    """Say a share in whole percent, a dash for None."""
    return "-" if share is None else f"{share:.0%}"
