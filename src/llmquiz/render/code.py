"""Sources as an answer shows them: side by side where there is room, else one under the other.

Invariant: a source is shown as text: nothing in it steers the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from llmquiz.render import clean


def source(text: str, *, dark: bool = True) -> RenderableType:
    """Return a Python source with its colours, long lines wrapped."""
    theme = "ansi_dark" if dark else "ansi_light"
    return Syntax(clean(text).rstrip(), "python", theme=theme, word_wrap=True, background_color="default")


def beside(sources: Sequence[tuple[str, str]], *, dark: bool) -> RenderableType:
    """Return labelled sources in columns."""
    table = Table.grid(padding=(0, 3, 0, 0), expand=True)
    for _ in sources:
        table.add_column(ratio=1)
    table.add_row(*(Text(label, "bold") for label, _ in sources))
    table.add_row(*(source(text, dark=dark) for _, text in sources))
    return Padding(table, (1, 0))


def under(sources: Sequence[tuple[str, str]], *, dark: bool) -> RenderableType:
    """Return labelled sources one under the other."""
    return Group(*(part for label, text in sources for part in (Text(f"\n{label}", "bold"), source(text, dark=dark))), Text())
