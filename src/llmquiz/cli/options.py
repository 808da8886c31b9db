"""Options that several commands share, with their completion.

Invariant: completion never fails and never writes: where the collection cannot be read it offers nothing.
"""

from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Lang(StrEnum):
    """The language of the questions."""

    en = "en"
    zh = "zh"
    both = "both"


def _known(what: str, incomplete: str) -> list[str]:
    import os

    from llmquiz import config
    from llmquiz.disk import there
    from llmquiz.errors import LlmquizError
    from llmquiz.log import Log, cache
    from llmquiz.log.store import look, told
    from llmquiz.schedulers import SCHEDULERS

    try:
        path = config.paths(os.environ).database
        if not there(path):
            return []
        with told(path), closing(look(path)) as db:
            log = Log(path, SCHEDULERS["sm2"](), opened=db)
            names = cache.names(log, what)
    except (LlmquizError, OSError):
        return []
    return [n for n in names if n.startswith(incomplete)]


def complete_id(incomplete: str) -> list[str]:
    """Offer the ids of the bank."""
    return _known("id", incomplete)


def complete_topic(incomplete: str) -> list[str]:
    """Offer the topics of the bank."""
    return _known("topic", incomplete)


def complete_tag(incomplete: str) -> list[str]:
    """Offer the tags of the bank."""
    return _known("tag", incomplete)


def complete_kind(incomplete: str) -> list[str]:
    """Offer the kinds of the bank."""
    return _known("kind", incomplete)


def complete_template(incomplete: str) -> list[str]:
    """Offer the kinds that `add` has a template of."""
    from llmquiz.cli.templates import TEMPLATES

    return [name for name in TEMPLATES if name.startswith(incomplete)]


def complete_query(incomplete: str) -> list[str]:
    """Offer the keys of the query language, and after a key its values."""
    from llmquiz.query import FIXED, KEYS

    no = "-" if incomplete.startswith("-") else ""
    key, colon, value = incomplete.removeprefix("-").partition(":")
    if not colon:
        return [f"{no}{k}:" for k in KEYS if k.startswith(key)]
    values = [v for v in FIXED[key] if v.startswith(value)] if key in FIXED else _known(key, value) if key in KEYS else []
    return [f"{no}{key}:{v}" for v in values]


MANY = 10**9  # more than anybody means by a number of cards or reviews; SQLite counts to 2**63

BankOption = Annotated[list[Path] | None, typer.Option("--bank", metavar="DIR", help="A folder with more questions; may be given again.")]
LangOption = Annotated[
    Lang | None, typer.Option("--lang", "-L", help="Language of the questions. Default: the setting `lang`, else that of your system.")
]
TopicsOption = Annotated[
    list[str] | None, typer.Option("--topic", "-t", help="Only this topic; may be given again.", autocompletion=complete_topic)
]
TagsOption = Annotated[
    list[str] | None, typer.Option("--tag", help="Only questions with this tag; may be given again.", autocompletion=complete_tag)
]
KindsOption = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Only this kind of question: open, choice, ...; may be given again.", autocompletion=complete_kind),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
