"""What is shown: formulas, Markdown, line breaks, control characters."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from llmquiz.bank.check import load_bank
from llmquiz.collection import shipped_bank
from llmquiz.latex import unicode_math, unshown
from llmquiz.render import clean, duration, escaped, inline, percent
from llmquiz.render.markdown import Markdown
from llmquiz.render.topics import topics_table
from llmquiz.render.wrap import wrap, wrap_keys
from llmquiz.stats import Share
from llmquiz.stats.whole import Topic


def printed(renderable: RenderableType, width: int = 60) -> str:
    file = StringIO()
    Console(file=file, width=width, color_system=None, force_terminal=False).print(renderable)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().split("\n"))


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\lambda = 2\pi / \theta_i", "λ = 2π / θᵢ"),
        (r"1 + \alpha + \left( x \right) / \infty - 1", "1 + α + ( x ) / ∞ - 1"),
        (r"\mathrm{softmax}(QK^\top/\sqrt{d_k})V", "softmax(QKᵀ/√dₖ)V"),
        (r"W = W_0 + \frac{\alpha}{r}BA", "W = W₀ + (α/r)BA"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\frac{1}{n}\sum_i x_i", "(1/n)∑ᵢ xᵢ"),
        (r"\frac{\partial L}{\partial z_k} = p_k - y_k", "∂L/∂zₖ = pₖ - yₖ"),
        (r"10^{-4}", "10⁻⁴"),
        (r"d_{\text{model}}", "d_model"),
        (r"L_{aux}", "L_aux"),
        (r"-\log p_\theta(x_t \mid x_{<t})", "-log p_θ(xₜ | x_(<t))"),
        (r"\max(0, x) \ge 0", "max(0, x) ≥ 0"),
        (r"\mathbb{E}[\|x\|^2]", "𝔼[‖x‖²]"),
        (r"\hat m/\sqrt{\hat v}", "m̂/√v̂"),
        (r"\operatorname{softmax}(z)", "softmax(z)"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"x \in \mathbb{R}^d", "x ∈ ℝᵈ"),
        ("", ""),
        (r"\unknowncommand{x}", "x"),
        (r"{", "{"),
        (r"\frac", r"\frac"),
        (r"\dfrac12", "1/2"),
        (r"a \ne b \iff c", "a ≠ b ⇔ c"),
        (r"\operatorname*{argmin}_x", "argminₓ"),
    ],
)
def test_formulas(latex: str, text: str) -> None:
    assert unicode_math(latex) == text


@pytest.mark.parametrize(
    ("latex", "lost"),
    [
        (r"\underbrace{x+1}_{n}", [r"\underbrace"]),
        (r"\overset{a}{=} \binom{n}{k}", [r"\overset", r"\binom"]),
        (r"\overline{x} + \widehat{y}", [r"\overline", r"\widehat"]),
        (r"\begin{aligned}a&b\\c&d\end{aligned}", [r"\begin{aligned}"]),
        (r"\boldsymbol{x}", [r"\boldsymbol"]),
        (r"\hspace{1em}", [r"\hspace"]),
        (r"\frac", [r"\frac"]),
        (r"\mathrm{softmax}(QK^\top/\sqrt{d_k})V", []),
        (r"\left(\frac{a}{b}\right) \ne \bigl(\hat x\,\bigr) \quad \text{or } \tfrac12", []),
        (r"\operatorname{softmax}(z) \sim \mathcal{N}(0, 1) \mid \{x\}, 4\%", []),
        (r"\sum_{i=1}^n \max(0, x_i) \to \infty", []),
        ("x^2", []),
    ],
)
def test_what_a_formula_would_lose(latex: str, lost: list[str]) -> None:
    assert unshown(latex) == lost


@given(st.text("\\{}_^abx12 frac+-|sqrt&%$#\n", max_size=40))
def test_no_formula_makes_it_raise(latex: str) -> None:
    assert isinstance(unicode_math(latex), str)
    assert isinstance(unshown(latex), list)


def test_markdown_shows_formulas_but_leaves_code_and_prices_alone() -> None:
    text = "Costs $5 and $6; $x^2$ grows; `$x^2$` is code.\n\n```\n$x^2$\n```\n\n$$\\frac{1}{2}$$\n"
    shown = printed(Markdown(text))
    assert "Costs $5 and $6; x² grows; $x^2$ is code." in shown
    assert shown.count("$x^2$") == 2
    assert "1/2" in shown


def test_a_formula_at_the_start_is_one_whatever_the_text_ends_with() -> None:
    assert inline("$x \\le 0$ gives 0") == "x ≤ 0 gives 0"
    assert inline("$5 and $6 are prices of $x_1$ in 2024") == "$5 and $6 are prices of x₁ in 2024"


def test_html_is_shown_as_text() -> None:
    assert "<t> and <script>" in printed(Markdown("tokens <t> and <script>"))


def test_tables_with_formulas_and_chinese() -> None:
    shown = printed(Markdown("| 方法 | $n$ |\n|---|---|\n| 注意力 | $O(n^2)$ |\n"))
    assert "方法" in shown
    assert "O(n²)" in shown


def test_a_table_stands_as_far_from_its_text_as_a_paragraph_does() -> None:
    shown = printed(Markdown("before\n\n| a | b |\n|---|---|\n| one | two |\n\nafter")).split("\n")
    assert [line.strip("─ ") for line in shown] == ["before", "", "a    b", "", "one  two", "", "after"]


def test_chinese_breaks_anywhere_but_not_before_punctuation() -> None:
    shown = printed(Markdown("注意力机制的时间复杂度是平方级的，所以长序列很贵。" * 3), width=21)
    for line in shown.split("\n"):
        assert cell_len(line) <= 21
        assert line[0] not in "，。"
    assert all(cell_len(line) >= 17 for line in shown.split("\n")[:-1]), "no ragged lines"


drawn = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp", "Mn", "Me", "Cf"])
words = st.text(drawn, max_size=80) | st.text("中文，。（a b", max_size=80)


@given(words, st.integers(4, 60))
def test_no_line_is_wider_than_asked_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_an_indent_counts() -> None:
    assert wrap("one two three", 9, "  ") == ["  one two", "  three"]


def test_a_row_of_keys_breaks_between_keys() -> None:
    said = "Enter answers    0 I don't know    ? keys"
    assert wrap_keys(said, 60) == [said]
    assert wrap_keys(said, 36) == ["Enter answers    0 I don't know", "? keys"]
    assert wrap_keys(said, 10) == ["Enter", "answers", "0 I don't", "know", "? keys"]


def test_control_characters_are_shown() -> None:
    assert clean("a\x1b[31mb\x07\x9b\u202e\tc\r\nd") == "a␛[31mb␇\\u009b\\u202e\tc\nd"


def test_inline_formulas_in_a_question() -> None:
    assert inline("Why $\\sqrt{d_k}$ and not `d_k`?") == "Why √dₖ and not d_k?"
    assert inline("it costs $5") == "it costs $5"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59.4, "59s"), (60, "1:00"), (3725, "1:02:05")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_table_of_topics() -> None:
    topics = [Topic("moe", 12, 3, 4, Share(9, 10)), Topic("mine", 1, 0, 1, Share(0, 2)), Topic("new", 1, 0, 1, Share(0, 0))]
    titles = {"moe": {"en": "Mixture of experts", "zh": "混合专家"}}
    shown = printed(topics_table(topics, titles, "zh")).split("\n")
    assert [line.split() for line in shown] == [
        ["topic", "title", "questions", "due", "new", "retention"],
        ["moe", "混合专家", "12", "3", "4", "90%", "of", "10"],
        ["mine", "mine", "1", "0", "1", "not", "enough", "data", "(2)"],
        ["new", "new", "1", "0", "1", "-"],
    ]


def test_percent() -> None:
    assert (percent(None), percent(0.876)) == ("-", "88%")


@pytest.mark.parametrize(("lang", "width"), [("en", 80), ("zh", 40)])
def test_every_shipped_answer_can_be_shown(lang: str, width: int) -> None:
    for q in load_bank([shipped_bank()]).questions.values():
        shown = printed(Markdown(q.back(lang)), width)
        assert "\\frac" not in shown, q.id
        assert all(cell_len(line) <= width for line in shown.split("\n")), q.id


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x1b\x07\x9b\u202e\u200e\t\r\n\x7f键")))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    steers = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    assert not steers.search(clean(text))
    assert steers.search(text) or clean(text) == text
    as_json = json.dumps({"a": [text]}, ensure_ascii=False, indent=2)
    assert not steers.search(escaped(as_json))
    assert json.loads(escaped(as_json)) == {"a": [text]}
