"""What terminals on one collection tell each other: which card is being asked, and whose turn it is to write.

Each is a lock on one byte of a file that stays empty: a system call, no write, and the kernel lets go of it however the
process ends. Invariant: locks only advise: without them (Windows, some network folders, a folder that cannot be written)
every card is free and SQLite's own locks keep writers apart.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from zlib import crc32

from llmquiz.disk import PRIVATE_FILE

if sys.platform != "win32":
    import fcntl

TURN = 2**32  # the byte of the writers; those below it are cards, by the checksum of their id
TRIES, PAUSE = 5000, 0.001  # seconds; SQLite's own pauses grow to 0.1, and who waits that long is overtaken for ever


class Locks:
    """The locks of this process on one file: at most one card, and the turn to write."""

    def __init__(self, path: Path) -> None:
        """Lock bytes of the file at `path`, which is made when it is needed."""
        self.path = path
        self._fd = -1
        self._card = -1

    def claim(self, card: str) -> bool:
        """Claim a card and let go of the last one; False where another process asks it now."""
        at = crc32(card.encode())
        if at != self._card:
            if not self._take(at):
                return False
            self.unclaim()
            self._card = at
        return True

    def unclaim(self) -> None:
        """Let go of the card that is claimed."""
        if self._card >= 0:
            self._let_go(self._card)
            self._card = -1

    def take_turn(self) -> None:
        """Wait until no other process writes; where one does not end its turn for seconds, come in nevertheless."""
        for _ in range(TRIES):
            if self._take(TURN):
                break
            time.sleep(PAUSE)

    def end_turn(self) -> None:
        """Let the next one write."""
        self._let_go(TURN)

    def close(self) -> None:
        """Let go of everything."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = self._card = -1

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

    def _let_go(self, at: int) -> None:
        if sys.platform != "win32" and self._fd >= 0:
            try:  # noqa: SIM105  at every grade, and a third of the time
                fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, at)
            except OSError:
                pass
