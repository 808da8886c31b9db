"""`llmquiz study`: the options.

Invariant: an option that is not given leaves to `studying.study` what it does without.
"""

from pathlib import Path
from typing import Annotated

import typer

from llmquiz.cli.options import MANY, BankOption, KindsOption, LangOption, TagsOption, TopicsOption

STUDY_EXAMPLES = """[bold]Examples[/bold]

llmquiz study   today's cards

llmquiz study --lang zh --topic moe --topic peft   两个主题，中文

llmquiz study --new 0 --minutes 15   repeat only, for a quarter of an hour

llmquiz study --kind code --in-place answer.py   code in the editor of your choice

llmquiz study --ahead --tag serving --limit 20   before an interview on serving

printf '\\n4\\n' | llmquiz study --limit 1   from a script: an answer line, a grade line"""


def study(
    topic: TopicsOption = None,
    tag: TagsOption = None,
    level: Annotated[list[int] | None, typer.Option("--level", min=1, max=5, help="Only this level, 1 to 5; may be given again.")] = None,
    kind: KindsOption = None,
    lang: LangOption = None,
    new: Annotated[
        int | None,
        typer.Option("--new", min=0, max=MANY, help="At most this many new cards now. Default: what `new_per_day` (config) leaves today."),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, max=MANY, help="At most this many cards.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0.1, help="No further card after this many minutes.")] = None,
    ahead: Annotated[bool, typer.Option("--ahead", help="Cards that are not due yet as well; passing them changes no date.")] = False,
    in_place: Annotated[
        Path | None,
        typer.Option("--in-place", metavar="FILE", help="Write code questions in this file, with any editor; Enter runs the tests."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another order among equals.")] = 0,
    bank: BankOption = None,
) -> None:
    """Study the cards that are due, then new ones.

    Press Enter to see the answer, tick the points you said, take the suggested grade or give your own (0 to 5). Cards
    below 4 come once more at the end. On a pipe, lines take the place of keys.
    """
    from llmquiz.cli import studying
    from llmquiz.session import Wanted

    wanted = Wanted(
        topics=tuple(topic or ()), tags=tuple(tag or ()), levels=tuple(level or ()), kinds=tuple(kind or ()),
        new=new, limit=limit, ahead=ahead, seed=seed,
    )  # fmt: skip
    studying.study(wanted, bank or (), lang=lang, minutes=minutes, in_place=in_place)
