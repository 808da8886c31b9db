"""What lists, cards, histories and statistics say, in English and Chinese.

Invariant: both languages have the same keys (a test holds them to it), and a Chinese sentence is one that a Chinese
engineer would say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from llmquiz.cli.words import Words, environment_language

EN = {
    "id": "id",
    "kind": "kind",
    "topic": "topic",
    "level": "level",
    "due": "due",
    "interval": "interval",
    "ease": "ease",
    "lapses": "lapses",
    "marks": "marks",
    "question": "question",
    "new": "new",
    "suspended": "suspended",
    "flagged": "flagged",
    "buried": "buried",
    "days": "{n}d",
    "found": "{n} cards",
    "found_one": "1 card",
    "none": "no card matches",
}
ZH = {
    "id": "id",
    "kind": "题型",
    "topic": "主题",
    "level": "难度",
    "due": "到期",
    "interval": "间隔",
    "ease": "易度",
    "lapses": "遗忘",
    "marks": "标记",
    "question": "题目",
    "new": "新题",
    "suspended": "已暂停",
    "flagged": "已标记",
    "buried": "明天再出",
    "days": "{n} 天",
    "found": "共 {n} 题",
    "found_one": "共 1 题",
    "none": "没有符合条件的题",
}
TABLES: Mapping[str, Mapping[str, str]] = {"en": EN, "zh": ZH}


def words(lang: str) -> Words:
    """Return the words of a language; for "both" those of the environment."""
    return Words(lang if lang in TABLES else environment_language(os.environ), TABLES)
