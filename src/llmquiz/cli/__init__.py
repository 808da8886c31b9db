"""The command line: Typer commands, each of which parses, calls one method of `Collection` and prints.

Invariant: importing this package imports Typer and the standard library, nothing else; what a command needs is imported
inside it. Modules that define commands do without `from __future__ import annotations`: at every start Typer would
compile each annotation from its text, twice.
"""

from typing import Annotated

import typer

from llmquiz import __version__
from llmquiz.cli import authoring, editing, listing, looking, marking, settings, study
from llmquiz.cli.context import Group, out

app = typer.Typer(
    cls=Group,
    no_args_is_help=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Every day: [bold]llmquiz study[/bold]. Asked something new in an interview: [bold]llmquiz add[/bold].",
)


def _version(value: bool) -> None:  # noqa: FBT001  Typer hands it over by position
    if value:
        out(f"llmquiz {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version.")] = False,  # noqa: ARG001
) -> None:
    """Practise interview questions on large language models, with spaced repetition.

    Without a command: where you stand today, and what to type next.
    """
    if ctx.invoked_subcommand is None:
        looking.glance()


app.command(epilog=study.EXAMPLES)(study.study)
app.command(epilog=authoring.ADD_EXAMPLES)(authoring.add)
app.command("list", cls=listing.QueryCommand, epilog=listing.LIST_EXAMPLES)(listing.list_)
app.command(cls=listing.QueryCommand, epilog=listing.SEARCH_EXAMPLES)(listing.search)
app.command(epilog=listing.SHOW_EXAMPLES)(listing.show)
app.command(epilog=listing.HISTORY_EXAMPLES)(listing.history)
app.command(epilog=looking.STATS_EXAMPLES)(looking.stats)
app.command(epilog=looking.TOPICS_EXAMPLES)(looking.topics)
app.command(epilog=looking.DUE_EXAMPLES)(looking.due)
app.command(epilog=looking.UNDO_EXAMPLES)(looking.undo)
app.command(epilog=editing.EDIT_EXAMPLES)(editing.edit)
app.command(epilog=editing.REMOVE_EXAMPLES)(editing.remove)
app.command(epilog=editing.RENAME_EXAMPLES)(editing.rename)
for mark, query in (
    (marking.suspend, "topic:diffusion-generation"),
    (marking.unsuspend, "is:suspended"),
    (marking.bury, "is:due level:5"),
    (marking.unbury, "is:buried"),
    (marking.flag, "is:leech"),
    (marking.unflag, "is:flagged"),
):
    app.command(epilog=marking.examples(mark.__name__, query))(mark)
app.command(epilog=authoring.CHECK_EXAMPLES)(authoring.check)
app.command(epilog=settings.CONFIG_EXAMPLES)(settings.config)
app.command(epilog=authoring.SCHEMA_EXAMPLES)(authoring.schema)
