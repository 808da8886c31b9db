"""The entry point.

Invariant: `--version` is answered before Typer is imported; everything else goes to `llmquiz.cli`.
"""

import os
import sys


def main() -> None:
    """Run the command line; exits with 0 done, 1 data or request at fault, 2 wrong usage, 130 interrupted."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from llmquiz import __version__

        sys.stdout.write(f"llmquiz {__version__}\n")
        return
    from llmquiz.cli import build, wanted

    build(wanted(sys.argv[1:], os.environ))()


if __name__ == "__main__":
    main()
