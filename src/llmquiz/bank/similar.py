"""Questions that ask nearly the same.

Invariant: fast for hundreds of questions: only those are compared that share one of the rarer third of their words, as
near ones do (at a ratio of 0.85 they share three quarters of the longer one's).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from llmquiz.bank.placed import Placed, spoken, warn
from llmquiz.model import Problem

NEAR = 0.85  # of difflib's ratio on the words, 1 for equal ones
Words = tuple[str, ...]
_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")


def near_duplicates(placed: Placed) -> Iterator[Problem]:
    """Find questions that say nearly what an earlier one says."""
    said = {card: [normal(text) for text in spoken(q.text).values()] for card, (_, q) in placed.items()}
    for first, second in _pairs(said):
        path, q = placed[second]
        yield warn(path, q, ("question",), f"`{second}` asks nearly what `{first}` asks: merge them, or say what differs")


def normal(text: str) -> Words:
    """Return the words of a question in lower case (of Chinese, the characters), without punctuation."""
    return tuple(_WORD.findall(text.lower()))


def _pairs(said: Mapping[str, list[Words]]) -> Iterator[tuple[str, str]]:
    """Yield each pair that is near in any language, in the order of the bank."""
    seen = Counter(word for texts in said.values() for words in texts for word in words)
    index: dict[str, list[tuple[str, Words]]] = defaultdict(list)
    for card, texts in said.items():
        told = set[str]()
        for words in texts:
            rare = sorted(set(words), key=lambda word: (seen[word], word))[: len(words) // 3 + 1]
            others = {other for word in rare for other in index[word]}
            told |= {first for first, theirs in others if _near(words, theirs)}
            for word in rare:
                index[word].append((card, words))
        yield from ((first, card) for first in said if first in told and first != card)


def _near(a: Words, b: Words) -> bool:
    """Whether two questions are worded alike. Words swapped one for another alone make it another question: of GQA, of MLA."""
    match = SequenceMatcher(None, a, b, autojunk=False)
    if match.real_quick_ratio() < NEAR or match.quick_ratio() < NEAR or match.ratio() < NEAR:
        return False
    return a == b or any(tag in ("insert", "delete") for tag, *_ in match.get_opcodes())
