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
from datetime import timedelta
from io import StringIO
from pathlib import Path
from random import Random

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))
from pty_learner import Learner  # noqa: E402

from llmquiz.cli.context import Clock  # noqa: E402
from llmquiz.collection import Collection  # noqa: E402
from llmquiz.config import Paths  # noqa: E402
from llmquiz.model import Grade  # noqa: E402
from llmquiz.session import Wanted  # noqa: E402

CELL = 12.2  # the width of a character in Rich's SVG
COLUMNS = 84
WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
COLOURS = {"default": None, "brown": "yellow"}
Script = Sequence[tuple[str, str]]  # (wait for this pattern, then press these keys)

STUDY_EN = (("Enter shows", "\r"), ("What did you say", "1"), (r"1 \[x\]", "2"), (r"2 \[x\]", "3"), (r"3 \[x\]", "\r"), ("Enter takes", ""))
STUDY_ZH = (("回车看答案", "\r"), ("刚才说到了哪几点", "1"), (r"1 \[x\]", "2"), (r"2 \[x\]", "3"), (r"3 \[x\]", "\r"), ("回车按", ""))


def main() -> None:
    """Draw every picture."""
    study = ("study", "--kind", "open", "--topic", "normalization", "--level", "2", "--tag", "llama")
    draw("study-en", "llmquiz study", (*study, "--lang", "en"), STUDY_EN, rows=92)
    draw("study-zh", "llmquiz study --lang zh", (*study, "--lang", "zh"), STUDY_ZH, rows=92)
    choice = ("study", "--kind", "choice", "--topic", "attention-variants", "--level", "2", "--lang")
    draw("choice-en", "llmquiz study", (*choice, "en"), (("1-6 choose", "1"), (r"1 \[x\]", "\r"), ("Enter takes", "")), rows=60)
    draw("choice-zh", "llmquiz study --lang zh", (*choice, "zh"), (("1-6 选择", "1"), (r"1 \[x\]", "\r"), ("回车按", "")), rows=60)
    numeric = ("study", "--kind", "numeric", "--tag", "kv-cache", "--level", "2", "--lang")
    draw("numeric-en", "llmquiz study", (*numeric, "en"), (("begins your answer", "2 GB\r"), ("Enter takes", "")), rows=60)
    draw("numeric-zh", "llmquiz study --lang zh", (*numeric, "zh"), (("直接输入数字", "2 GB\r"), ("回车按", "")), rows=60)
    with tempfile.TemporaryDirectory() as home:
        learn(Path(home))
        for columns in (80, 120):
            for lang in ("en", "zh"):
                look = ("list", "topic:moe", "topic:normalization", "--sort", "due")
                draw(f"list-{lang}-{columns}", "llmquiz list", (*look, "--lang", lang), (), rows=60, columns=columns, home=home)
                draw(f"stats-{lang}-{columns}", "llmquiz stats", ("stats", "--lang", lang), (), rows=170, columns=columns, home=home)


def learn(home: Path) -> None:
    """Give a home four months of a learner's reviews, the same at every run but for today's date."""
    random, opened = Random(7), Collection(Paths(home))
    opened.refresh()
    now = Clock().now().replace(hour=9)
    for day in range(120, -1, -1):
        at = now - timedelta(days=day)
        if random.random() < 0.15:  # noqa: PLR2004  a day off
            continue
        for card in opened.session(Wanted(new=random.randint(0, 4), limit=30), at).cards:
            at += timedelta(seconds=75)
            grade = Grade(random.choices(range(6), (1, 2, 5, 17, 50, 25))[0])
            opened.grade(card.id, grade, at, seconds=random.uniform(20, 110), lang=random.choice(("en", "zh")))
    opened.close()


def draw(  # noqa: PLR0913  what a picture is of
    name: str, title: str, args: Sequence[str], script: Script, *, rows: int, columns: int = COLUMNS, home: str = ""
) -> None:
    """Run llmquiz in a home (a fresh one without), press the keys, and write the screen to NAME.svg."""
    with tempfile.TemporaryDirectory() as fresh:
        environ = dict(os.environ) | {"LLMQUIZ_HOME": home or fresh, "LANG": "C.UTF-8", "TERM": "xterm-256color", "PAGER": "cat"}
        with Learner(environ, *args, columns=columns, rows=rows) as me:
            for pattern, keys in script:
                me.see(pattern)
                me.press(keys)
            if script:
                me.read(0.5)
            else:
                me.end()
            lines = _lines(me)
    while lines and not lines[-1].plain.strip():
        lines.pop()
    console = Console(record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor")
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
