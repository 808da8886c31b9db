"""Formulas of numeric questions: arithmetic on named numbers, evaluated by simpleeval.

Invariant: a formula can do nothing but arithmetic: no attribute, no import, no text, no call outside `FUNCTIONS`; its length,
the exponents and the sizes of numbers are bounded, so that it ends at once; what goes wrong comes as FormulaError.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

LONGEST = 400  # characters
LARGEST = 1e300
POWERS = 1024  # the largest exponent
EXACT_BASE = 10**6  # the largest base that is raised as a whole number
CHOICES = 10_000  # the largest n of comb(n, k)
NAMES = {"pi": math.pi}
ONE_EXPRESSION = re.compile(r"(?:[\w\s.+\-*/%(),<>]|[=!<>]=)*")  # `;` and a bare `=` would be statements
FUNCTION_NAMES = ("sqrt", "exp", "log", "log2", "log10", "ceil", "floor", "round", "abs", "min", "max", "comb")


class FormulaError(ValueError):
    """A formula that is none, or that has no finite value with these numbers."""


def evaluate(formula: str, names: Mapping[str, float]) -> float:
    """Return the value of a formula; raises FormulaError."""
    if len(formula) > LONGEST:
        msg = f"a formula of {len(formula)} characters: at most {LONGEST} are meant"
        raise FormulaError(msg)
    if not ONE_EXPRESSION.fullmatch(formula):
        msg = f"`{formula}` is more than arithmetic: + - * / // % ** ( ) comparisons, `a if c else b` and {', '.join(FUNCTION_NAMES)}"
        raise FormulaError(msg)
    machine = _machine()
    machine.names = {**NAMES, **names}
    try:
        value = machine.eval(formula, previously_parsed=_parsed(formula))
    except FormulaError:
        raise
    except Exception as error:  # the library raises what Python raises: SyntaxError, TypeError, RecursionError and its own
        msg = f"`{formula}` has no value: {str(error).partition(chr(10))[0] or type(error).__name__}"
        raise FormulaError(msg) from error
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        value = float(value) if isinstance(value, bool) else math.nan
    return _bounded(value, formula)


def holds(condition: str, names: Mapping[str, float]) -> bool:
    """Whether a condition on the numbers holds; raises FormulaError."""
    return bool(evaluate(condition, names))


def _bounded(value: float, formula: str) -> float:
    try:
        fine = math.isfinite(value) and abs(value) <= LARGEST
    except OverflowError:
        fine = False
    if not fine:
        msg = f"`{formula}` has no finite value"
        raise FormulaError(msg)
    return value


@lru_cache(maxsize=512)
def _parsed(formula: str) -> Any:
    return _machine().parse(formula)


@cache
def _machine() -> Any:
    """Return an evaluator that knows arithmetic, comparisons, `a if c else b` and calls of `FUNCTION_NAMES`, nothing else."""
    import ast

    from simpleeval import SimpleEval

    functions = {name: getattr(math, name) for name in ("sqrt", "exp", "log", "log2", "log10", "ceil", "floor")}
    machine = SimpleEval(functions={**functions, "round": round, "abs": abs, "min": min, "max": max, "comb": _comb})
    known = (
        ast.Expression, ast.Expr, ast.Constant, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Name, ast.keyword,
    )  # fmt: skip
    machine.nodes = {node: how for node, how in machine.nodes.items() if node in known}
    machine.nodes[ast.Constant] = _constant
    arithmetic = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.USub, ast.UAdd, ast.Not)
    comparisons = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    machine.operators = {op: how for op, how in machine.operators.items() if op in (*arithmetic, *comparisons)}
    machine.operators[ast.Pow] = _power
    return machine


def _constant(node: Any) -> float:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        msg = f"{value!r} is no number"
        raise FormulaError(msg)
    return _bounded(value, str(value)[:40])


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > POWERS or abs(base) > LARGEST:
        msg = f"a power with an exponent of {exponent}: at most {POWERS} is meant"
        raise FormulaError(msg)
    value: float = base**exponent if isinstance(exponent, int) and abs(base) <= EXACT_BASE else float(base) ** exponent
    return value


def _comb(n: float, k: float) -> float:
    if not (n == int(n) and k == int(k) and 0 <= n <= CHOICES):
        msg = f"comb({n}, {k}): whole numbers up to {CHOICES} are meant"
        raise FormulaError(msg)
    return math.comb(int(n), int(k))
