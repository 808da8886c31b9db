"""The entry point.

Invariant: `--version` is answered before anything is imported; everything else goes to `llmquiz.cli`.
"""

import os
import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from llmquiz import __version__

        sys.stdout.write(f"llmquiz {__version__}\n")
        return
    from llmquiz.cli import run

    run(sys.argv[1:], os.environ)


if __name__ == "__main__":
    main()
