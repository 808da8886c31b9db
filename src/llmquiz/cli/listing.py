"""Commands that list and show: list, search, show, history.

Invariant: a table is for a terminal only; on a pipe there is one line a card, tab-separated, without labels.
"""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmquiz.cli.context import Clock, collection, language, out, out_json, tell
from llmquiz.cli.options import MANY, BankOption, JsonOption, KindsOption, LangOption, complete_id, complete_query
from llmquiz.cli.words_looking import words

if TYPE_CHECKING:
    from llmquiz.log.search import Hit
    from llmquiz.render import View

QUERY_HELP = """A query: words, "quoted phrases", topic: tag: level: kind: lang:, and is:due is:new is:young is:mature is:leech
is:suspended is:flagged is:buried is:mine; a leading - negates. All has to hold; of several topics, levels or kinds one."""
LIST_EXAMPLES = """[bold]Examples[/bold]

llmquiz list topic:moe is:due

llmquiz list is:mature -tag:serving --sort ease

llmquiz list is:new --json | jq -r '.[].id'"""
SEARCH_EXAMPLES = """[bold]Examples[/bold]

llmquiz search KV cache   both words, anywhere in question or answer

llmquiz search "KV cache" -topic:moe   the phrase

llmquiz search 注意力 level:3"""

SHOW_EXAMPLES = """[bold]Examples[/bold]

llmquiz show moe-basics

llmquiz show moe-basics --lang zh

llmquiz show moe-basics --json | jq .memory.due"""
HISTORY_EXAMPLES = """[bold]Examples[/bold]

llmquiz history --limit 50

llmquiz history --json | jq '.[] | select(.answer != "")'"""


class Sort(StrEnum):
    """The orders of a list: soonest due, level, lowest ease, most lapses, id."""

    due = "due"
    level = "level"
    ease = "ease"
    lapses = "lapses"
    id = "id"


class QueryCommand(typer.core.TyperCommand):
    """A command whose arguments are a query: `-word` and `-topic:moe` are terms of it, not options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put what negates behind a `--`: the order of terms has no meaning."""
        names = {name for param in self.params for name in (*param.opts, *param.secondary_opts)} | set(ctx.help_option_names)
        cut = args.index("--") if "--" in args else len(args)
        terms = [a for a in args[:cut] if len(a) > 1 and a[0] == "-" and a[1] != "-" and a not in names]
        options = [a for a in args[:cut] if a not in terms]
        return super().parse_args(ctx, [*options, "--", *terms, *args[cut + 1 :]])


CLASSES = {"list": QueryCommand, "search": QueryCommand}


SortOption = Annotated[Sort | None, typer.Option("--sort", help="Default: topic, level, id.")]


def list_(
    query: Annotated[list[str] | None, typer.Argument(help=QUERY_HELP, autocompletion=complete_query)] = None,
    kind: KindsOption = None,
    sort: SortOption = None,
    json: JsonOption = False,
    lang: LangOption = None,
    bank: BankOption = None,
) -> None:
    """List the cards that a query means; without one all cards.

    A table on a terminal; on a pipe a line a card, tab-separated: id, kind, topic, level, due, interval, ease, lapses,
    flags, question.
    """
    from llmquiz.query import Term, from_arguments
    from llmquiz.render import View

    clock = Clock()
    with collection(bank or ()) as opened:
        now = clock.now()
        speech = language(lang, opened.settings.lang)
        hits = opened.find((*from_arguments(query or ()), *(Term("kind", k) for k in kind or ())), now, sort or "topic")
        _print(hits, View(speech, words(speech), opened.day(now)), sort or "", json=json)


def search(
    query: Annotated[list[str], typer.Argument(help=QUERY_HELP, autocompletion=complete_query)],
    kind: KindsOption = None,
    sort: SortOption = None,
    json: JsonOption = False,
    lang: LangOption = None,
    bank: BankOption = None,
) -> None:
    """Search the questions and answers, in all languages, and list the cards found."""
    list_(query, kind, sort, json, lang, bank)


def show(
    card: Annotated[str, typer.Argument(metavar="ID", help="The id of a question.", autocompletion=complete_id)],
    json: JsonOption = False,
    lang: LangOption = None,
    bank: BankOption = None,
) -> None:
    """Show a card in full: question, answer, points, sources, memory, follow-ups, and every review with what you typed."""
    from llmquiz.render import View, lines

    clock = Clock()
    with collection(bank or ()) as opened:
        now = clock.now()
        whole = opened.whole(card, now)
        if json:
            out_json(lines.whole_json(whole))
            return
        from llmquiz.cli.terminal import WIDEST, show
        from llmquiz.render.card import whole_card

        speech = language(lang, opened.settings.lang)
        view = View(speech, words(speech), opened.day(now))
        title = opened.titles().get(whole.question.topic, {}).get(view.words.lang) or whole.question.topic
        show(lambda width: whole_card(whole, title, view._replace(width=width)), WIDEST)


def history(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MANY, help="At most this many.")] = 20,
    json: JsonOption = False,
    bank: BankOption = None,
) -> None:
    """Show the latest reviews, newest first.

    On a pipe a line a review, tab-separated: at (UTC), study day, id, grade, mode, seconds, language, answer.
    """
    from llmquiz.render import View, lines

    clock = Clock()
    with collection(bank or ()) as opened:
        reviews = opened.latest(limit)
        speech = language(None, opened.settings.lang)
        view = View(speech, words(speech), opened.day(clock.now()))
        if json:
            out_json([lines.review_json(r) for r in reviews])
        elif not reviews:
            tell(view.words("no_history"))
        elif sys.stdout.isatty():
            from llmquiz.cli.terminal import show
            from llmquiz.render.card import reviews_table

            show(lambda width: reviews_table(reviews, view._replace(width=width)))
        else:
            out("\n".join(lines.history_lines(reviews)))


def _print(hits: "list[Hit]", view: "View", sort: str, *, json: bool) -> None:
    from llmquiz.render import lines

    if json:
        out_json(lines.cards_json(hits, view.lang))
    elif not hits:
        tell(view.words("none"))
    elif sys.stdout.isatty():
        from llmquiz.cli.terminal import show
        from llmquiz.render.cards import cards_table

        show(lambda width: cards_table(hits, view._replace(width=width), sort))
    else:
        out("\n".join(lines.cards_lines(hits, view.lang)))
