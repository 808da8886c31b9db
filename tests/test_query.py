"""The query language: what it means, what it refuses, and that SQLite finds what a plain reading of it would."""

from __future__ import annotations

import pytest
from conftest import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from llmquiz.collection import Collection
from llmquiz.errors import LlmquizError
from llmquiz.model import BURIED, FLAGGED, SUSPENDED, Grade
from llmquiz.query import KEYS, STATES, Term, check, from_arguments, groups, parse


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("注意力 KV", [Term("", "注意力"), Term("", "KV")]),
        ('"KV  cache" -"a b"', [Term("", "KV cache"), Term("", "a b", negated=True)]),
        ("topic:moe -is:due", [Term("topic", "moe"), Term("is", "due", negated=True)]),
        ('tag:"my tag" Topic:x', [Term("tag", "my tag"), Term("topic", "x")]),
        ("topic：moe “多头 注意力”", [Term("topic", "moe"), Term("", "多头 注意力")]),
        ("2:4 std::vector https://x.y a-b - 'x", [Term("", w) for w in ("2:4", "std::vector", "https://x.y", "a-b", "-", "'x")]),
        ('"open phrase', [Term("", "open phrase")]),
        ('"topic:moe" ""', [Term("", "topic:moe")]),
    ],
)
def test_what_a_query_says(text: str, terms: list[Term]) -> None:
    assert list(parse(text)) == terms


def test_an_argument_that_the_shell_held_together_is_a_phrase_unless_it_is_a_query() -> None:
    assert from_arguments(["KV cache", "is:due"]) == (Term("", "KV cache"), Term("is", "due"))
    assert from_arguments(["-KV cache"]) == (Term("", "KV cache", negated=True),)
    assert from_arguments(["topic:moe is:due"]) == (Term("topic", "moe"), Term("is", "due"))
    assert from_arguments(["-topic:moe x"]) == (Term("topic", "moe", negated=True), Term("", "x"))
    assert from_arguments(['"a b" c']) == (Term("", "a b"), Term("", "c"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("toipc:moe", "unknown key 'toipc': did you mean `topic`\\?"),
        ("xyzzy:1", "unknown key 'xyzzy': known are topic, tag, level, kind, lang, is"),
        ("is:deu", "unknown state 'deu': did you mean `due`\\?"),
        ("-is:leach", "did you mean `leech`"),
        ("level:9", "unknown level '9': known are 1, 2, 3, 4, 5"),
        ("lang:fr", "unknown lang 'fr': known are en, zh"),
        ("topic:mo", "unknown topic 'mo': did you mean `moe`"),
        ("tag:x", "unknown tag 'x': known are serving"),
        ("is:", "`is:` has no value: write it without a space, as in `is:due`"),
        ("-topic: moe", "`topic:` has no value"),
    ],
)
def test_what_is_unknown_is_told_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(LlmquizError, match=message):
        check(parse(text), lambda: {"topic": ["moe"], "tag": ["serving"], "kind": ["open"]})


def test_names_of_the_bank_are_read_only_when_they_are_needed() -> None:
    check(parse("word level:3 lang:zh is:due"), lambda: pytest.fail("the bank was asked"))


def test_of_several_topics_one_of_several_tags_all() -> None:
    said = groups(parse("topic:a tag:x topic:b tag:y -topic:c -topic:d"))
    assert sorted(len(g) for g in said) == [1, 1, 1, 1, 2]


@given(st.text(max_size=30) | st.text('ab"-: “”：\n', max_size=30))
def test_no_text_makes_the_parser_do_anything_but_parse_or_tell(text: str) -> None:
    try:
        terms = parse(text)
    except LlmquizError:
        return
    assert all(t.value and t.key in ("", *KEYS) for t in terms)


def fill(collection: Collection, clock: FakeClock) -> None:
    """Make `first` young and due, `second` mature and a leech, `third` suspended, `fourth` flagged, `fifth` buried."""
    for _ in range(8):
        for days, grade in ((1, Grade.GOOD), (1, Grade.WRONG)):
            clock.on(days=days)
            collection.grade("second", grade, clock.now())
    for days in (1, 1, 6, 20):
        clock.on(days=days)
        collection.grade("second", Grade.PERFECT, clock.now())
    collection.grade("first", Grade.GOOD, clock.now())
    clock.on(days=1)
    collection.mark("third", SUSPENDED, clock.now())
    collection.mark("fourth", FLAGGED, clock.now())
    collection.mark("fifth", BURIED, clock.now())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "fifth first fourth second third"),
        ("topic:small", "first second third"),
        ("topic:small topic:other level:1", "first fourth"),
        ("-topic:small", "fifth fourth"),
        ("tag:easy tag:both", "first"),
        ("-tag:easy topic:small", "second third"),
        ("lang:zh", "fifth first fourth second"),
        ("-lang:en", "third"),
        ("kind:open level:3", "third"),
        ("is:due", "first"),
        ("is:new", "fifth fourth third"),
        ("is:young", "first"),
        ("is:mature is:leech", "second"),
        ("is:suspended", "third"),
        ("is:flagged", "fourth"),
        ("is:buried", "fifth"),
        ("-is:due -is:new", "second"),
        ("-is:mature is:mine", ""),
        ("THIRD answer", "third"),
        ('"third answer"', "third"),
        ('"answer third"', ""),
        ("答案 -第一", "fifth fourth second"),
        ("说一", "first"),
        ("不是零", "first"),
        ("vaswani", ""),
        ("must", ""),
        ("question", ""),
        ("%", ""),
        ("' or 1=1 --", ""),
    ],
)
def test_what_a_query_finds(collection: Collection, clock: FakeClock, text: str, ids: str) -> None:
    fill(collection, clock)
    assert " ".join(h.id for h in collection.find(parse(text), clock.now(), "id")) == ids


def test_every_state_and_its_negation_part_the_bank(collection: Collection, clock: FakeClock) -> None:
    fill(collection, clock)
    for state in STATES:
        yes = {h.id for h in collection.find(parse(f"is:{state}"), clock.now())}
        no = {h.id for h in collection.find(parse(f"-is:{state}"), clock.now())}
        assert yes | no == {"first", "second", "third", "fourth", "fifth"}, state
        assert not yes & no, state


def test_orders(collection: Collection, clock: FakeClock) -> None:
    fill(collection, clock)

    def ids(sort: str) -> list[str]:
        return [h.id for h in collection.find((), clock.now(), sort)]

    assert ids("id") == ["fifth", "first", "fourth", "second", "third"]
    assert ids("level") == ["fourth", "first", "fifth", "second", "third"]
    assert ids("due")[:2] == ["first", "second"]
    assert ids("ease")[:2] == ["first", "second"]
    assert ids("lapses")[:2] == ["second", "first"]
    assert ids("topic") == ["fourth", "fifth", "first", "second", "third"]
