"""What each key of the study screen does, as lines for `?`.

Invariant: no cell is torn from its key: where two columns do not fit there is one.
"""

from __future__ import annotations

from rich.cells import cell_len

from llmquiz.cli.words import Words
from llmquiz.render.wrap import wrap

KEY, APART = 7, 5  # cells of a key, and between two columns


def key_lines(words: Words, width: int) -> list[str]:
    """Return the lines, in the language of `words`, for a terminal of `width` columns."""
    rows = [[cell.split("|") for cell in row.split("\t")] for row in words("help").split("\n")]
    cells = [[key + " " * (KEY - cell_len(key)) + said for key, said in row] for row in rows]
    second = APART + max(cell_len(row[0]) for row in cells if len(row) > 1)
    wide = [first + "".join(" " * (second - cell_len(first)) + other for other in rest) for first, *rest in cells]
    if max(map(cell_len, wide)) <= width:
        return wide
    return [line for row in cells for cell in row for line in wrap(cell, width)]
