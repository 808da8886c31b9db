"""The kinds of question. A new kind is one file here, of its name, and one line in `KINDS`.

Invariant: this package knows nothing of files, terminals or schedules: a question is data that checks itself, shows
its faces as Markdown and says how an answer is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from llmquiz.questions.base import LEVELS, PICK, TALK, TYPE, WRITE, Question, Unreadable, Verdict
from llmquiz.questions.fields import LANGUAGES, TEXT, Faults, Schema, unknown
from llmquiz.questions.open import Open, Point, suggest
from llmquiz.questions.text import BOTH, Text, say

KINDS = {  # the class of each, which is imported when the first question of the kind is met
    "open": "Open",
    "choice": "Choice",
    "numeric": "Numeric",
    "code": "Code",
}

__all__ = [
    "BOTH",
    "KINDS",
    "LANGUAGES",
    "LEVELS",
    "PICK",
    "TALK",
    "TYPE",
    "WRITE",
    "Open",
    "Point",
    "Question",
    "Text",
    "Unreadable",
    "Verdict",
    "check_item",
    "file_schema",
    "kind_of",
    "make",
    "say",
    "suggest",
    "unknown",
]


@cache
def kind_of(name: str) -> type[Question]:
    """Return the class of a kind; raises KeyError for a name that is none."""
    made: type[Question] = getattr(import_module(f"llmquiz.questions.{name}"), KINDS[name])
    return made


def check_item(raw: object) -> Faults:
    """Return every fault of one item of a bank file; paths are relative to the item."""
    kind = raw.get("kind", "open") if isinstance(raw, dict) else "open"
    if not isinstance(kind, str) or kind not in KINDS:
        return [(("kind",), unknown("kind", kind, KINDS))]
    faults = kind_of(kind).type().check(raw)
    return faults if faults or not isinstance(raw, dict) else [*kind_of(kind).faults(raw)]


def make(topic: str, raw: Mapping[str, Any]) -> Question:
    """Build the question of a mapping in which `check_item` finds no fault."""
    return kind_of(raw.get("kind", "open"))(raw["id"], topic, raw)


def file_schema() -> Schema:
    """Describe a bank file as JSON Schema (draft 2020-12), for editors that complete and check YAML."""
    kinds: Schema = {}
    for name in KINDS:
        kinds[name] = kind_of(name).type().schema()
        kinds[name]["properties"]["kind"] = {"const": name}
        if name != "open":
            kinds[name]["required"] = [*kinds[name].get("required", ()), "kind"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "llmquiz question bank",
        "type": "object",
        "required": ["questions"],
        "additionalProperties": False,
        "properties": {
            "topic": {"type": "string", "description": "the name of the file without .yaml"},
            "title": TEXT.schema(),
            "questions": {"type": "array", "items": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds]}},
        },
        "$defs": kinds,
    }
