"""What `llmquiz check` says of the code that it ran.

Invariant: what was not run is said, with what to do.
"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmquiz.proving import Proof, Proved

LACKS = {
    "numpy": "it needs numpy: `pip install 'llmquiz[code]'` gets it",
    "posix": "it takes limits that only Linux and macOS have",
}


def totals(proved: Proved | None) -> dict[str, int]:
    """Return how many questions were run and not run, solutions passed, and wrong ones caught, of how many."""
    proofs = proved.proofs if proved else ()
    return {
        "run": len(proofs),
        "not_run": proved.left_out if proved else 0,
        "passed": sum(p.solution.passed for p in proofs),
        "wrong": sum(len(p.wrong) for p in proofs),
        "caught": sum(r.caught for p in proofs for r in p.wrong),
    }


def lines(proved: Proved | None, *, each: bool) -> list[str]:
    """Return the lines about code: with `each` one a question, then the totals, then what was not run; nothing without code."""
    if proved is None:
        return []
    said = [_proof(p) for p in proved.proofs] if each else []
    n = totals(proved)
    if n["run"]:
        said.append(f"code: {n['passed']} of {n['run']} solutions passed, {n['caught']} of {n['wrong']} wrong ones caught")
    if proved.lack:
        said.append(f"code not run, of {many(n['not_run'], 'question')}: {LACKS[proved.lack]}")
    for path, count in sorted(proved.locked.items()):
        said.append(f"code not run, of {many(count, 'question')}: `llmquiz trust {quote(path)}` first")
    return said


def many(n: int, noun: str) -> str:
    """Say how many there are."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _proof(proof: Proof) -> str:
    from llmquiz.proving import reason

    passed = (
        f"solution passed {many(len(proof.solution.cases), 'test')}"
        if proof.solution.passed
        else f"solution failed {reason(proof.solution)}"
    )
    wrong = (
        f"wrong {i} caught by {reason(ran)}" if ran.caught else f"wrong {i} not caught{'' if ran.passed else ': ' + reason(ran)}"
        for i, ran in enumerate(proof.wrong, 1)
    )
    return "; ".join([f"{proof.card}: {passed}", *wrong])
