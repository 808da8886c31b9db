"""Commands that change questions: edit, remove, rename.

Invariant: a text that was typed is never thrown away for a mistake in it: the learner goes back to the editor, or gives up.
"""

import sys
from shlex import quote
from typing import Annotated, Any

import typer

from llmquiz.cli.context import collection, interactive, out, tell
from llmquiz.cli.options import complete_id
from llmquiz.collection import Collection
from llmquiz.errors import LlmquizError
from llmquiz.questions import WRITE

EDIT_EXAMPLES = """[bold]Examples[/bold]

llmquiz edit why-scale-sqrt-dk   of a shipped question: a copy of yours that replaces it

llmquiz edit --revert why-scale-sqrt-dk   takes your copy away again"""
REMOVE_EXAMPLES = "[bold]Examples[/bold]\n\nllmquiz remove capacity-factor"
RENAME_EXAMPLES = "[bold]Examples[/bold]\n\nllmquiz rename capacity-factor moe-capacity-factor"

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The question's id.", autocompletion=complete_id)]


def edit(
    card: IdArgument,
    revert: Annotated[bool, typer.Option("--revert", help="Take away your copy of a shipped question.")] = False,
) -> None:
    """Edit a question in your editor; it is checked when you save, and your progress stays."""
    from llmquiz import authoring

    with collection() as opened:
        if revert:
            path = authoring.revert(opened, card)
            out(f"reverted: {card} (taken out of {path})")
        else:
            out(edit_card(opened, card))


def edit_card(opened: Collection, card: str) -> str:
    """Let the learner edit a question until it can be saved; return what to say."""
    from llmquiz import authoring
    from llmquiz.cli import editor

    draft = authoring.draft(opened, card)
    text = draft.text
    while True:
        text = editor.edit(text, opened.settings.editor)
        if text == draft.text:
            return f"unchanged: {card}"
        try:
            authoring.save(opened, draft, text)
        except LlmquizError as error:
            if not _again(str(error)):
                raise
        else:
            said = f"saved: {card} to {draft.path}"
            return (f"{said}; it replaces the shipped one" if draft.copy else said) + code_note(opened, card)


def code_note(opened: Collection, card: str) -> str:
    """Say whether the code of a question that was just written may run; nothing where it has none."""
    if opened.question(card).way != WRITE:
        return ""
    if path := opened.locked(card):
        return f"\nits code is locked until you have read it and said `llmquiz trust {quote(path)}`"
    return "\nits code may run, as you wrote it here; `llmquiz trust --forget` takes that back"


def add_from_template(opened: Collection, kind: str, topic: str | None, extra: dict[str, Any]) -> str:
    """Let the learner write a question of a kind over its template until it can be saved; return what to say."""
    from llmquiz.cli.templates import TEMPLATES
    from llmquiz.questions import unknown

    if kind not in TEMPLATES:
        raise LlmquizError(unknown("kind", kind, TEMPLATES))
    return _add_written(opened, "the template", TEMPLATES[kind], topic, extra) or "not saved: the template is as it was"


def mend(opened: Collection, topic: str, body: dict[str, Any], problem: LlmquizError) -> str:
    """Let the learner mend, in the editor, a question that was typed and cannot be saved; return what to say.

    Raises the problem where they would rather not.
    """
    from llmquiz.bank.write import item_text

    if not _again(str(problem), "Mend it in your editor?"):
        raise problem
    return _add_written(opened, "the question", f"topic: {topic}\nquestions:\n{item_text(body)}", None, {}) or "not saved: it is as it was"


def _add_written(opened: Collection, name: str, begun: str, topic: str | None, extra: dict[str, Any]) -> str:
    """Let the learner write on from what is `begun` until it can be saved; return what to say, "" where nothing was written."""
    from llmquiz import authoring
    from llmquiz.cli import editor
    from llmquiz.cli.adding import body_from_yaml, complete

    text = begun
    while True:
        text = editor.edit(text, opened.settings.editor)
        if text == begun:
            return ""
        try:
            where, body = body_from_yaml(name, text.encode(), topic)
            body = complete(body, extra, taken=opened.ids())
            path = authoring.add(opened, where or "my-questions", body, own_hand=True)
            return f"added: {body['id']} to {path}" + code_note(opened, body["id"])
        except LlmquizError as error:
            if not _again(str(error)):
                raise


def _again(problem: str, question: str = "Back to the editor?") -> bool:
    """Tell a problem and ask whether to go to the editor; nobody is asked on a pipe."""
    if not interactive():
        return False
    tell(f"problem: {problem}")
    sys.stdout.flush()
    try:
        return typer.confirm(question, default=True)
    except typer.Abort:  # Ctrl-C and Ctrl-D are a no: a study session goes on
        return False


def remove(card: IdArgument) -> None:
    """Remove a question of your own. Its reviews stay in the log."""
    from llmquiz import authoring

    with collection() as opened:
        reviews = len(opened.log.history(card))
        path = authoring.remove(opened, card)
        out(f"removed: {card} from {path}" + (f"; its {reviews} reviews stay in the log" if reviews else ""))


def rename(
    card: IdArgument,
    new_id: Annotated[str, typer.Argument(metavar="NEW", help="The new id: lower-case letters, digits, hyphens.")],
) -> None:
    """Give a question of your own another id; its history follows."""
    from llmquiz import authoring

    with collection() as opened:
        path = authoring.rename(opened, card, new_id)
        out(f"renamed: {card} to {new_id} in {path}")
