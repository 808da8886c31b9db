"""Statistics for a terminal or a pipe.

Invariant: a share of fewer than ten reviews is never shown as a percentage, and nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from llmquiz.render import View, clean, duration, percent
from llmquiz.render.heatmap import heatmap
from llmquiz.render.markdown import BilingualText
from llmquiz.stats import Share
from llmquiz.stats.whole import Hard, Kind, Level, Stats, Topic

Titles = Mapping[str, Mapping[str, str]]
FEW_LEECHES = 10
LABEL = 9  # cells that the labels of the summary take at least


def stats_report(s: Stats, titles: Titles, view: View) -> RenderableType:
    """Return every statistic, one section below the other."""
    sections = [_summary(s, view), *_sections(s, titles, view)]
    return Group(*[part for section in sections for part in (section, Text())][:-1])


def _sections(s: Stats, titles: Titles, view: View) -> Iterator[RenderableType]:
    words = view.words
    yield _forecast(s, view)
    if s.weeks:
        yield _weeks(s, view)
    yield _groups(words("by_topic"), [(_title(t.topic, titles, view), t) for t in s.topics], view)
    yield _groups(words("by_level"), [(words(f"level{x.level}", level=x.level), x) for x in s.levels], view)
    yield _groups(words("by_kind"), [(words(f"kind_{k.kind}"), k) for k in s.kinds], view)
    if s.languages:
        yield _languages(s, view)
    if s.hardest:
        yield _hard(words("hardest"), s.hardest, view)
    if s.leeches:
        yield _hard(words("leeches", n=len(s.leeches)), s.leeches[:FEW_LEECHES], view)
    if s.year:
        yield Group(Text(words("year"), "bold"), heatmap(s.year, s.day, view))


def share(value: Share, view: View) -> str:
    """Say a share with its count, or that there is not enough data; a dash without reviews."""
    if not value.reviews:
        return "-"
    if not value.enough:
        return view.words("too_few", n=value.reviews)
    return view.words("share", percent=percent(value.value), n=value.reviews)


def _summary(s: Stats, view: View) -> RenderableType:
    t, words = s.today, view.words
    done = {"reviews": t.reviews, "passed": t.passed, "new": t.new, "drills": t.drills, "time": duration(t.seconds)}
    new, young, mature = s.maturity
    rows = {
        "stats_today": words("today_line", **done),
        "stats_streak": words("streak_one" if s.streak == 1 else "streak_line", n=s.streak),
        "stats_waiting": words("waiting_line", due=s.due, new=s.new),
        "stats_retention": share(s.retention, view),
        "stats_maturity": words("maturity_line", new=new, young=young, mature=mature),
        "stats_time": _time(s, view),
    }
    if scope := _scope(s, view):
        rows = {"only": scope, **rows}
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True, min_width=LABEL)
    for name, said in rows.items():
        table.add_row(words(name), BilingualText(said))
    return table


def _scope(s: Stats, view: View) -> str:
    c = s.scope
    since = [view.words("since", day=c.since)] if c.since else []
    lang = [view.words(f"lang_{c.lang}")] if c.lang else []
    kinds = [view.words(f"kind_{k}") for k in c.kinds]
    return clean(", ".join([*c.topics, *c.tags, *kinds, *since, *lang]))


def _time(s: Stats, view: View) -> str:
    if s.time.per_day is None or s.time.per_card is None:
        return "-"
    per_day, per_card = duration(s.time.per_day), duration(s.time.per_card)
    return view.words("time_line", total=duration(s.time.seconds), per_day=per_day, per_card=per_card)


def _section(title: str, *columns: str, right: Sequence[int] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1), header_style="dim")
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i in right else "left", overflow="fold")
    return table


def bar(n: float, most: float, cells: int) -> str:
    """Return a bar of up to `cells` cells; what is not zero has at least a part of one."""
    if n <= 0 or most <= 0:
        return ""
    eighths = max(1, round(n / most * cells * 8))
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _forecast(s: Stats, view: View) -> RenderableType:
    if not any(s.forecast):
        return Text(view.words("forecast_none", n=len(s.forecast)))
    table = _section(view.words("forecast", n=len(s.forecast)), "", "", view.words("due"), view.words("load"), right=(2, 3))
    cells, most = max(10, min(60, view.width - 40)), max(s.forecast)
    for i, (n, load) in enumerate(zip(s.forecast, s.load, strict=True)):
        table.add_row(_day(s.day, i, view), Text(bar(n, most, cells), "cyan"), str(n), str(load))
    return table


def _day(today: date, ahead: int, view: View) -> str:
    if ahead < 2:  # noqa: PLR2004
        return view.words(("in_0", "in_1")[ahead])
    day = today + timedelta(days=ahead)
    weekday, month = view.words("weekdays").split()[day.weekday()], view.words("months").split()[day.month - 1]
    return view.words("date", weekday=weekday, month=month, day=day.day)


def _weeks(s: Stats, view: View) -> RenderableType:
    words = view.words
    table = _section(words("by_week"), words("week"), words("graded"), words("retention"), "", words("per_card"), right=(1, 4))
    cells = max(8, min(20, view.width - 60))
    for w in s.weeks:
        value = w.retention.value if w.retention.enough else None
        seconds = duration(w.per_card) if w.per_card is not None else "-"
        table.add_row(w.start.isoformat(), str(w.reviews), share(w.retention, view), Text(bar(value or 0, 1, cells), "green"), seconds)
    return table


def _title(topic: str, titles: Titles, view: View) -> str:
    return clean(titles.get(topic, {}).get(view.words.lang) or topic)


def _groups(title: str, groups: Sequence[tuple[str, Topic | Level | Kind]], view: View) -> RenderableType:
    words = view.words
    table = _section(title, "", words("questions"), words("due"), words("new"), words("retention"), right=(1, 2, 3))
    for name, g in groups:
        table.add_row(BilingualText(name), str(g.questions), str(g.due), str(g.new), share(g.retention, view))
    return table


def _languages(s: Stats, view: View) -> RenderableType:
    table = _section(view.words("by_lang"), "", view.words("retention"))
    for lang, value in s.languages:
        table.add_row(view.words(f"lang_{lang}"), share(value, view))
    return table


def _hard(title: str, cards: Sequence[Hard], view: View) -> RenderableType:
    words = view.words
    table = _section(title, words("id"), words("level"), words("lapses"), words("ease"), words("retention"), right=(1, 2, 3))
    for c in cards:
        table.add_row(Text(c.id, "cyan"), str(c.level), str(c.lapses), f"{c.ease / 100:.2f}", share(c.retention, view))
    return table
