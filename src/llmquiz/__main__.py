"""The entry point.

Invariant: `--version` is answered before anything is imported; everything else goes to `llmquiz.cli`.
"""

import os
import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from llmquiz import __version__

        try:
            os.write(1, f"llmquiz {__version__}\n".encode())
        except OSError:  # full, or closed: told as for any other command
            pass
        else:
            return
    from llmquiz.cli import run
    from llmquiz.cli.streams import ready

    ready()
    run(sys.argv[1:], os.environ)


if __name__ == "__main__":
    main()
