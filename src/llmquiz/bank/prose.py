"""Markdown taken apart as far as checks need it: what is prose, what is code, which are the formulas, how long it is.

Invariant: a formula here is what the renderer takes for one; prices and dollar signs in code are none (a test holds the
two together on the shipped bank).
"""

from __future__ import annotations

import re

CODE, FORMULA = "\ue000", "\ue001"  # stand in prose for a piece of code and for a formula
HAN = re.compile(r"[\u4e00-\u9fff]")
_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_INSIDE = r"(?:\\.|[^$\\\n]|\n(?!\s*\n))"
_FORMULA = re.compile(rf"(?<!\\)\$\$({_INSIDE}+?)\$\$|(?<![\\$\d])\$(?!\s)({_INSIDE}+?)(?<!\s)\$(?!\d)")
_URL = re.compile(r"https?://[^\s<>，。；）]+")
_MARKS = re.compile(r"\*\*|__|~~|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")


def unfenced(text: str) -> str:
    """Return a text without its fenced code."""
    return _FENCE.sub("", text)


def formulas(text: str) -> list[str]:
    """Return the formulas of a text, without their dollar signs."""
    return [m[1] or m[2] for m in _FORMULA.finditer(_CODE.sub(CODE, unfenced(text)))]


def prose(text: str) -> str:
    """Return the prose of a text: no fences, addresses or emphasis, `CODE` for code and `FORMULA` for a formula."""
    inline = _FORMULA.sub(FORMULA, _CODE.sub(CODE, unfenced(text)))
    return _MARKS.sub("", _URL.sub("", inline))


def words(text: str) -> int:
    """Count the words outside fenced code: runs without a space that have a letter or a digit."""
    return sum(any(c.isalnum() for c in run) for run in unfenced(text).split())


def han(text: str) -> int:
    """Count the 汉字 outside fenced code; punctuation, Latin letters and digits do not count."""
    return len(HAN.findall(unfenced(text)))
