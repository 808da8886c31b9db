"""Questions to YAML: an item as text, and appending it to a bank file.

Invariant: a file that exists is either as it was or has exactly one more item; every other byte stays, and what was
written has been parsed again and found equal before it takes the file's name.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from llmquiz.bank.events import Map, Seq, parse
from llmquiz.bank.files import load
from llmquiz.bank.folders import LARGEST
from llmquiz.disk import PRIVATE_FILE, make_folder, mode_of, sync_folder, there
from llmquiz.errors import LlmquizError

ORDER = (
    "id",
    "was",
    "replaces",
    "kind",
    "level",
    "tags",
    "question",
    "short",
    "starter",
    "solution",
    "tests",
    "wrong",
    "answer",
    "points",
    "pitfalls",
    "follow_ups",
    "sources",
    "as_of",
)


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented, several lines as a literal block where YAML allows it."""

    quote_all = False

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


class _QuotingDumper(_Dumper):
    quote_all = True


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    odd = any(c in text for c in "\r\x85\u2028\u2029")  # line ends to YAML, but not to people: escaped
    style = '"' if dumper.quote_all or odd else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)
_Dumper.add_multi_representer(dict, yaml.SafeDumper.represent_dict)  # parsed mappings know their places
_Dumper.add_multi_representer(list, yaml.SafeDumper.represent_list)


def item_text(body: Mapping[str, Any], *, quoted: bool = False) -> str:
    """Return a question as an item of a YAML list, at column 1; `quoted` puts every string in double quotes."""
    ordered = {k: body[k] for k in (*ORDER, *body) if k in body}
    dumper = _QuotingDumper if quoted else _Dumper
    return str(yaml.dump([ordered], Dumper=dumper, allow_unicode=True, sort_keys=False, width=10**6))


def append(path: Path, body: Mapping[str, Any]) -> None:
    """Add a question at the end of a bank file, which is made where there is none.

    Raises LlmquizError where the file does not parse, where nothing can be appended to it, or where it cannot be written.
    """
    old = path.read_bytes() if there(path) else f"topic: {path.stem}\nquestions: []\n".encode()
    if there(path) and (problem := next((p for p in load(str(path), old).problems if not p.warning), None)):
        msg = f"{problem}. Mend this first, then add"
        raise LlmquizError(msg)
    before, _ = parse(old)
    for new in _candidates(old, before, body):
        after, found = parse(new)
        if not found and _one_more(before, after, body):
            break
    else:
        msg = f"{path}: a question cannot be appended to this file: `questions:` has to be its last key, with a block list"
        raise LlmquizError(msg)
    if len(new) > LARGEST:
        msg = f"{path}: would grow over {LARGEST // 2**20} MiB; choose another topic"
        raise LlmquizError(msg)
    replace(path, new)


def _candidates(old: bytes, before: Map, body: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the file with the item appended: first in the nicest style, then with every string quoted."""
    questions: Seq = before["questions"]
    text = old.decode("utf-8")
    break_ = "\r\n" if "\r\n" in text else "\n"
    if questions:
        indent = " " * questions.mark.column
    else:
        at = text.rindex("[")  # the empty list of a file with no questions: `questions: []`
        text, indent = text[:at].rstrip(" ") + text[text.index("]", at) + 1 :], "  "
    if not text.endswith("\n"):
        text += break_
    for quoted in (False, True):
        lines = item_text(body, quoted=quoted).split("\n")
        item = break_.join(indent + line if line else line for line in lines)
        yield (text + item).encode()


def _one_more(before: Map, after: object, body: Mapping[str, Any]) -> bool:
    if not isinstance(after, Map) or not isinstance(after.get("questions"), Seq):
        return False
    rest = {k: v for k, v in before.items() if k != "questions"}
    return after["questions"] == [*before["questions"], body] and {k: v for k, v in after.items() if k != "questions"} == rest


def replace(path: Path, raw: bytes) -> None:
    """Put `raw` in the place of a file: written, fsynced and renamed, so that a crash leaves the old or the new one.

    A new file is for the learner alone; one that is there keeps its mode.
    """
    real = Path(os.path.realpath(path))  # of links in a circle the last one
    new = real.with_name(f".{real.name}.{os.getpid()}.new")
    try:
        make_folder(real.parent)
        try:
            new.unlink(missing_ok=True)
            new.touch(PRIVATE_FILE)
            with new.open("wb") as out:
                out.write(raw)
                out.flush()
                os.fsync(out.fileno())
            if there(real):
                new.chmod(mode_of(real) & 0o777)  # raises at a device: root would replace /dev/null for everybody
            new.replace(real)
            sync_folder(real.parent)
        finally:
            with contextlib.suppress(OSError):
                new.unlink()
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror}. The file is as it was"
        raise LlmquizError(msg) from error
