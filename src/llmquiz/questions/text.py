"""Texts in one or two languages, and the few words that faces put around them.

Invariant: asking for a language always answers when there is any text at all: the language asked for, else the text
that names no language, else the first of `LANGUAGES` that is there.
"""

from __future__ import annotations

from collections.abc import Mapping

from llmquiz.questions.fields import LANGUAGES

Text = str | Mapping[str, str]
BOTH = "both"

WORDS = {
    "short": {"en": "In short", "zh": "一句话"},
    "answer": {"en": "Answer", "zh": "详细回答"},
    "pitfalls": {"en": "Pitfalls", "zh": "常见错误"},
    "sources": {"en": "Sources", "zh": "出处"},
    "as_of": {"en": "As of", "zh": "截至"},
    "stop": {"en": ". ", "zh": "，"},
}


def say(text: Text, lang: str) -> str:
    """Return `text` in `lang` ("en", "zh"), or for "both" in every language it has, a blank line apart; once where they say the same."""
    if isinstance(text, str):
        return text.strip()
    if lang == BOTH:
        return "\n\n".join(dict.fromkeys(text[x].strip() for x in LANGUAGES if x in text))
    chosen = text.get(lang) or next((text[x] for x in LANGUAGES if x in text), "")
    return chosen.strip()


def word(name: str, lang: str) -> str:
    """Return a word of `WORDS` in `lang`."""
    return WORDS[name][lang]


def languages(text: object) -> tuple[str, ...]:
    """Return the languages that a text is given in, in the order of `LANGUAGES`; none for a plain string."""
    return tuple(x for x in LANGUAGES if isinstance(text, Mapping) and x in text)
