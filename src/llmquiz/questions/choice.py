"""Choice questions: one option or several are right; the options are shuffled each time.

Invariant: shuffling never changes what is right: an option carries its text, its `correct` and its `why` wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from llmquiz.questions.base import COMMON, PICK, Question, Unreadable, Verdict
from llmquiz.questions.fields import BoolType, Fault, Field, ListType, MapType, TextType
from llmquiz.questions.text import Text, say, word

FEWEST, MOST = 2, 9  # a digit picks an option
_BY_NUMBER = "choose by number, 1 to {count}|请用数字 1 到 {count} 选"
_ONE = "one option is right: choose one|只有一项正确：请选一项"
OPTION = MapType(
    (
        Field("text", TextType(), "what can be chosen", required=True),
        Field("correct", BoolType(), "true on each right one"),
        Field("why", TextType(), "why it is right or wrong, shown after the answer", required=True),
    ),
    noun="option",
)


class Choice(Question):
    """A question with options to pick from."""

    __slots__ = ()
    kind: ClassVar[str] = "choice"
    way: ClassVar[str] = PICK
    fields: ClassVar[tuple[Field, ...]] = (
        *COMMON,
        Field("options", ListType(OPTION), "what can be chosen; shuffled when shown, so no text refers to a place", required=True),
        Field("answer", TextType(), "what the whys leave out, in Markdown"),
    )

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Find too few or too many options, and options of which none or all are right."""
        options = raw["options"]
        right = sum(bool(o.get("correct")) for o in options)
        if not FEWEST <= len(options) <= MOST:
            yield ("options",), f"{len(options)} options: {FEWEST} to {MOST} can be asked"
        elif right in (0, len(options)):
            yield ("options",), f"{'no' if not right else 'every'} option is `correct: true`: mark each right one, and leave a wrong one"

    @property
    def right(self) -> frozenset[int]:
        """The indices of the right options."""
        return frozenset(i for i, o in enumerate(self.body["options"]) if o.get("correct"))

    @property
    def several(self) -> bool:
        """Whether more than one option is right."""
        return len(self.right) > 1

    def asked(self, seed: str) -> Choice:
        """Return the question with its options in another order."""
        from random import Random  # noqa: TID251  its seed is the argument

        options = list(self.body["options"])
        Random(seed).shuffle(options)  # noqa: S311  an order, no secret
        return Choice(self.id, self.topic, {**self.body, "options": options})

    def options(self, lang: str) -> Sequence[str]:
        """Return the options in their order."""
        return [say(o["text"], lang) for o in self.body["options"]]

    def picks(self, said: str) -> set[int]:
        """Return the indices of "2", "1 3" or "1,3"; raises Unreadable for what is no pick of these options."""
        words = re.findall(r"\d+|[^\s,，、]+", said)
        count = len(self.body["options"])
        chosen = {int(w) - 1 for w in words if w.isdecimal() and len(w) < 3}  # noqa: PLR2004
        if len(chosen) != len(words) or not chosen <= set(range(count)):
            raise Unreadable(*_BY_NUMBER.format(count=count).split("|"))
        if len(chosen) > 1 and not self.several:
            raise Unreadable(*_ONE.split("|"))
        return chosen

    def judge(self, said: str, lang: str, *, slow: bool = False) -> Verdict:
        """Judge picks: right is 5, 4 when slow; some of several right ones and none wrong 2; else 1."""
        picked, right = self.picks(said), self.right
        stored = " | ".join(text for i, text in enumerate(self.options(lang)) if i in picked)
        numbers = ", ".join(str(i + 1) for i in sorted(right))
        mine = ", ".join(str(i + 1) for i in sorted(picked))
        if picked == right:
            note: Text = {"en": "Right, but slower than usual.", "zh": "正确，不过比平时慢。"} if slow else {"en": "Right.", "zh": "正确。"}
            return Verdict(4 if slow else 5, note, stored)
        verb = ("is", "are")[len(right) > 1]
        if not picked:
            return Verdict(1, {"en": f"{numbers} {verb} right.", "zh": f"正确的是 {numbers}。"}, stored)
        if picked < right:
            return Verdict(2, {"en": f"You chose {mine}: right, but not all. {numbers} {verb} right.", "zh": f"你选了 {mine}：没有错选，但漏选了，正确的是 {numbers}。"}, stored)  # fmt: skip  # noqa: E501
        return Verdict(1, {"en": f"You chose {mine}; {numbers} {verb} right.", "zh": f"你选了 {mine}，正确的是 {numbers}。"}, stored)

    def answer_in(self, lang: str) -> str:
        """Return each option with its why, the right ones marked, then the answer and the sources."""
        lines = [
            f"{i}. {'✓' if i - 1 in self.right else '✗'} **{say(o['text'], lang)}**  \n   {say(o['why'], lang)}"
            for i, o in enumerate(self.body["options"], 1)
        ]
        parts = ["\n".join(lines)]
        if "answer" in self.body:
            parts.append(f"**{word('answer', lang)}**\n\n{say(self.body['answer'], lang)}")
        return "\n\n".join([*parts, *filter(None, [self.sources_in(lang)])])
