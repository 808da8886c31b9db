"""Commands that write and check questions: add, check, schema.

Invariant: nothing is written before it has been checked, and nothing is asked where nobody can answer.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmquiz.cli.context import DATA_AT_FAULT, collection, interactive, language, out, out_json, tell
from llmquiz.cli.options import BankOption, JsonOption, Lang, complete_kind, complete_tag, complete_template, complete_topic
from llmquiz.cli.proofs import lines, many, totals
from llmquiz.errors import LlmquizError

if TYPE_CHECKING:
    from llmquiz.collection import Collection
    from llmquiz.model import Bank
    from llmquiz.proving import Proved

ADD_EXAMPLES = """[bold]Examples[/bold]

llmquiz add   asks for everything

llmquiz add --topic moe --question "Why drop tokens?" --answer "Capacity is fixed; what overflows is dropped."

llmquiz add --topic moe --lang zh --question "为什么会丢 token？" --answer "容量固定，溢出的就丢。"

llmquiz add --kind numeric   a template in your editor: choice, numeric, code

llmquiz add --topic moe --file card.yaml

llmquiz add < card.yaml"""
CHECK_EXAMPLES = """[bold]Examples[/bold]

llmquiz check   the whole bank

llmquiz check my-bank   held to the guide too, as the shipped bank is

llmquiz check --strict   your own questions as well

llmquiz check --kind code   which test caught which wrong solution

llmquiz check --json"""
SCHEMA_EXAMPLES = """[bold]Examples[/bold]

llmquiz schema > bank.schema.json

# yaml-language-server: $schema=bank.schema.json   as the first line of a bank file"""


def add(
    question: Annotated[str | None, typer.Option("--question", "-q", help="The question, as an interviewer says it.")] = None,
    answer: Annotated[str | None, typer.Option("--answer", "-a", help="The answer, in Markdown.")] = None,
    topic: Annotated[
        str | None, typer.Option("--topic", "-t", help="The topic: a file of your questions.", autocompletion=complete_topic)
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help="A slug for it. Default: made from the question.")] = None,
    point: Annotated[
        list[str] | None, typer.Option("--point", help="A point of the rubric; may be given again. A leading ! makes it a must.")
    ] = None,
    level: Annotated[int | None, typer.Option("--level", min=1, max=5, help="1 warm-up to 5 staff.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given again.", autocompletion=complete_tag)] = None,
    source: Annotated[list[str] | None, typer.Option("--source", help="An arXiv id, an address, or a title; may be given again.")] = None,
    lang: Annotated[
        Lang | None,
        typer.Option("--lang", "-L", help="The language you write in. Default: at the prompts that of `study`, else none is noted."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Write one of this kind over a template, in your editor.", autocompletion=complete_template)
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Take the question from a YAML file, one item as in a bank; - is standard input.")
    ] = None,
    bank: BankOption = None,
) -> None:
    """Add a question of your own; it is in the next session.

    With no options on a terminal everything is asked for. Your questions live in the folder `questions` of your
    collection, one file a topic; comments and layout of the file are kept.
    """
    from llmquiz.cli.adding import body_from_file, body_from_options, complete

    extra = {k: v for k, v in {"id": id_, "level": level, "tags": tag, "points": point, "sources": source}.items() if v}
    with collection(bank or ()) as opened:
        speech = language(lang, opened.settings.lang)
        asking = file is None and question is None and answer is None and interactive()
        if kind is not None:
            from llmquiz.cli.editing import add_from_template

            out(add_from_template(opened, kind, topic, extra))
            return
        if asking:
            from llmquiz.cli.prompts import ask

            topic, body = ask(opened, topic, speech)
        elif file is not None or (question is None and answer is None and not sys.stdin.isatty()):
            topic, body = body_from_file(file or Path("-"), topic)
        else:
            topic, body = body_from_options(topic, question, answer, speech if lang else None)
        _save(opened, topic or "my-questions", complete(body, extra, taken=opened.ids()), asking=asking)


def _save(opened: "Collection", topic: str, body: dict[str, Any], *, asking: bool) -> None:
    """Show what is like the new question and, where somebody can answer, the card; then save it."""
    from llmquiz import authoring

    alike = authoring.similar(opened, body)
    if asking:
        from llmquiz.cli.prompts import confirm

        if not confirm(topic, body, alike):
            out("not saved")
            return
    else:
        for card, text in alike:
            tell(f"like it: {card}: {text}")
    from llmquiz.cli.editing import code_note, mend

    try:
        path = authoring.add(opened, topic, body)
    except LlmquizError as error:
        if not asking:
            raise
        out(mend(opened, topic, body, error))
        return
    out(f"added: {body['id']} to {path}" + code_note(opened, body["id"]))


def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Bank files or folders. Default: every folder of your collection.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Hold your own questions to the guide, too.")] = False,
    kind: Annotated[str, typer.Option("--kind", help="Only this kind of question.", autocompletion=complete_kind)] = "",
    json: JsonOption = False,
    bank: BankOption = None,
) -> None:
    """Check the bank: everything that is wrong, with file, line and column. Exit code 1 where there is a problem.

    The shipped questions, and the files and folders that you name, are
    also held to the guide of the bank: lengths, points, sources, follow-ups,
    Chinese typography, formulas, near-duplicates. What breaks it is a warning.
    Of your own questions only the structure is checked, unless --strict.
    The follow-ups of a single file are looked for in the rest of its bank, too.

    The solutions of code questions have to pass their tests, and each wrong one
    to fail them; the code of a file that you have not trusted is not run.
    """
    with collection(bank or (), refresh=False) as opened:
        found = opened.check(paths or (), strict=strict, kind=kind)
        proved = _prove(opened, found)
    problems = sorted([*found.problems, *(proved.problems if proved else ())])
    wrong = [p for p in problems if not p.warning]
    if json:
        rows = [{"path": p.path, "line": p.line, "column": p.column, "warning": p.warning, "message": p.message} for p in problems]
        out_json({"questions": len(found.questions), "problems": rows, "code": totals(proved)})
    else:
        from llmquiz.render import clean

        for line in lines(proved, each=kind == "code"):
            out(clean(line))
        for problem in problems:
            out(clean(str(problem)))
        warnings = len(problems) - len(wrong)
        out(f"{many(len(found.questions), 'question')}, {many(len(wrong), 'problem')}, {many(warnings, 'warning')}")
    if wrong:
        sys.stdout.flush()
        raise typer.Exit(DATA_AT_FAULT)


def _prove(opened: "Collection", found: "Bank") -> "Proved | None":
    """Run the code of a bank, with its progress on a line that goes away; None where it has none."""
    from llmquiz.questions import WRITE

    if not any(q.way == WRITE for q in found.questions.values()):
        return None
    from llmquiz.proving import prove

    def progress(n: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\rrunning code: {n}/{total}" if n < total else "\r\x1b[K")
            sys.stderr.flush()

    return prove(opened, found, progress)


def schema() -> None:
    """Print the JSON Schema of a bank file, for editors that complete and check YAML."""
    from llmquiz.questions import file_schema

    out_json(file_schema())
