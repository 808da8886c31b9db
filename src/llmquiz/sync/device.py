"""The name of a device: of one home on one machine, whose files in the folder nobody else writes.

Invariant: a copy of a home that is used elsewhere takes a name of its own; the same home on the same machine keeps its
name.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from llmquiz.log import Log

MACHINE_ID = Path("/etc/machine-id")


def place(home: Path) -> str:
    """Return what tells this home on this machine from a copy of it elsewhere: 16 hex digits."""
    try:
        machine = MACHINE_ID.read_text().strip() or _hardware()
    except (OSError, UnicodeDecodeError):
        machine = _hardware()
    return blake2b(f"{machine}\0{home.resolve()}".encode(), digest_size=8).hexdigest()


def _hardware() -> str:
    """Return the address of a network card, else the name of the machine: what there is on systems without a machine id."""
    import platform
    import uuid

    node = uuid.getnode()
    return platform.node() if node >> 40 & 1 else str(node)  # with that bit it was made up, another one each time


def fresh() -> str:
    """Return a name that no device has."""
    return os.urandom(4).hex()


def named(log: Log, where: str) -> str:
    """Return the name of this home at a place; "" where the name that it carries may be that of another copy of it."""
    if known := log.meta(f"device@{where}"):
        return known
    return "" if log.reading("select 1 from meta where name like 'device@%'") else log.meta("device")


def take(log: Log, where: str, name: str) -> None:
    """Go by a name at a place from now on; reviews carry it too."""
    if (log.meta("device"), log.meta(f"device@{where}")) != (name, name):
        with log.writing():
            log.set_meta("device", name)
            log.set_meta(f"device@{where}", name)
