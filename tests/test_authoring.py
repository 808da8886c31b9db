"""Adding whatever people paste: a thousand hostile questions come back unchanged."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from conftest import NOON, llmquiz

from llmquiz import authoring
from llmquiz.collection import Collection

PIECES = (
    *(
        "---",
        "...",
        "- a",
        "a: b",
        "#no comment",
        "'",
        '"',
        "\\",
        "\t",
        "\r\n",
        "\r",
        "\n",
        "\n\n",
        "  ",
        "&x",
        "*x",
        "!!str",
        "%",
        "@",
        "`",
    ),
    *("|", ">", "{", "}", "[", "]", ",", "?", ": ", " #", "yes", "null", "1e3", "2026-01-01", "<<", "=", "~", "0x1F", "12:30:45"),
    *(
        "中文，标点。",
        "注意力机制",
        "\u202eright to left",
        "שלום",
        "مرحبا",
        "👩‍💻🇫🇷",
        "e\u0301",
        "\u2028",
        "\x85",
        "\ufeff",
        "\x07",
        "\x1b[31m",
        "\x00",
    ),
    *("$x^2$", "```python\nx = 1\n```", "| a | b |\n|---|---|\n", "plain words"),
)


def text(random: Random) -> str:
    made = "".join(random.choice(PIECES) + random.choice(("", " ", "x")) for _ in range(random.randint(1, 12)))
    return made if made.strip() else "x"


def body(random: Random, n: int) -> dict[str, Any]:
    made: dict[str, Any] = {"id": f"q-{n}", "question": {"en": text(random), "zh": text(random)}, "answer": text(random)}
    if n % 3 == 0:
        made |= {"tags": [text(random)], "points": [{"text": text(random), "must": True}, text(random)], "level": 1 + n % 5}
    if n == 500:
        made["answer"] = "\n".join(text(random) for _ in range(3000))[:100_000] + "x"
    return made


def test_a_thousand_hostile_questions_survive_add_and_show(collection: Collection, environ: dict[str, str]) -> None:
    random = Random(0)
    bodies = [body(random, n) for n in range(1000)]
    for n, made in enumerate(bodies):
        authoring.add(collection, f"topic-{n % 50}", made)
    for made in bodies:
        assert collection.whole(made["id"], NOON).question.body == made
    for n in (0, 500, 999):
        shown = json.loads(llmquiz(environ, "show", f"q-{n}", "--json").stdout)
        assert shown["question"] == bodies[n]
        assert "\x1b" not in llmquiz(environ, "show", f"q-{n}").stdout
