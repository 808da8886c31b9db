"""Questions beside the file that each stands in: what a check reads, and how it tells what it finds.

Invariant: every text of a question that a learner reads comes out of `texts`, each once, whatever the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llmquiz.bank.events import locate
from llmquiz.bank.prose import HAN
from llmquiz.model import Problem
from llmquiz.questions import LANGUAGES, Question, Text
from llmquiz.questions.fields import ListType, MapType, PointType, TextType
from llmquiz.questions.fields import Path as Steps

Placed = Mapping[str, tuple[str, Question]]  # id -> (file, question)
Texts = Iterator[tuple[Steps, Text]]


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


def texts(q: Question) -> Texts:
    """Yield every text of a question, plain or by language, with the steps to it."""
    yield from _texts(q.body, MapType(q.fields), ())


def _texts(value: object, type_: object, path: Steps) -> Texts:
    if isinstance(value, str):
        if isinstance(type_, (TextType, PointType)):
            yield path, value
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, type_.item if isinstance(type_, ListType) else None, (*path, i))
    elif isinstance(value, Mapping):
        if spoken(value):
            yield path, value
            return
        for name, item in value.items():
            yield from _texts(item, _of(type_, name), (*path, name))


def _of(type_: object, name: str) -> object:
    """Return the type of one key of a mapping; `text` of a point is a text."""
    if isinstance(type_, MapType):
        return type_.known[name].type if name in type_.known else None
    return TextType() if name == "text" and isinstance(type_, PointType) else None
