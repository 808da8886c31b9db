"""Line breaking for text that mixes Chinese and Latin script.

Invariant: no line is wider than asked, in terminal cells; a Chinese line may break between any two characters, but no
line starts with closing punctuation or ends with opening punctuation where that can be helped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from rich.cells import cell_len

_WIDE = "\u2e80-\u303e\u3041-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
_OPEN = "（《〈「『【〔“‘"
_CLOSE = "，。；：？！、）》〉」』】〕”’…—,.;:?!)\\]%"
KEYS_APART = " " * 4
_UNIT = rf"\s*[{_OPEN}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPEN}]+|[{_OPEN}]+)[{_CLOSE}]*|\s+\Z"  # compiled when first used: 4 ms
_PLAIN_UNIT = r"\s*\S+|\s+\Z"  # the same where no character is wide or opens a quotation


def breaks(line: str, width: int) -> list[int]:
    """Return the offsets at which new lines begin, so that none is wider than `width` cells (trailing spaces apart)."""
    offsets: list[int] = []
    if cell_len(line) <= width:
        return offsets
    used = 0
    for match in re.finditer(_PLAIN_UNIT if _plain(line) else _UNIT, line):
        unit, start = match[0], match.start()
        size = cell_len(unit)
        if used + size <= width:
            used += size
            continue
        if used:
            spaces = len(unit) - len(unit.lstrip())
            unit, start = unit[spaces:], start + spaces
            offsets.append(start)
        used = cell_len(unit)
        for i, char in enumerate(unit):  # a unit wider than a line is cut anywhere
            if used <= width:
                break
            if i and cell_len(unit[_line_start(offsets, start) : i + 1]) > width:
                offsets.append(start + i)
                used = cell_len(unit[i:])
            del char
    return offsets


def _plain(line: str) -> bool:
    return line.isascii() or (max(line) < _WIDE[0] and "“" not in line and "‘" not in line)


def _line_start(offsets: list[int], start: int) -> int:
    return max(0, offsets[-1] - start) if offsets else 0


def wrap_keys(text: str, width: int) -> list[str]:
    """Return the lines of a row of keys, which stand four spaces apart: a line breaks between two of them, where that is enough."""
    return rows(text.split(KEYS_APART), width, KEYS_APART)


def rows(parts: Iterable[str], width: int, gap: str) -> list[str]:
    """Return lines of as many parts as fit into `width` cells, a gap between two; one that is longer is broken as text is."""
    out: list[str] = []
    for part in parts:
        row = out[-1] + gap + part if out else part
        if cell_len(row) <= width:
            out[-1:] = [row]
        else:
            out += wrap(part, width)
    return out


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Return the lines of `text`, each at most `width` cells with its indent; existing line ends are kept."""
    room = max(2, width - cell_len(indent))
    out = []
    for line in text.split("\n"):
        cuts = [0, *breaks(line, room), len(line)]
        out += [indent + line[a:b].rstrip() for a, b in pairwise(cuts)]
    return out
