"""What `llmquiz` alone and `due` say, in English and Chinese.

Invariant: both languages have the same keys (a test holds them to it), and a Chinese sentence is one that a Chinese
engineer would say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from llmquiz.cli.words import Words, spoken

EN = {
    "standing": "{due} due, {new} new today ({total} questions, {unmet} not met yet)",
    "due": "{due} due, {new} new today",
    "again": "{again} to repeat: below 4 today",
    "graded": "{graded} graded today, {passed} passed",
    "streak1": "streak: {days} day",
    "streak": "streak: {days} days",
    "interview0": "interview: today. Good luck!",
    "interview1": "interview: tomorrow",
    "interview": "interview: in {days} days",
    "next": "next: llmquiz study",
    "tomorrow": "next: tomorrow, or llmquiz study --new 5",
    "empty": "next: llmquiz add   (the bank has no questions; llmquiz check says why)",
    "help": "help: llmquiz --help",
}
ZH = {
    "standing": "今天到期 {due} 题，新题 {new} 题（题库共 {total} 题，还有 {unmet} 题没学过）",
    "due": "到期 {due} 题，新题 {new} 题",
    "again": "今天有 {again} 题不到 4 分，要再练一遍",
    "graded": "今天打分 {graded} 题，通过 {passed} 题",
    "streak1": "连续学习 {days} 天",
    "streak": "连续学习 {days} 天",
    "interview0": "今天面试，祝顺利！",
    "interview1": "明天面试",
    "interview": "距离面试还有 {days} 天",
    "next": "下一步：llmquiz study",
    "tomorrow": "下一步：明天再来，或者 llmquiz study --new 5",
    "empty": "下一步：llmquiz add（题库里一道题也没有，llmquiz check 会说明原因）",
    "help": "帮助：llmquiz --help",
}
TABLES: Mapping[str, Mapping[str, str]] = {"en": EN, "zh": ZH}


def words(lang: str) -> Words:
    """Return the words of a language; for "both" and "" those of the environment."""
    return Words(spoken(lang, os.environ), TABLES)
