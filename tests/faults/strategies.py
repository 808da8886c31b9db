"""Events of a review log, made up by hypothesis: grades, undos and marks that collide often."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from llmquiz.log.lines import Event
from llmquiz.model import BURIED, FLAGGED, MODES, SUSPENDED

CARDS = ("a", "b", "c")
instants = st.integers(0, 15).map(lambda i: f"2026-01-{1 + i // 4:02}T{6 * (i % 4):02}:00:00.000000Z")
days = st.integers(0, 60).map(lambda i: (date(2026, 1, 1) + timedelta(days=i)).isoformat())
cards = st.sampled_from(CARDS)
texts = st.text(st.characters(codec="utf-8"), max_size=6)
devices = st.sampled_from(["", "aaaaaaaa", "bbbbbbbb"])
seconds = st.integers(0, 600_000).map(lambda ms: ms / 1000)
modes, langs = st.sampled_from(MODES), st.sampled_from(["en", "zh"])
reviews = st.tuples(cards, instants, days, st.integers(0, 5), seconds, modes, st.just("self"), langs, texts, devices).map(
    lambda row: Event("reviews", row)
)
undos = st.tuples(cards, instants, instants, st.integers(0, 1)).map(lambda row: Event("undos", row))
marks = st.tuples(cards, instants, st.sampled_from([SUSPENDED, FLAGGED, BURIED]), st.sampled_from(["", "1", "2026-03-01"])).map(
    lambda row: Event("marks", row)
)
events = st.one_of(reviews, reviews, undos, marks)
