"""The table of docs/bank.md, made from the bank files: `python docs/bank_table.py` prints it, with `--write` it is put in its place.

Invariant: the table says nothing that is not counted from data/questions; only what stands between its two marks is written.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from llmquiz.bank.files import BankFile, load
from llmquiz.questions import KINDS, LEVELS, Question

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "bank.md"
BEGIN, END = "<!-- table: python docs/bank_table.py --write -->\n", "<!-- end of table -->\n"
HEAD = ("topic", "questions", *(f"level {n}" for n in LEVELS), *KINDS, "sources", "newest `as_of`")


def table(files: Sequence[BankFile]) -> str:
    """Return the Markdown table: a row a topic, and one for all of them."""
    rows = [_row(f"{f.title['en']} (`{f.topic}`)", f.questions) for f in files]
    rows.append(_row("**all**", [q for f in files for q in f.questions]))
    rule = ["---", *("---:" for _ in HEAD[1:])]
    return "".join(f"| {' | '.join(row)} |\n" for row in (HEAD, rule, *rows))


def _row(name: str, questions: Sequence[Question]) -> list[str]:
    levels, kinds = Counter(q.level for q in questions), Counter(q.kind for q in questions)
    sources = {s for q in questions for s in _sources(q)}
    newest = max((q.body.get("as_of", "") for q in questions), default="")
    counts = [len(questions), *(levels[n] for n in LEVELS), *(kinds[k] for k in KINDS), len(sources)]
    return [name, *map(str, counts), newest]


def _sources(q: Question) -> Iterator[str]:
    """Yield what tells a source from others: its arXiv id, else its address, else its title."""
    for source in q.body.get("sources", ()):
        yield next(source[key] for key in ("arxiv", "url", "title") if key in source)


def page(text: str, new: str) -> str:
    """Return the page with `new` for its table."""
    return re.sub(f"(?s)(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", lambda _: new, text)


def main(arguments: Sequence[str]) -> None:
    """Print the table, or write it into the page."""
    new = table([load(str(path), path.read_bytes()) for path in sorted((ROOT / "data" / "questions").glob("*.yaml"))])
    if "--write" in arguments:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), new), encoding="utf-8")
    else:
        sys.stdout.write(new)


if __name__ == "__main__":
    main(sys.argv[1:])
