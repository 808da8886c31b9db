"""The tests of a code question, run on one source after the other, inside the fence.

Invariant: what passed is told line by line and signed with a token that the parent gave, so that a source that exits, or
prints what looks like a report, passes nothing; each source has a module of its own, and its tests a copy of its names.
"""

from __future__ import annotations

import builtins
import json
import linecache
import os
import sys
from contextlib import suppress
from importlib import import_module
from types import CodeType, ModuleType, TracebackType
from typing import Any

from llmquiz.sandbox import fence

SOURCE, TESTS = "<your code>", "<tests>"
LONGEST = 2000  # characters of a message
Told = dict[str, Any]


def main() -> None:
    """Read the job from standard input, run it, and report on the file descriptor that the first argument names."""
    job = json.loads(sys.stdin.buffer.read())
    pipe = int(sys.argv[1])
    os.set_inheritable(pipe, False)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)

    def leave() -> None:
        os.close(pipe)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)

    fence.put_up(job["folder"], job["seconds"] * len(job["sources"]), job["memory"], leave)
    tell = _teller(pipe, job.pop("token"))
    if any("numpy" in source for source in (job["tests"], *job["sources"])):
        with suppress(Exception):  # on a cold disk this takes seconds, which are not the learner's
            import_module("numpy")
    for source in job["sources"]:
        tell("begin")
        _run(source, job["tests"], tell)
        tell("end")
    os._exit(0)


def _teller(pipe: int, token: str) -> Any:
    """Return what reports: a line of JSON an event, with the token."""
    write, dumps = os.write, json.dumps

    def tell(event: str, **rest: object) -> None:
        raw = dumps({"token": token, "event": event, **rest}).encode() + b"\n"
        while raw:
            raw = raw[write(pipe, raw) :]

    return tell


def _run(source: str, tests: str, tell: Any) -> None:
    """Execute a source, then each test on a copy of its names; tell what happened to each."""
    clean = dict(vars(builtins))  # what the source does to the built-ins is not for the tests
    module = ModuleType("solution")
    sys.modules["solution"] = module
    vars(module).update(__file__=SOURCE, __builtins__=builtins)
    try:
        failure = _attempt(_compiled(source, SOURCE), vars(module))
        vars(builtins).update(clean)
        if failure:
            tell("source", failure=failure)
            return
        names = {**vars(module), "__name__": "tests", "__builtins__": clean}
        if failure := _attempt(_compiled(tests, TESTS), names):
            tell("source", failure=failure)
            return
        for name in _test_names(tests):
            tell("test", name=name)
            tell("tested", name=name, failure=_attempt(names[name]))
    finally:
        vars(module).clear()


def _compiled(source: str, name: str) -> Any:
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return lambda: compile(source, name, "exec", dont_inherit=True)


def _test_names(tests: str) -> list[str]:
    import ast

    return [node.name for node in ast.parse(tests).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def _attempt(make: Any, names: dict[str, Any] | None = None) -> Told | None:
    """Call `make`; where `names` are given, execute the code it returns in them. Return how that failed, None where it did not."""
    try:
        made = make()
        if names is not None and isinstance(made, CodeType):
            exec(made, names)  # noqa: S102  that is what this process is for
    except BaseException as error:  # noqa: BLE001  SystemExit must not end the tests
        return _told(error)
    return None


def _told(error: BaseException) -> Told:
    """Say what was raised: its kind, its message, and the last line of the learner's code that it came through."""
    line, text = _place(error.__traceback__, SOURCE)
    if isinstance(error, SyntaxError) and error.filename == SOURCE:
        line, text = error.lineno or 0, (error.text or "").strip()
    kind = next((name for type_, name in KINDS.items() if isinstance(error, type_)), "raise")
    try:
        message = str(error)[:LONGEST]
    except BaseException:  # noqa: BLE001  a learner's exception may fail at anything
        message = ""
    if kind == "assert" and not message:
        message = _place(error.__traceback__, TESTS)[1]
    return {"kind": kind, "type": type(error).__name__[:100], "message": message, "line": line, "text": text[:200]}


KINDS: dict[type[BaseException], str] = {
    AssertionError: "assert",
    fence.Refused: "refused",
    MemoryError: "memory",
    SystemExit: "exit",
    SyntaxError: "syntax",
}


def _place(trace: TracebackType | None, name: str) -> tuple[int, str]:
    """Return line and text of the innermost frame in a source, 0 and "" where there is none."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line, linecache.getline(name, line).strip() if line else ""
