"""The standard streams, made fit for anything: closed ones, other encodings, bytes that are no text.

Invariant: after `ready` all three are there, and no text can fail to be encoded or decoded; only the file or the program at
their other end can still refuse.
"""

import os
import sys

STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))  # in the order of their numbers: an opened file takes the lowest


def ready() -> None:
    """Give a stream that was closed nothing to read and nowhere to write; show what it cannot encode, replace what is no text.

    What cannot be encoded is shown by its number, as JSON would escape it: there it means the same.
    """
    for name, mode in STREAMS:
        stream = getattr(sys, name)
        if stream is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123  for as long as the process lives
            os.set_inheritable(stream.fileno(), True)  # an editor, git: they too would take a file of theirs for the stream
            setattr(sys, name, stream)
        stream.reconfigure(errors="replace" if mode == "r" else "backslashreplace")


def silence(name: str) -> None:
    """Let what is still to be written to a stream go nowhere, so that the end of the process does not fail on it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, getattr(sys, name).fileno())
    os.close(nowhere)
