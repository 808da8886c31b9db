"""How texts are set: Chinese punctuation, spaces between scripts, formulas that a terminal can show.

Invariant: code, formulas and addresses are never judged as prose; a finding quotes what stands around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmquiz.bank.placed import Placed, spoken, warn
from llmquiz.bank.prose import CODE, FORMULA, formulas, prose
from llmquiz.model import Problem

AROUND = 10  # characters quoted on each side
_HAN, _OTHER = "\u4e00-\u9fff", CODE + FORMULA
HALF_WIDTH = re.compile(
    rf"[{_HAN}{_OTHER}][,;:?!](?![\w/])"  # 汉字, after Chinese, code or a formula
    rf"|[,;:?!]\s?[{_HAN}]"  # before Chinese
    rf"|[{_HAN}]\s?\.(?=\s|$)"  # a full stop
    rf"|(?<![A-Za-z0-9_.{_OTHER}])\((?=[^()\n]*[{_HAN}])"  # brackets around Chinese that are no call, as exp(分数) is
)
UNSPACED = re.compile(rf"[{_HAN}][A-Za-z0-9{_OTHER}]|[A-Za-z0-9{_OTHER}][{_HAN}]")


def _around(text: str, found: re.Match[str]) -> str:
    near = text[max(0, found.start() - AROUND) : found.end() + AROUND]
    return " ".join(near.replace(CODE, "`…`").replace(FORMULA, "$…$").split())


def _in_chinese(placed: Placed, pattern: re.Pattern[str], said: str) -> Iterator[Problem]:
    """Warn of each place in a Chinese text where a pattern is found; `said` has a field `near` for what stands there."""
    for path, q in placed.values():
        for where, text in q.texts():
            chinese = prose(spoken(text).get("zh", ""))
            for found in pattern.finditer(chinese):
                yield warn(path, q, where, said.format(near=_around(chinese, found)))


def half_width(placed: Placed) -> Iterator[Problem]:
    """Find half-width punctuation in Chinese sentences."""
    yield from _in_chinese(placed, HALF_WIDTH, "half-width punctuation in Chinese: 「{near}」; write ，。；：？！（）")


def unspaced(placed: Placed) -> Iterator[Problem]:
    """Find Chinese that touches Latin letters, digits, code or a formula; full-width punctuation needs no space."""
    yield from _in_chinese(placed, UNSPACED, "no space between Chinese and Latin text, digits, code or formula: 「{near}」")


def unshown_formulas(placed: Placed) -> Iterator[Problem]:
    """Find formulas with commands that are not shown in a terminal."""
    from llmquiz.latex import unshown

    for path, q in placed.values():
        for where, said in q.texts():
            for lang, text in spoken(said).items():
                for name in dict.fromkeys(name for formula in formulas(text) for name in unshown(formula)):
                    yield warn(path, q, where, f"LaTeX that a terminal cannot show, in `{lang}`: {name}; write it with simpler commands")


def unclosed_bold(placed: Placed) -> Iterator[Problem]:
    """Find emphasis that is shown as asterisks: CommonMark does not close `**` between a punctuation mark and a 汉字."""
    for path, q in placed.values():
        for where, said in q.texts():
            for lang, text in spoken(said).items():
                for near in _asterisks(text):
                    told = f"`**` that is shown as it stands, in `{lang}`: 「{near}」; write **词**。not **词。**"
                    yield warn(path, q, where, told)


def _suspect(text: str) -> bool:
    """Whether some `**` stands between a punctuation mark inside and a letter outside."""
    parts = text.split("**")
    inside = ((parts[i - 1], parts[i], parts[i + 1]) for i in range(1, len(parts) - 1, 2))
    return len(parts) % 2 == 0 or any(_joint(a[-1:], b[:1]) or _joint(c[:1], b[-1:]) for a, b, c in inside)


def _joint(outside: str, inside: str) -> bool:
    return outside.isalnum() and not inside.isalnum()


def _asterisks(text: str) -> Iterator[str]:
    """Yield what stands around each `**` that is no emphasis."""
    if not _suspect(text):  # parsing all costs seconds
        return
    from markdown_it import MarkdownIt

    for token in MarkdownIt("commonmark").enable("table").parse(text):
        for child in token.children or ():
            if child.type == "text" and (found := re.search(r"\*\*", child.content)):
                yield _around(child.content, found)
