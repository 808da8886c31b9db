"""Code questions: written in an editor, judged by tests that come with the question.

Invariant: nothing is run here: a question only knows its sources and what a run means for the grade.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from llmquiz.questions.base import COMMON, WRITE, Question, Verdict
from llmquiz.questions.fields import Fault, Field, ListType, MapType, Path, StringType, TextType
from llmquiz.questions.text import BOTH, Text, say, word

LARGEST = 2**16  # characters of a source
TREE = 0x400  # ast.PyCF_ONLY_AST, without importing ast
WRONG = MapType(
    (
        Field("why", TextType(), "what is wrong, shown among the pitfalls", required=True),
        Field("code", StringType(), "a whole file that must fail the tests", required=True),
    ),
    noun="wrong solution",
)


class Code(Question):
    """A question that is answered with a program."""

    __slots__ = ()
    kind: ClassVar[str] = "code"
    way: ClassVar[str] = WRITE
    fields: ClassVar[tuple[Field, ...]] = (
        *COMMON,
        Field("starter", StringType(), "what the editor opens with", required=True),
        Field("solution", StringType(), "a whole file that passes the tests", required=True),
        Field("tests", StringType(), "`test_*()` functions with plain asserts; they see every name of the solution", required=True),
        Field("wrong", ListType(WRONG), "files that must fail the tests: the mistakes that people make"),
        Field("answer", TextType(), "the idea, its cost, its traps, in Markdown", required=True),
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Find sources that do not compile, and tests without a test."""
        sources: list[tuple[Path, str]] = [((name,), raw[name]) for name in ("starter", "solution", "tests")]
        sources += [(("wrong", i, "code"), w["code"]) for i, w in enumerate(raw.get("wrong", ()))]
        said = [(where, fault) for where, source in sources if (fault := _fault(source))]
        yield from said
        if not said and not cls("", "", raw).test_names:
            yield ("tests",), "no test: write functions `test_*()` without arguments"

    @property
    def starter(self) -> str:
        """What the editor opens with."""
        return str(self.body["starter"])

    @property
    def solution(self) -> str:
        """A source that passes."""
        return str(self.body["solution"])

    @property
    def tests(self) -> str:
        """The source of the tests."""
        return str(self.body["tests"])

    @property
    def test_names(self) -> tuple[str, ...]:
        """The tests, in their order."""
        nodes = _tree(self.tests).body
        return tuple(n.name for n in nodes if type(n).__name__ == "FunctionDef" and n.name.startswith("test_") and not _needs(n.args))

    @property
    def wrong(self) -> tuple[tuple[str, Text], ...]:
        """Sources that fail, each with why."""
        return tuple((w["code"], w["why"]) for w in self.body.get("wrong", ()))

    def graded(self, source: str, runs: int, *, passed: bool) -> Verdict:
        """Judge an attempt after `runs` runs of its tests: passed at the first 5, later 3, given up 1."""
        if not passed:
            return Verdict(1, {"en": "Given up.", "zh": "放弃了。"}, source)
        if runs == 1:
            return Verdict(5, {"en": "Passed at the first run.", "zh": "一次通过。"}, source)
        return Verdict(3, {"en": f"Passed at run {runs}.", "zh": f"第 {runs} 次运行通过。"}, source)

    # the answer side

    def said_in(self, lang: str) -> str:
        """Return the answer's text, without the solution, as Markdown."""
        return say(self.body["answer"], lang)

    def rest_in(self, lang: str) -> str:
        """Return pitfalls and sources as Markdown."""
        if lang == BOTH:
            return "\n\n---\n\n".join(self.rest_in(x) for x in self.languages or ("en",))
        pitfalls = "\n".join(f"- {say(why, lang)}" for _, why in self.wrong)
        parts = [f"**{word('pitfalls', lang)}**\n\n{pitfalls}" if pitfalls else "", self.sources_in(lang)]
        return "\n\n".join(filter(None, parts))

    def back(self, lang: str) -> str:
        """Return answer, solution, pitfalls and sources as Markdown."""
        return "\n\n".join(filter(None, [self.said_in(lang), fenced(self.solution), self.rest_in(lang)]))

    def answer_in(self, lang: str) -> str:
        """Return the answer side in one language."""
        return self.back(lang)


def fenced(source: str) -> str:
    """Return a source as a block of code in Markdown, whatever stands in it."""
    fence = "~~~"
    while fence in source:
        fence += "~"
    return f"{fence}python\n{source.rstrip()}\n{fence}"


def _tree(source: str) -> Any:
    return compile(source, "<source>", "exec", flags=TREE, dont_inherit=True)


def _fault(source: str) -> str:
    """Say why a source does not compile, "" where it does."""
    if len(source) > LARGEST:
        return f"{len(source)} characters: at most {LARGEST} are meant"
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape is no fault
            compile(source, "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"does not compile: {error.msg} (line {error.lineno or 0} of it)"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"does not compile: {error or type(error).__name__}"
    return ""


def _needs(arguments: Any) -> bool:
    """Whether a function cannot be called without arguments."""
    given = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    return given > 0 or any(default is None for default in arguments.kw_defaults)
