"""Markdown as Rich shows it, with formulas as Unicode and Chinese broken where Chinese breaks.

Invariant: only real formulas are touched: dollar signs in code, in fences and in prices stay as they are.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar
from rich import markdown
from rich.console import Console, ConsoleOptions, RenderResult
from rich.containers import Lines
from rich.table import Table
from rich.text import Text

from llmquiz.latex import unicode_math
from llmquiz.render import clean
from llmquiz.render.wrap import breaks

_DOLLARS = math_inline_dollar(allow_space=False, allow_digits=False, allow_double=True)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").enable("table")
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.inline.ruler.at("math_inline", _math_inline)
    return parser


def _math_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's signature
    """Read a formula as the plugin does, which takes a text's last character for what stands before its first one."""
    text = state.src
    if state.pos == 0:
        state.src = text + " "  # a digit there would make a formula at the start a price
    try:
        return _DOLLARS(state, silent)
    finally:
        state.src = text


def plain_inline(text: str) -> str:
    """Return Markdown as plain text: its formulas as Unicode, its marks gone, its paragraphs a blank line apart."""
    blocks = []
    for token in _parser().parse(text):
        if token.type == "inline":
            blocks.append("".join(_plain(t) for t in token.children or ()))
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip())
        elif token.type == "math_block":
            blocks.append(unicode_math(token.content))
    return "\n\n".join(blocks)


def _plain(token: Token) -> str:
    if token.type in ("math_inline", "math_inline_double"):
        return unicode_math(token.content)
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


class BilingualText(Text):
    """Rich's Text, but Chinese breaks between characters."""

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """Break into lines of at most `width` cells."""
        lines = Lines()
        for line in self.split(allow_blank=True):
            if "\t" in line:
                line.expand_tabs(options.get("tab_size", 8))
            for part in line.divide(breaks(str(line), width)) if not options.get("no_wrap") else [line]:
                part.rstrip_end(width)
                lines.append(part)
        if justify := options.get("justify") or self.justify:
            lines.justify(console, width, justify=justify, overflow=options.get("overflow") or "fold")
        return lines


class _Paragraph(markdown.Paragraph):
    def on_enter(self, context: markdown.MarkdownContext) -> None:
        super().on_enter(context)
        self.text = BilingualText(justify="left")

    def __rich_console__(self, console: Console, options: Any) -> Any:
        yield self.text


class _Cell(markdown.TableDataElement):
    def on_text(self, context: markdown.MarkdownContext, text: str | Text) -> None:
        said = Text(text) if isinstance(text, str) else text
        said.stylize(context.current_style)
        self.content = BilingualText.assemble(self.content, said, overflow="fold")


class _Table(markdown.TableElement):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                table.show_edge = False  # a blank line above and one below, beside those of every block
            yield table


class Markdown(markdown.Markdown):
    """A Markdown renderable for answers."""

    elements: ClassVar[dict[str, Any]] = {
        **markdown.Markdown.elements,
        "paragraph_open": _Paragraph,
        "table_open": _Table,
        "td_open": _Cell,
        "th_open": _Cell,
    }

    def __init__(self, text: str, *, dark: bool = True) -> None:
        """Parse `text`; `dark` chooses the colours of code for a dark background."""
        super().__init__("", code_theme="ansi_dark" if dark else "ansi_light", hyperlinks=True)
        self.parsed = [shown for token in _parser().parse(clean(text)) for shown in _shown(token)]


def _shown(token: Token) -> list[Token]:
    """Replace formulas by text tokens, at any depth."""
    if token.type in ("math_inline", "math_inline_double"):
        return [Token("text", "", 0, content=unicode_math(token.content))]
    if token.type == "math_block":
        text = Token("text", "", 0, content="    " + unicode_math(token.content))
        return [Token("paragraph_open", "p", 1), Token("inline", "", 0, children=[text]), Token("paragraph_close", "p", -1)]
    if token.children:
        token.children = [shown for child in token.children for shown in _shown(child)]
    return [token]
