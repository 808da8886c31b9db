"""What the guide of the bank asks of a question and a program can see: lengths, points, sources, follow-ups.

Invariant: everything found here is a warning; a question that breaks the guide is asked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from llmquiz.bank.placed import Placed, spoken, warn
from llmquiz.bank.prose import han, words
from llmquiz.model import Problem
from llmquiz.questions import LANGUAGES, Open
from llmquiz.questions.choice import Choice
from llmquiz.questions.code import Code
from llmquiz.questions.numeric import Numeric

ARXIV = re.compile(r"\d\d(0[1-9]|1[0-2])\.\d{4,5}")
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
SHORT = {"en": (0, 60), "zh": (0, 120)}  # words, 汉字
ANSWER = {"en": (80, 250), "zh": (100, 550)}
POINTS, MUSTS, FOLLOW_UPS, OPTIONS = (3, 6), (1, 3), (1, 3), (4, 6)
WRONG = 2  # solutions that must fail
EASY = 2  # the highest level that an interview may open with
SECOND_HAND = frozenset(
    {  # blogs, forums, encyclopedias, social media
        "baike.baidu.com",
        "bilibili.com",
        "blogspot.com",
        "cnblogs.com",
        "csdn.net",
        "dev.to",
        "geeksforgeeks.org",
        "hashnode.dev",
        "jianshu.com",
        "juejin.cn",
        "linkedin.com",
        "medium.com",
        "news.ycombinator.com",
        "quora.com",
        "reddit.com",
        "stackexchange.com",
        "stackoverflow.com",
        "substack.com",
        "threadreaderapp.com",
        "towardsdatascience.com",
        "twitter.com",
        "weixin.qq.com",
        "wikipedia.org",
        "wordpress.com",
        "x.com",
        "youtube.com",
        "zhihu.com",
    }
)


def lengths(placed: Placed) -> Iterator[Problem]:
    """Find a `short` that is missing or too long, and an `answer` that is too short or too long (fenced code is not counted)."""
    for path, q in placed.values():
        if isinstance(q, Open):
            if "short" not in q.body:
                yield warn(path, q, (), "no `short`: what to say in the first 30 seconds")
            for name, limits in (("short", SHORT), ("answer", ANSWER)):
                for lang, text in spoken(q.body.get(name)).items():
                    n, unit = (han(text), "汉字") if lang == "zh" else (words(text), "words")
                    low, high = limits[lang]
                    if not low <= n <= high:
                        yield warn(path, q, (name, lang), f"`{name}` has {n} {unit}: {f'{low} to' if low else 'at most'} {high} are meant")


def rubric(placed: Placed) -> Iterator[Problem]:
    """Find rubrics that do not have 3 to 6 points, 1 to 3 of them `must`."""
    for path, q in placed.values():
        if isinstance(q, Open):
            musts = sum(p.must for p in q.points)
            if not POINTS[0] <= len(q.points) <= POINTS[1]:
                yield warn(path, q, ("points",), f"{_many(len(q.points), 'point')}: {POINTS[0]} to {POINTS[1]} are meant")
            elif not MUSTS[0] <= musts <= MUSTS[1]:
                yield warn(path, q, ("points",), f"{_many(musts, 'point')} with `must`: {MUSTS[0]} to {MUSTS[1]} are meant")


def self_graded(placed: Placed) -> Iterator[Problem]:
    """Find choice questions without 4 to 6 options, numeric ones that know no mistake, and code ones without 2 wrong solutions."""
    for path, q in placed.values():
        if isinstance(q, Choice) and not OPTIONS[0] <= len(q.body["options"]) <= OPTIONS[1]:
            yield warn(path, q, ("options",), f"{len(q.body['options'])} options: {OPTIONS[0]} to {OPTIONS[1]} are meant")
        if isinstance(q, Numeric) and not q.body.get("mistakes"):
            yield warn(path, q, (), "no `mistakes`: give the wrong methods that people use, so that they are told")
        if isinstance(q, Code) and len(q.wrong) < WRONG:
            where = ("wrong",) if "wrong" in q.body else ()
            yield warn(path, q, where, f"{_many(len(q.wrong), 'wrong solution')}: at least {WRONG} are meant, so that the tests are tested")


def both_languages(placed: Placed) -> Iterator[Problem]:
    """Find questions in one language only; `missing_translations` tells what else lacks one."""
    for path, q in placed.values():
        if lacks := [lang for lang in LANGUAGES if lang not in q.languages]:
            yield warn(
                path, q, ("question",), f"question without {' and '.join(f'`{x}`' for x in lacks)} text: the bank is in both languages"
            )
            continue
        for where, text in q.texts():
            if isinstance(text, str):
                yield warn(path, q, where, f"one text for both languages: give {' and '.join(f'`{x}`' for x in LANGUAGES)}")


def primary_source(placed: Placed) -> Iterator[Problem]:
    """Find questions without a primary source.

    Primary is taken to be: an arXiv id; an address (model card, repository, documentation, the author's own page) that
    is not on a site of blogs, forums, social media or encyclopedias (`SECOND_HAND`); or a title without an address (a book,
    a paper that is not on arXiv, a law).
    """
    for path, q in placed.values():
        sources = q.body.get("sources", ())
        if not sources:
            yield warn(path, q, (), 'no `sources`: give a primary one, as in {arxiv: "1706.03762", where: section 3}')
        elif not any("arxiv" in s or "url" not in s or _first_hand(s["url"]) for s in sources):
            yield warn(path, q, ("sources",), "no primary source: give the paper, the model card, the code or the documentation")


def _first_hand(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return not any(host == site or host.endswith("." + site) for site in SECOND_HAND)


def well_formed(placed: Placed) -> Iterator[Problem]:
    """Find arXiv ids and months that are not written as they should be."""
    for path, q in placed.values():
        for i, source in enumerate(q.body.get("sources", ())):
            if "arxiv" in source and not ARXIV.fullmatch(source["arxiv"]):
                yield warn(path, q, ("sources", i, "arxiv"), f'{source["arxiv"]!r} is no arXiv id: write it as in "1706.03762"')
        if "as_of" in q.body and not MONTH.fullmatch(q.body["as_of"]):
            yield warn(path, q, ("as_of",), f'{q.body["as_of"]!r} is no month: write it as in "2026-11"')


def follow_up_count(placed: Placed) -> Iterator[Problem]:
    """Find questions that do not have 1 to 3 follow-ups."""
    for path, q in placed.values():
        if not FOLLOW_UPS[0] <= len(q.follow_ups) <= FOLLOW_UPS[1]:
            where = ("follow_ups",) if "follow_ups" in q.body else ()
            yield warn(path, q, where, f"{_many(len(q.follow_ups), 'follow-up')}: {FOLLOW_UPS[0]} to {FOLLOW_UPS[1]} are meant")


def orphans(placed: Placed) -> Iterator[Problem]:
    """Find questions above level 2 that no chain of follow-ups from a level 1 or 2 question leads to."""
    reached: set[str] = set()
    ahead = [i for i, (_, q) in placed.items() if q.level <= EASY]
    while ahead:
        card = ahead.pop()
        if card in placed and card not in reached:
            reached.add(card)
            ahead += placed[card][1].follow_ups
    for card, (path, q) in placed.items():
        if card not in reached:
            yield warn(path, q, ("id",), f"orphan: no follow-ups lead from a level 1 or 2 question to `{card}`")


def _many(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
