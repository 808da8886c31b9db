"""The query language of `list`, `search` and the marks: words, quoted phrases, `key:value`, each negated by a leading `-`.

Invariant: pure text to terms: what a value may be comes in from outside, and a key or value that is unknown is told with
the nearest known one, never searched for as a word and never skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from llmquiz.errors import LlmquizError
from llmquiz.questions import LANGUAGES, LEVELS, unknown

WORD = ""
KEYS = ("topic", "tag", "level", "kind", "lang", "is")
STATES = ("due", "new", "young", "mature", "leech", "suspended", "flagged", "buried", "mine")
ALTERNATIVES = ("topic", "level", "kind")  # a card has one of each, so two of them can only mean either
FIXED: Mapping[str, Sequence[str]] = {"level": [str(n) for n in LEVELS], "lang": LANGUAGES, "is": STATES}

# Full-width signs are what a Chinese keyboard types: ：“ ”
_TERM = re.compile(r'(?P<no>-?)(?:(?P<key>[A-Za-z]+)[:：](?=[^\s/:：]))?(?:["“](?P<phrase>[^"”]*)(?:["”]|\Z)|(?P<word>\S+))')
_BARE_KEY = re.compile(rf"-?({'|'.join(KEYS)})[:：]\Z")


class Term(NamedTuple):
    """One condition: a text to find where `key` is `WORD`, else a value of a key."""

    key: str
    value: str
    negated: bool = False


Query = tuple[Term, ...]


def parse(text: str) -> Query:
    """Return the terms of a query; raises LlmquizError for a key that is unknown or has no value."""
    return tuple(term for match in _TERM.finditer(text) if (term := _term(match)).value)


def _term(match: re.Match[str]) -> Term:
    key, negated = (match["key"] or WORD).lower(), bool(match["no"])
    value = match["phrase"] if match["word"] is None else match["word"]
    if key and key not in KEYS:
        msg = f'{unknown("key", key, KEYS)} (in quotes, "{key}:{value}", it is a text to find)'
        raise LlmquizError(msg)
    if match["word"] and not key and (bare := _BARE_KEY.match(value)):
        msg = f"`{bare[1]}:` has no value: write it without a space, as in `{bare[1]}:{_example(bare[1])}`"
        raise LlmquizError(msg)
    return Term(key, " ".join(value.split()), negated)


def _example(key: str) -> str:
    return FIXED[key][0] if key in FIXED else "..."


def from_arguments(arguments: Iterable[str]) -> Query:
    """Parse what a shell hands over: an argument that it held together, without quotes or keys of its own, is a phrase."""
    said = []
    for argument in arguments:
        body = argument.removeprefix("-")
        held = len(body.split()) > 1 and not re.search(rf'["“”]|(?:^|\s)-?(?:{"|".join(KEYS)})[:：]', body)
        said.append(f'{"-" if body != argument else ""}"{body}"' if held else argument)
    return parse(" ".join(said))


def check(query: Query, known: Callable[[], Mapping[str, Iterable[str]]]) -> None:
    """Raise LlmquizError with the nearest value where one is unknown; `known` is asked only for topics, tags and kinds."""
    open_ = {} if all(t.key in (WORD, *FIXED) for t in query) else known()
    for term in query:
        if term.key == WORD:
            continue
        values = list(FIXED.get(term.key) or open_[term.key])
        if term.value not in values:
            raise LlmquizError(unknown("state" if term.key == "is" else term.key, term.value, values))


def groups(query: Query) -> list[list[Term]]:
    """Return the terms such that one of each group has to hold: `topic:a topic:b` is a group, all else stands alone."""
    either = {key: [t for t in query if t.key == key and not t.negated] for key in ALTERNATIVES}
    return [*(terms for terms in either.values() if terms), *([t] for t in query if t.key not in ALTERNATIVES or t.negated)]
