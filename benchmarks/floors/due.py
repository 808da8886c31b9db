"""The floor of a command: Typer, one command, a count from a SQLite file.

Invariant: no less can be done by a Typer program that reads a database; nothing here is llmquiz's.
"""

import sys

import typer

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def due(path: str) -> None:
    """Print how many cards are in the collection at PATH."""
    import sqlite3

    number = sqlite3.connect(path).execute("select count(*) from memories").fetchone()[0]
    sys.stdout.write(f"{number}\n")


if __name__ == "__main__":
    app()
