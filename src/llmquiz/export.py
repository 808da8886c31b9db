"""Formats in which a collection can be handed over. A new one is a function from the log to lines and a line in `EXPORTERS`.

Invariant: an exporter only reads, and equal logs give equal text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from llmquiz.log import Log
from llmquiz.log.lines import to_lines

EXPORTERS: dict[str, Callable[[Log], Iterator[str]]] = {"log": to_lines}
