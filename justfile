# Short names for what one does every day. CI does the same in .ci/run.

# set up for development
setup:
    python3 -m venv .venv && .venv/bin/pip install --quiet --editable '.[dev]'

# run the tests; arguments go to pytest
test *args:
    .venv/bin/python -m pytest -n auto {{args}}

# lint, format, types, import contracts, bank
check:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy
    .venv/bin/lint-imports
    .venv/bin/llmquiz check data/questions

# format the code
format:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# speed and memory beside their floors
bench *args:
    .venv/bin/python benchmarks/run.py {{args}}

# draw the README's pictures again
pictures:
    .venv/bin/python docs/pictures/draw.py

# count again what docs/bank.md says is covered
bank-table:
    .venv/bin/python docs/bank_table.py --write

# some thousands of kills, power cuts and disks that fail, at every system call, then months on two machines; arguments go to torture.py
torture *args:
    .venv/bin/python tests/faults/torture.py --most 2000 --minutes 10 {{args}}
    .venv/bin/python tests/faults/long_sync.py 3
