"""The answer, drawn while the learner reads the question.

Invariant: one thread at a time is in the renderers, as two in the Markdown parser's caches at once would break them:
nobody draws before `wait` has returned. What was drawn under another key is not shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress


class Ahead:
    """What one thread draws ahead for another; the first time it also imports what drawing needs, 100 ms of work."""

    def __init__(self) -> None:
        """Begin with nothing drawn."""
        self._thread: threading.Thread | None = None
        self._key: Hashable = None
        self._drawn: str | None = None

    def begin(self, key: Hashable, draw: Callable[[], str]) -> None:
        """Draw in a thread what will be asked for under `key`."""
        self.wait()
        self._key, self._drawn = key, None
        self._thread = threading.Thread(target=self._work, args=(draw,), daemon=True)
        self._thread.start()

    def _work(self, draw: Callable[[], str]) -> None:
        with suppress(Exception):  # it is drawn again by whoever asks for it, who then hears of it
            self._drawn = draw()

    def wait(self) -> None:
        """Wait until nobody draws."""
        if self._thread:
            self._thread.join()
            self._thread = None

    def take(self, key: Hashable, draw: Callable[[], str]) -> str:
        """Return what `draw` returns, which is drawn already where the key is the same."""
        self.wait()
        if key != self._key or self._drawn is None:
            self._key, self._drawn = key, draw()
        return self._drawn
