"""Commands that look: due, stats, topics.

Invariant: what is piped or asked for as JSON has no decoration; every command reads the clock once.
"""

import re
import sys
from datetime import date
from typing import Annotated

import typer

from llmquiz.cli.context import Clock, collection, language, out, out_json
from llmquiz.cli.options import BankOption, JsonOption, KindsOption, Lang, LangOption, TagsOption, TopicsOption
from llmquiz.cli.words_looking import words

STATS_EXAMPLES = """[bold]Examples[/bold]

llmquiz stats

llmquiz stats --topic moe --since 90d

llmquiz stats --kind numeric --kind choice

llmquiz stats --json | jq .today.reviews"""
DUE_EXAMPLES = "[bold]Examples[/bold]\n\nllmquiz due\n\nllmquiz due --count   for a status line"
TOPICS_EXAMPLES = """[bold]Examples[/bold]

llmquiz topics

llmquiz topics --lang zh

llmquiz topics | cut -f 1   names alone: on a pipe the columns are tab-separated

llmquiz topics --json | jq 'map(.questions) | add'"""


def due(
    count: Annotated[bool, typer.Option("--count", help="Only the number of due cards.")] = False,
    json: JsonOption = False,
    bank: BankOption = None,
) -> None:
    """Say how many cards are due now."""
    from llmquiz.cli import today

    today.due(bank or (), count=count and not json, json=json)


def stats(
    topic: TopicsOption = None,
    tag: TagsOption = None,
    kind: KindsOption = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only reviews since this day: 2026-11-01, or 30d, 4w, 3m, 1y ago.")
    ] = None,
    lang: Annotated[Lang | None, typer.Option("--lang", "-L", help="Only reviews in this language, which the labels speak too.")] = None,
    json: JsonOption = False,
    bank: BankOption = None,
) -> None:
    """Show where you stand: today, what is coming, retention, time, what is hard, and the last 12 months.

    Retention is the share of passes among repeat reviews; below ten there is not enough data to say.
    """
    from llmquiz.stats.whole import Scope

    clock = Clock()
    with collection(bank or ()) as opened:
        now = clock.now()
        scope = Scope(tuple(topic or ()), tuple(tag or ()), tuple(kind or ()), _since(since, opened.day(now)), str(lang or ""))
        numbers = opened.stats(now, scope)
        if json:
            from llmquiz.render.numbers import stats_json

            out_json(stats_json(numbers))
            return
        from llmquiz.cli.terminal import show
        from llmquiz.render import View
        from llmquiz.render.report import stats_report

        speech = language(lang, opened.settings.lang)
        labels, titles = words(speech), opened.titles()
        show(lambda width: stats_report(numbers, titles, View(speech, labels, numbers.day, width)))


def _since(text: str | None, day: date) -> date | None:
    """Return the day that `--since` names."""
    if text is None:
        return None
    try:
        if not (ago := re.fullmatch(r"(\d{1,4})([dwmy])", text)):
            return date.fromisoformat(text)
        from dateutil.relativedelta import relativedelta

        units = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
        return day - relativedelta(**{units[ago[2]]: int(ago[1])})  # type: ignore[arg-type]
    except ValueError:
        msg = f"{text!r} is no day: give one as 2026-11-01, or 30d, 4w, 3m, 1y ago"
        raise typer.BadParameter(msg, param_hint="--since") from None


def topics(lang: LangOption = None, json: JsonOption = False, bank: BankOption = None) -> None:
    """Show the topics: questions, due and new cards, retention. On a pipe a line each, tab-separated."""
    clock = Clock()
    with collection(bank or ()) as opened:
        there, titles = opened.topics(clock.now()), opened.titles()
        speech = language(lang, opened.settings.lang)
    from llmquiz.render import clean
    from llmquiz.render.topics import topic_rows, topics_json, topics_table

    if json:
        out_json(topics_json(there, titles))
    elif sys.stdout.isatty():
        from rich.console import Console

        Console(highlight=False).print(topics_table(there, titles, speech))
    else:
        for row in topic_rows(there, titles, speech):
            out("\t".join(clean(cell).replace("\t", " ") for cell in row))
