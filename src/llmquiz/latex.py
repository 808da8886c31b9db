"""LaTeX formulas as readable Unicode, for a terminal.

Invariant: never raises: a formula that pylatexenc cannot read is shown as it was written. A fraction is bracketed where
its neighbours would change its meaning.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from pylatexenc import latex2text, latexwalker
from pylatexenc.macrospec import MacroSpec, MacroStandardArgsParser, SpecialsSpec

_OPEN, _CLOSE = "\ue000", "\ue001"  # stand for the brackets of a fraction until its neighbours are known
_GAP = "\ue002"  # after a named function: a space if a letter follows
_WORDS = {"mid": "|", "|": "‖", "quad": "  ", ",": " ", ";": " ", ":": " ", "!": "", "top": "⊤", "lVert": "‖", "rVert": "‖"}
_WORDS |= {"ne": "≠", "iff": "⇔", "implies": "⇒", "gets": "←", "colon": ":", "bmod": " mod "}
# dropped, and not missed
_HARMLESS = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "limits", "displaystyle", "begin", "end"}
_FRACTIONS = ("frac", "tfrac", "dfrac", "cfrac")
_FUNCTIONS = ("log", "ln", "exp", "max", "min", "sin", "cos", "tanh", "lim", "arg", "det", "sup", "inf", "Pr")
_EATEN = re.compile(r"(\\(?!left|right|big|Big)[A-Za-z]+) +(?=[-+=<>/|*])")  # LaTeX eats the space after a command
_ATOM = r"[\w\u0300-\u036f.₊₋⁺⁻‖√∂∇]+"


def _script(kind: str) -> dict[str, str]:
    """Map characters to their Unicode superscripts ("<super>") or subscripts ("<sub>")."""
    codes = [0xB2, 0xB3, 0xB9, *range(0x1D2C, 0x1D6B), *range(0x2070, 0x209D), 0x2C7C]
    pairs = ((unicodedata.decomposition(chr(c)).split(), chr(c)) for c in codes)
    return {chr(int(d[1], 16)): c for d, c in pairs if len(d) == 2 and d[0] == kind} | {"-": "⁻" if kind == "<super>" else "₋"}  # noqa: PLR2004


_SUPER = _script("<super>") | {"⊤": "ᵀ", "T": "ᵀ", "*": "*", "′": "′", "∗": "*"}
_SUB = _script("<sub>")


def _argument(node: Any, text: Any, index: int = 0) -> str:
    return str(text.nodelist_to_text([node.nodeargd.argnlist[index]])).strip()


def _raised(table: dict[str, str], sign: str) -> Any:
    def replace(node: Any, l2tobj: Any) -> str:
        body = _argument(node, l2tobj)
        if body and all(c in table for c in body) and not re.fullmatch(r"[a-z]{3,}", body):
            return "".join(table[c] for c in body)
        atom = len(body) == 1 or re.fullmatch(r"[\w,]+", body)
        return f"{sign}{body}" if atom else f"{sign}({body})"

    return replace


def _side(body: str) -> str:
    """Bracket one side of a fraction unless it is a single factor or a call."""
    return body if re.fullmatch(rf"{_ATOM}|[\w√]*\([^()]*\)", body) else f"({body})"


def _frac(node: Any, l2tobj: Any) -> str:
    above, below = _argument(node, l2tobj, 0), _argument(node, l2tobj, 1)
    return f"{_OPEN}{_side(above)}/{_side(below)}{_CLOSE}"


def _sqrt(node: Any, l2tobj: Any) -> str:
    root = node.nodeargd.argnlist[0]
    body = _argument(node, l2tobj, 1)
    sign = {"3": "∛", "4": "∜"}.get(str(l2tobj.nodelist_to_text([root])) if root else "", "√")
    return sign + (body if re.fullmatch(_ATOM, body) else f"({body})")


@cache
def _tools() -> tuple[Any, Any]:
    walker = latexwalker.get_default_latex_context_db()
    walker.add_context_category(
        "scripts", specials=[SpecialsSpec("^", MacroStandardArgsParser("{")), SpecialsSpec("_", MacroStandardArgsParser("{"))], prepend=True
    )
    walker.add_context_category(
        "operators", macros=[MacroSpec("operatorname", "*{"), *(MacroSpec(name, "{{") for name in _FRACTIONS)], prepend=True
    )
    text = latex2text.get_default_latex_context_db()
    text.add_context_category(
        "llmquiz",
        prepend=True,
        macros=[
            *(latex2text.MacroTextSpec(name, simplify_repl=_frac) for name in _FRACTIONS),
            latex2text.MacroTextSpec("sqrt", simplify_repl=_sqrt),
            latex2text.MacroTextSpec("operatorname", simplify_repl="%(2)s"),
            *(latex2text.MacroTextSpec(name, simplify_repl=shown) for name, shown in _WORDS.items()),
            *(latex2text.MacroTextSpec(name, simplify_repl=name + _GAP) for name in _FUNCTIONS),
        ],
        specials=[
            latex2text.SpecialsTextSpec("^", simplify_repl=_raised(_SUPER, "^")),
            latex2text.SpecialsTextSpec("_", simplify_repl=_raised(_SUB, "_")),
        ],
    )
    return walker, latex2text.LatexNodes2Text(latex_context=text, math_mode="text", keep_comments=False)


def _unbracket(text: str) -> str:
    """Turn each fraction's stand-ins into brackets where something touches it, else into nothing."""
    inner = re.compile(rf"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
    while found := inner.search(text):
        before, after = text[: found.start()], text[found.end() :]
        touched = (before and before[-1] not in f" ([{{=+,:{_OPEN}") or (after and after[0] not in f" )]}}=+,.:;{_CLOSE}")
        text = before + (f"({found[1]})" if touched else found[1]) + after
    return text


@cache
def unicode_math(latex: str) -> str:
    """Return a formula (without its dollar signs) as one line of Unicode text."""
    walker, to_text = _tools()
    spaced = _EATEN.sub(r"\1{} ", latex)
    try:
        nodes, _, _ = latexwalker.LatexWalker(spaced, latex_context=walker, tolerant_parsing=True).get_latex_nodes()
        text = _unbracket(to_text.nodelist_to_text(nodes))
    except Exception:  # noqa: BLE001  pylatexenc raises IndexError and TypeError on odd input as well as its own errors
        return latex
    text = re.sub(rf"{_GAP}(?=[^\s(^_²₀-ₜ]|$)", " ", text).replace(_GAP, "")
    text = re.sub(r"(?<= )([≥≤≈∈×·⊙∼→←⇒⇔∝≪≫≠±⊕⊗|])(?=\S)", r"\1 ", text)  # LaTeX eats the space after a command
    return re.sub(r"\s+", " ", text).strip() or latex


def unshown(latex: str) -> list[str]:
    """Return what of a formula would be lost: commands that `unicode_math` drops or flattens, or the formula where it cannot be read."""
    _, to_text = _tools()
    known = to_text.latex_context
    out = [f"\\begin{{{name}}}" for name in re.findall(r"\\begin\s*\{(\w+\*?)\}", latex)]
    for name in re.findall(r"\\([A-Za-z]+)", latex):
        spec = known.get_macro_spec(name)
        lost = spec is None or (spec.discard and spec.simplify_repl in ("", "%s"))  # nothing of it, or its argument alone, is shown
        if lost and name not in _HARMLESS:
            out.append(f"\\{name}")
    return out or ([latex] if "\\" in unicode_math(latex) else [])
