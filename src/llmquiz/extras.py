"""What this machine lacks for the extras.

Invariant: looking imports nothing of what is looked for: a session starts without it.
"""

from __future__ import annotations

import os


def missing() -> str:
    """Return what code cannot be run without here: "posix" (its limits), "numpy" (the extra `code`), "" where nothing lacks."""
    from importlib.util import find_spec

    return "posix" if os.name != "posix" else "" if find_spec("numpy") else "numpy"
