"""Draws the pictures of README and docs: real screens of llmquiz on a pseudo-terminal, as SVG.

Rich's SVG export gives each run of text a length of its characters, not of its cells, which squeezes Chinese; here every
run is cut where the cell width changes and given its own place and length. Run it with `just pictures`.
"""

from __future__ import annotations

import html
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))
from pty_learner import Learner  # noqa: E402

CELL = 12.2  # the width of a character in Rich's SVG
COLUMNS = 84
WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
COLOURS = {"default": None, "brown": "yellow"}
Script = Sequence[tuple[str, str]]  # (wait for this pattern, then press these keys)

STUDY_EN = (("Enter shows", "\r"), ("What did you say", "1"), (r"1 \[x\]", "2"), (r"2 \[x\]", "3"), (r"3 \[x\]", "\r"), ("Enter takes", ""))
STUDY_ZH = (("回车看答案", "\r"), ("刚才说到了哪几点", "1"), (r"1 \[x\]", "2"), (r"2 \[x\]", "3"), (r"3 \[x\]", "\r"), ("回车按", ""))


def main() -> None:
    """Draw every picture."""
    study = ("study", "--topic", "normalization", "--level", "2", "--tag", "llama")
    draw("study-en", "llmquiz study", (*study, "--lang", "en"), STUDY_EN, rows=92)
    draw("study-zh", "llmquiz study --lang zh", (*study, "--lang", "zh"), STUDY_ZH, rows=92)


def draw(name: str, title: str, args: Sequence[str], script: Script, rows: int) -> None:
    """Run llmquiz in a fresh home, press the keys, and write the screen to NAME.svg."""
    with tempfile.TemporaryDirectory() as home:
        environ = dict(os.environ) | {"LLMQUIZ_HOME": home, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        with Learner(environ, *args, columns=COLUMNS, rows=rows) as me:
            for pattern, keys in script:
                me.see(pattern)
                me.press(keys)
            me.read(0.5)
            lines = _lines(me)
    while lines and not lines[-1].plain.strip():
        lines.pop()
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop", highlight=False)
    svg = widths_right(console.export_svg(title=title, theme=MONOKAI, unique_id=name))
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


def _lines(me: Learner) -> list[Text]:
    out = []
    for y in range(me.screen.lines):
        line = Text()
        for x in range(me.screen.columns):
            char = me.screen.buffer[y][x]
            colour = COLOURS.get(char.fg, char.fg)
            if colour and re.fullmatch("[0-9a-f]{6}", colour):
                colour = f"#{colour}"
            style = Style(color=colour, bold=char.bold, italic=char.italics, reverse=char.reverse, underline=char.underscore)
            line.append(char.data, style)
        out.append(line)
    return out


def widths_right(svg: str) -> str:
    """Give every run of text in Rich's SVG the place and length of its cells."""

    def one(match: re.Match[str]) -> str:
        attributes, body = match[1], html.unescape(match[2])
        found = re.search(r' x="([^"]+)"', attributes)
        x = float(found[1]) if found else 0.0
        rest = re.sub(r' (?:x|textLength)="[^"]*"', "", attributes)
        out = []
        for run in re.findall(rf"[{WIDE}]+|[^{WIDE}]+", body):
            cells = cell_len(run)
            if run.strip("\xa0 "):
                text = html.escape(run).replace(" ", "&#160;")
                out.append(f'<text{rest} x="{x:.1f}" textLength="{cells * CELL:.1f}">{text}</text>')
            x += cells * CELL
        return "".join(out)

    return re.sub(r"<text( [^>]*textLength=[^>]*)>([^<]*)</text>", one, svg)


if __name__ == "__main__":
    main()
