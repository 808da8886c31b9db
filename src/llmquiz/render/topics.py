"""The topics as a table, as rows and as JSON.

Invariant: what is shown of a topic is the same in all three: its name, title, questions, due, new and retention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from llmquiz.questions import BOTH
from llmquiz.render import clean, percent
from llmquiz.render.numbers import share_json
from llmquiz.stats import Share
from llmquiz.stats.whole import Topic

Titles = Mapping[str, Mapping[str, str]]  # topic -> language -> title


def topics_table(topics: Sequence[Topic], titles: Titles, lang: str) -> RenderableType:
    """Return the topics as a table; what `--topic` takes stands first."""
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in ("topic", "title"):
        table.add_column(name)
    for name in ("questions", "due", "new"):
        table.add_column(name, justify="right")
    table.add_column("retention")
    for row in topic_rows(topics, titles, lang):
        table.add_row(*(Text(clean(cell)) for cell in row))
    return table


def topic_rows(topics: Sequence[Topic], titles: Titles, lang: str) -> list[tuple[str, ...]]:
    """Return for each topic its name, title, questions, due, new and retention, as they are shown."""
    return [(t.topic, title(titles, t.topic, lang), str(t.questions), str(t.due), str(t.new), _share(t.retention)) for t in topics]


def title(titles: Titles, topic: str, lang: str) -> str:
    """Return the title of a topic, in both languages for "both"; its name where it has none."""
    there = titles.get(topic, {})
    if lang == BOTH:
        return " / ".join(dict.fromkeys(there.values())) or topic
    return there.get(lang) or topic


def _share(value: Share) -> str:
    if not value.reviews:
        return "-"
    return f"{percent(value.value)} of {value.reviews}" if value.enough else f"not enough data ({value.reviews})"


def topics_json(topics: Sequence[Topic], titles: Titles) -> list[dict[str, Any]]:
    """Return the topics as JSON values, their titles by language."""
    return [
        {
            "title": dict(titles.get(t.topic, {})),
            "topic": t.topic,
            "questions": t.questions,
            "due": t.due,
            "new": t.new,
            "retention": share_json(t.retention),
        }
        for t in topics
    ]
