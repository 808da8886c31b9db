"""What an installer writes as `llmquiz`, without what some versions of pip add to it: the program as learners start it.

Invariant: nothing but the entry point; what it costs is the program's own.
"""

import sys

from llmquiz.__main__ import main

if __name__ == "__main__":
    sys.exit(main())  # type: ignore[func-returns-value]
