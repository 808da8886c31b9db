"""What every kind of question has: its common fields and the two faces of a card.

Invariant: a `Question` is its mapping as it stands in YAML, already checked; everything else is read from it, so that
nothing is lost between a bank file, the cache and `show --json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, NamedTuple

from llmquiz.questions.fields import SLUG, BoolType, Fault, Field, IntType, ListType, MapType, StringType, TextType, texts
from llmquiz.questions.text import BOTH, Text, languages, say, word

TALK, PICK, TYPE, WRITE = "talk", "pick", "type", "write"  # how a kind is answered: aloud, by number, on a line, in an editor
LEVELS = {1: "warm-up", 2: "junior", 3: "mid", 4: "senior", 5: "staff"}
SLUG_TYPE = StringType(SLUG, "a slug: lower-case letters, digits, hyphens")
SOURCE = MapType(
    (
        Field("arxiv", StringType(), 'the arXiv id in quotes, as in "1706.03762"'),
        Field("url", StringType(), "the address of a model card, a repository, a page"),
        Field("title", StringType(), "authors and title, or the name of the page"),
        Field("where", StringType(), "section, table, figure or file"),
    ),
    one_of=("arxiv", "url", "title"),
    noun="source",
)
COMMON = (
    Field("id", SLUG_TYPE, "a slug that says the content, unique, never changed or reused", required=True),
    Field("was", ListType(SLUG_TYPE), "former ids, after a rename"),
    Field("replaces", BoolType(), "true: this one is asked in place of the question with the same id in another folder"),
    Field("kind", StringType(), "open (default), choice, numeric or code"),
    Field("level", IntType(1, 5), "1 warm-up, 2 junior, 3 mid, 4 senior, 5 staff"),
    Field("tags", ListType(StringType()), "roles, model families, themes"),
    Field("question", TextType(), "as an interviewer says it", required=True),
    Field("follow_ups", ListType(SLUG_TYPE), "ids of what an interviewer would ask next"),
    Field("sources", ListType(SOURCE), "primary sources"),
    Field("as_of", StringType(), "year-month, where the fact can age"),
)


class Verdict(NamedTuple):
    """What a kind that grades itself says of an answer: the grade (0 to 5), why, and the text that the log keeps of it."""

    grade: int
    note: Text
    stored: str


class Unreadable(ValueError):  # noqa: N818  no error: the learner is asked again
    """What was typed is no answer; `said` tells why, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        """Keep the reason."""
        super().__init__(en)
        self.said: Text = {"en": en, "zh": zh}


class _Item(NamedTuple):
    id: str
    topic: str
    body: Mapping[str, Any]


class Question(_Item):
    """One item of the bank. `body` is its mapping as in YAML; `topic` is the stem of the file it lives in."""

    __slots__ = ()
    kind: ClassVar[str] = ""
    fields: ClassVar[tuple[Field, ...]] = COMMON
    way: ClassVar[str] = TALK

    @property
    def level(self) -> int:
        """1 to 5; 2 where the file does not say."""
        return int(self.body.get("level", 2))

    @property
    def tags(self) -> tuple[str, ...]:
        """Roles, model families, themes."""
        return tuple(self.body.get("tags", ()))

    @property
    def follow_ups(self) -> tuple[str, ...]:
        """Ids of what an interviewer would ask next."""
        return tuple(self.body.get("follow_ups", ()))

    @property
    def was(self) -> tuple[str, ...]:
        """Former ids."""
        return tuple(self.body.get("was", ()))

    @property
    def text(self) -> Text:
        """The question itself."""
        text: Text = self.body["question"]
        return text

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the question is asked in; none where it is a plain string."""
        return languages(self.text)

    def said(self) -> str:
        """Return every text of the question and its answer, in all languages, as `folded`: what a search looks at."""
        return "\n".join([folded(said) for _, text in self.texts() for said in ((text,) if isinstance(text, str) else text.values())])

    def texts(self) -> Sequence[tuple[tuple[str | int, ...], Text]]:
        """Return every text that a learner reads, plain or by language, with the steps to it in the body."""
        return texts(self.body, self.type())

    @classmethod
    @cache
    def type(cls) -> MapType:
        """Return the type that the mapping of a question of this kind has."""
        return MapType(cls.fields, noun="question")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:  # noqa: ARG003  a kind with rules across fields reads it
        """Yield what keeps a mapping of the right types from being asked; nothing where the types say it all."""
        return iter(())

    @property
    def several(self) -> bool:
        """Whether more than one of its options is right."""
        return False

    # how it is asked and judged: a kind that grades itself writes its own

    def asked(self, seed: str) -> Question:  # noqa: ARG002
        """Return the question as it is asked this time (options in another order, numbers drawn), the same for the same seed.

        Raises LlmquizError where it cannot be asked.
        """
        return self

    def options(self, lang: str) -> Sequence[str]:  # noqa: ARG002
        """Return what can be picked, as Markdown, in the order it is shown; nothing where nothing is picked."""
        return ()

    def judge(self, said: str, lang: str, *, slow: bool = False) -> Verdict:
        """Judge an answer ("" is giving up) given in a language; raises Unreadable, with what to say, for one that is no answer."""
        raise NotImplementedError

    def trial(self, count: int) -> Iterator[Fault]:  # noqa: ARG002
        """Yield what goes wrong when the question is asked `count` times."""
        return iter(())

    def front(self, lang: str) -> str:
        """Return the question as Markdown, in "en", "zh" or "both"."""
        return say(self.text, lang)

    def back(self, lang: str) -> str:
        """Return the answer as Markdown: for "both" one language after the other, a rule between them."""
        if lang != BOTH:
            return self.answer_in(lang)
        there = self.languages or ("en",)
        return "\n\n---\n\n".join(self.answer_in(x) for x in there)

    def answer_in(self, lang: str) -> str:
        """Return the answer in one language, as Markdown; each kind writes its own."""
        raise NotImplementedError

    def sources_in(self, lang: str) -> str:
        """Return the sources as a Markdown list under a heading, "" where there are none."""
        lines = [f"- {source_line(s)}" for s in self.body.get("sources", ())]
        if not lines:
            return ""
        as_of = self.body.get("as_of")
        head = word("sources", lang) + (f" ({word('as_of', lang)} {as_of})" if as_of else "")
        return f"**{head}**\n\n" + "\n".join(lines)


def folded(text: str) -> str:
    """Return text as a search compares it: without case, every run of white space as one space."""
    return " ".join(text.split()).casefold()


def source_line(source: Mapping[str, str]) -> str:
    """Say one source as Markdown: title, place, and its address as a link that a plain terminal shows too."""
    url = source.get("url") or (f"https://arxiv.org/abs/{source['arxiv']}" if "arxiv" in source else "")
    said = ", ".join(source[k] for k in ("title", "where") if k in source)
    return f"{said} <{url}>" if url and said else f"<{url}>" if url else said
