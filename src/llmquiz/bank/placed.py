"""Questions beside the file that each stands in: what a check reads, and how it tells what it finds.

Invariant: nothing here judges: a finding is told at the line and column of what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping

from llmquiz.bank.events import locate
from llmquiz.bank.prose import HAN
from llmquiz.model import Problem
from llmquiz.questions import LANGUAGES, Question
from llmquiz.questions.fields import Path as Steps

Placed = Mapping[str, tuple[str, Question]]  # id -> (file, question)


def problem(path: str, q: Question, where: Steps, message: str, *, warning: bool = False) -> Problem:
    """Tell what is wrong at the steps `where` into the mapping of a question."""
    return Problem(path, *locate(q.body, where), message, warning)


def warn(path: str, q: Question, where: Steps, message: str) -> Problem:
    """Tell what a question can be asked with, but should not have."""
    return problem(path, q, where, message, warning=True)


def spoken(text: object) -> dict[str, str]:
    """Return a text by language; one that names no language is Chinese where it has a 汉字, else English."""
    if isinstance(text, str):
        return {"zh" if HAN.search(text) else "en": text}
    return {lang: text[lang] for lang in LANGUAGES if lang in text} if isinstance(text, Mapping) else {}
