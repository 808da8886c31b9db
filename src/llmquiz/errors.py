"""What a user may be told.

Invariant: every fault that a user can cause or mend is raised as a `LlmquizError` whose message is complete: it names
the file or the id, says what is wrong and what to do. Anything else that escapes is a bug and keeps its traceback.
"""


class LlmquizError(Exception):
    """A message for the user; the command line prints it as `error: ...` and exits with 1."""


class StoreError(LlmquizError):
    """The review log cannot be read or written: corrupt, not a database, newer than this program, read-only, disk full."""
