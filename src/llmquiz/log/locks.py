"""What terminals on one collection tell each other: which card is being asked.

It is a lock on one byte of a file that stays empty: a system call, no write, and the kernel lets go of it however the
process ends. Invariant: locks only advise: without them (Windows, some network folders, a folder that cannot be written)
every card is free and SQLite's own locks keep writers apart.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from zlib import crc32

from llmquiz.disk import PRIVATE_FILE

if sys.platform != "win32":
    import fcntl


class Locks:
    """The locks of this process on one file: the card that is asked, and for a moment the one before it."""

    def __init__(self, path: Path) -> None:
        """Lock bytes of the file at `path`, which is made when it is needed."""
        self.path = path
        self._fd = -1
        self._claimed: list[int] = []

    def claim(self, card: str) -> bool:
        """Claim a card; False where another process asks it now."""
        at = crc32(card.encode())
        if at in self._claimed:
            self._claimed.remove(at)
        elif not self._take(at):
            return False
        self._claimed.append(at)
        return True

    def let_go(self, keep: int = 0) -> None:
        """Let go of the cards that are claimed, but for the `keep` that were claimed last."""
        while len(self._claimed) > keep:
            self._free(self._claimed.pop(0))

    def close(self) -> None:
        """Let go of everything."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._claimed.clear()

    def _take(self, at: int) -> bool:
        """Lock a byte; False only where another process has it."""
        if sys.platform == "win32":
            return True
        try:
            if self._fd < 0:
                self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        except OSError:
            return True
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
        except (BlockingIOError, PermissionError):  # POSIX allows either
            return False
        except OSError:
            return True
        return True

    def _free(self, at: int) -> None:
        if sys.platform != "win32" and self._fd >= 0:
            try:  # noqa: SIM105  at every grade, and a third of the time
                fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, at)
            except OSError:
                pass
