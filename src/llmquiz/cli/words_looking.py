"""What lists, cards, histories and statistics say, in English and Chinese.

Invariant: both languages have the same keys (a test holds them to it), and a Chinese sentence is one that a Chinese
engineer would say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from llmquiz.cli import words_stats
from llmquiz.cli.words import TABLES as STUDY
from llmquiz.cli.words import Words, spoken

EN = {
    "starter": "Starter",
    "tests": "Tests: {names}",
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
    "replaces": "in place of the shipped one",
    "days": "{n}d",
    "found": "{n} cards",
    "found_one": "1 card",
    "none": "no card matches",
    "at_level": "level {level}",
    "one_draw": "One draw of its numbers:",
    "points": "Points",
    "must": "must",
    "follow_ups": "Follow-ups",
    "memory": "Memory",
    "memory_line": "due {due}, interval {interval}d, ease {ease}, passes in a row {repetitions}, lapses {lapses}",
    "history": "History",
    "no_history": "no card has been graded yet",
    "day": "day",
    "grade": "grade",
    "mode": "mode",
    "time": "time",
    "answer": "answer",
    "study": "study",
    "drill": "drill",
    "interview": "interview",
}
ZH = {
    "starter": "起始代码",
    "tests": "测试：{names}",
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
    "replaces": "替换了自带题",
    "days": "{n} 天",
    "found": "共 {n} 题",
    "found_one": "共 1 题",
    "none": "没有符合条件的题",
    "at_level": "难度 {level}",
    "one_draw": "其中一组数：",
    "points": "要点",
    "must": "必答",
    "follow_ups": "追问",
    "memory": "记忆",
    "memory_line": "{due} 到期，间隔 {interval} 天，易度 {ease}，连续通过 {repetitions} 次，遗忘 {lapses} 次",
    "history": "复习记录",
    "no_history": "还没有打过分",
    "day": "日期",
    "grade": "打分",
    "mode": "方式",
    "time": "用时",
    "answer": "回答",
    "study": "学习",
    "drill": "重练",
    "interview": "面试",
}
GRADES = [f"grade{n}" for n in range(6)]
TABLES: Mapping[str, Mapping[str, str]] = {
    "en": {name: STUDY["en"][name] for name in GRADES} | EN | words_stats.EN,
    "zh": {name: STUDY["zh"][name] for name in GRADES} | ZH | words_stats.ZH,
}


def words(lang: str) -> Words:
    """Return the words of a language; for "both" those of the environment."""
    return Words(spoken(lang, os.environ), TABLES)
