"""What is said at the end of a session.

Invariant: it counts the reviews of this session that stand; what was taken back does not count.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from llmquiz.cli.sitting import Sitting
from llmquiz.model import DRILL, Review
from llmquiz.render import duration


def summary(sitting: Sitting) -> list[str]:
    """Return the lines of the summary: graded, passed, time, topics, tomorrow, streak, drill left."""
    words, now = sitting.words, sitting.clock.now()
    graded = [s for s in sitting.steps if isinstance(s, Review)]
    lines = _graded(sitting, graded) if graded else [words("summary_none")]
    if sitting.session.again and graded:
        lines.append(words("again_later", n=len(sitting.session.again)))
    streak = sitting.collection.streak(now)
    days = words("day" if streak == 1 else "days_word")
    return [*lines, words("tomorrow", due=_due_tomorrow(sitting, now), streak=streak, days_word=days)]


def _graded(sitting: Sitting, graded: list[Review]) -> list[str]:
    words = sitting.words
    study = [r for r in graded if r.mode != DRILL]
    passed = sum(r.grade.passed for r in study)
    lines = [words("summary", graded=len(study), passed=passed, time=duration(sitting.elapsed))]
    topic = {c.id: c.topic for c in (*sitting.session.fetched, *sitting.session.again)}
    topics = Counter(sitting.title(topic.get(r.card, "")) for r in study)
    if len(topics) > 1:
        lines.append(f"{words('by_topic')}: " + ", ".join(f"{t} {n}" for t, n in topics.most_common()))
    return [*lines, words("saved_one") if len(graded) == 1 else words("saved", graded=len(graded))]


def _due_tomorrow(sitting: Sitting, now: datetime) -> int:
    tomorrow = sitting.collection.day(now) + timedelta(days=1)
    return sitting.collection.due_between(tomorrow.min, tomorrow)
