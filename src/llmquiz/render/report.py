"""Statistics as Rich renderables and as JSON.

Invariant: a share of fewer than ten reviews is never shown as a percentage; the JSON has the raw counts beside every share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from llmquiz.questions import BOTH
from llmquiz.render import clean, duration, percent
from llmquiz.stats import Share, Stats, Topic

Titles = Mapping[str, Mapping[str, str]]  # topic -> language -> title
BAR = 24  # cells


def share(value: Share) -> str:
    """Say a share with its count: 87% of 40, or that there is not enough data."""
    if not value.reviews:
        return "-"
    return f"{percent(value.value)} of {value.reviews}" if value.enough else f"not enough data ({value.reviews})"


def stats_report(s: Stats, titles: Titles, lang: str = "en") -> RenderableType:
    """Return today, the streak, the next days as bars, and the topics as a table."""
    t = s.today
    lines = Text()
    lines.append("Today      ", "bold")
    lines.append(f"{t.reviews} graded, {t.passed} passed, {t.new} new, {t.drills} repeated, {duration(t.seconds)}\n")
    lines.append("Streak     ", "bold")
    lines.append(f"{s.streak} day{'' if s.streak == 1 else 's'}\n")
    lines.append("Waiting    ", "bold")
    lines.append(f"{s.due} due, {s.new} new\n")
    lines.append("Retention  ", "bold")
    lines.append(f"{share(s.retention)}\n")
    return Group(lines, _upcoming(s), Text(), topics_table(s.topics, titles, lang))


def _upcoming(s: Stats) -> RenderableType:
    most = max((*s.upcoming, 1))
    table = Table(title="Due in the next 7 days", title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 1))
    for i, n in enumerate(s.upcoming):
        day = "today" if i == 0 else "tomorrow" if i == 1 else f"{s.day.fromordinal(s.day.toordinal() + i):%a %d %b}"
        table.add_row(day, Text("█" * round(n / most * BAR), "cyan"), str(n))
    return table


def topics_table(topics: Sequence[Topic], titles: Titles, lang: str = "en", *, names: bool = False) -> RenderableType:
    """Return the topics as a table: title, questions, due, new, retention; with `names` what `--topic` takes stands first."""
    table = Table(title="Topics", title_justify="left", title_style="bold", box=None, padding=(0, 1), header_style="dim")
    for name in ("topic", "title") if names else ("",):
        table.add_column(name)
    for name in ("questions", "due", "new"):
        table.add_column(name, justify="right")
    table.add_column("retention")
    for topic, *row in topic_rows(topics, titles, lang):
        table.add_row(*(Text(clean(cell)) for cell in ([topic, *row] if names else row)))
    return table


def topic_rows(topics: Sequence[Topic], titles: Titles, lang: str = "en") -> list[tuple[str, ...]]:
    """Return for each topic its name, title, questions, due, new and retention, as they are shown."""
    return [(t.topic, title(titles, t.topic, lang), str(t.questions), str(t.due), str(t.new), share(t.retention)) for t in topics]


def title(titles: Titles, topic: str, lang: str) -> str:
    """Return the title of a topic, in both languages for "both"; its name where it has none."""
    there = titles.get(topic, {})
    if lang == BOTH:
        return " / ".join(dict.fromkeys(there.values())) or topic
    return there.get(lang) or topic


def topics_json(topics: Sequence[Topic], titles: Titles) -> list[dict[str, Any]]:
    """Return the topics as JSON values, their titles by language."""
    return [{"title": dict(titles.get(t.topic, {})), **_topic_json(t)} for t in topics]


def stats_json(s: Stats) -> dict[str, Any]:
    """Return the statistics as JSON values; docs/json.md tells their shape."""
    return {
        "day": s.day.isoformat(),
        "today": {
            "reviews": s.today.reviews,
            "passed": s.today.passed,
            "new": s.today.new,
            "drills": s.today.drills,
            "seconds": s.today.seconds,
        },
        "streak": s.streak,
        "due": s.due,
        "new": s.new,
        "upcoming": list(s.upcoming),
        "retention": _share_json(s.retention),
        "topics": [_topic_json(t) for t in s.topics],
    }


def _topic_json(t: Topic) -> dict[str, Any]:
    return {"topic": t.topic, "questions": t.questions, "due": t.due, "new": t.new, "retention": _share_json(t.retention)}


def _share_json(value: Share) -> dict[str, Any]:
    return {"passed": value.passed, "reviews": value.reviews, "share": value.value}
