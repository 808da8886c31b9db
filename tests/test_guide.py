"""The guide: what a program can see of it is told as a warning, and good text is left alone."""

from __future__ import annotations

import runpy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from markdown_it.token import Token

from llmquiz.bank.check import load_bank
from llmquiz.bank.placed import spoken
from llmquiz.bank.prose import CODE, FORMULA, formulas, han, prose, words
from llmquiz.bank.similar import normal
from llmquiz.collection import Collection, shipped_bank
from llmquiz.config import Paths, Settings
from llmquiz.render.markdown import _parser

Body = dict[str, Any]
ENGLISH = "The variance of the dot product grows with the dimension of the keys and drives the softmax into saturation. " * 5
CHINESE = "点积的方差随 key 的维度线性增长，会把 softmax 推进饱和区，梯度因此消失。" * 5


def question(card: str, follow_up: str, **changes: object) -> Body:
    """Return a question that keeps the guide, but for the changes; a change to None takes the key away."""
    good: Body = {
        "id": card,
        "level": 1,
        "question": {"en": f"Why is {card} scaled, and {card * 2} not?", "zh": f"为什么要缩放 {card} 而不缩放 {card * 2}？"},
        "short": {"en": "To keep the variance.", "zh": "为了保持方差。"},
        "answer": {"en": ENGLISH, "zh": CHINESE},
        "points": [{"en": "says one", "zh": "说一", "must": True}, {"en": "says two", "zh": "说二"}, {"en": "says three", "zh": "说三"}],
        "pitfalls": [{"en": "not zero", "zh": "不是零"}],
        "follow_ups": [follow_up],
        "sources": [{"arxiv": "1706.03762", "title": "Vaswani et al.", "where": "section 3"}],
        "as_of": "2026-11",
    }
    return {k: v for k, v in (good | changes).items() if v is not None}


def told(folder: Path, *bodies: Body) -> list[str]:
    """Return the warnings of a bank with these questions and what closes their circle; no problem may be among them."""
    chain = [*bodies, question("quux", "corge"), question("corge", bodies[0]["id"])]
    (folder / "t.yaml").write_text(yaml.safe_dump({"questions": chain}, allow_unicode=True), encoding="utf-8")
    found = load_bank([folder]).problems
    assert all(p.warning and p.line > 1 for p in found)
    return [p.message for p in found]


def in_chinese(text: str) -> Body:
    return {"pitfalls": [{"en": "x", "zh": text}]}


def with_sources(*sources: dict[str, str]) -> Body:
    return {"sources": list(sources)}


def points(*must: bool) -> Body:
    return {"points": [{"en": f"says {i}", "zh": "说", "must": m} for i, m in enumerate(must)]}


OPTIONS = [
    {"text": {"en": f"option {i}", "zh": f"选项 {i}"}, "why": {"en": "so", "zh": "如此"}} | ({} if i else {"correct": True})
    for i in range(4)
]
NUMERIC: Body = {"params": {"nn": [1, 2]}, "formula": "nn * 2", "unit": "x", "answer": {"en": "{result}", "zh": "{result}"}}
CODE_QUESTION: Body = {
    "starter": "def f(): ...",
    "solution": "def f(): return 1",
    "tests": "def test_f(): assert f()",
    "answer": {"en": "One.", "zh": "一。"},
    "wrong": [{"why": {"en": "none", "zh": "没有"}, "code": "def f(): pass"}],
}
NOT_OPEN: Body = {"short": None, "points": None, "pitfalls": None}


BAD: list[tuple[Body, str]] = [
    ({"short": None}, "no `short`"),
    ({"short": {"en": "word " * 61, "zh": "短。"}}, "`short` has 61 words: at most 60 are meant"),
    ({"short": {"en": "Short.", "zh": "字" * 121}}, "`short` has 121 汉字: at most 120 are meant"),
    ({"answer": {"en": "word " * 79, "zh": CHINESE}}, "`answer` has 79 words: 80 to 250 are meant"),
    ({"answer": {"en": "word " * 251, "zh": CHINESE}}, "`answer` has 251 words: 80 to 250 are meant"),
    ({"answer": {"en": ENGLISH, "zh": "字" * 99}}, "`answer` has 99 汉字: 100 to 550 are meant"),
    ({"answer": {"en": ENGLISH, "zh": "字" * 551}}, "`answer` has 551 汉字: 100 to 550 are meant"),
    ({"answer": {"en": "Code:\n\n```python\n" + "word " * 100 + "\n```\n", "zh": CHINESE}}, "`answer` has 1 words: 80 to 250 are meant"),
    ({"points": None}, "0 points: 3 to 6 are meant"),
    (points(True, False), "2 points: 3 to 6 are meant"),
    (points(*[True] * 3, *[False] * 4), "7 points: 3 to 6 are meant"),
    (points(False, False, False), "0 points with `must`: 1 to 3 are meant"),
    (points(*[True] * 4), "4 points with `must`: 1 to 3 are meant"),
    ({"question": "Why scale at all?"}, "question without `en` and `zh` text"),
    ({"short": "Just so."}, "one text for both languages: give `en` and `zh`"),
    ({"pitfalls": ["not zero"]}, "one text for both languages"),
    ({"pitfalls": [{"en": "not zero"}]}, "no `zh` text, but the question has one"),
    ({"sources": None}, "no `sources`"),
    ({"sources": []}, "no `sources`"),
    (with_sources({"url": "https://medium.com/@who/attention"}), "no primary source"),
    (with_sources({"url": "https://zh.wikipedia.org/wiki/注意力", "title": "W"}), "no primary source"),
    (with_sources({"arxiv": "1706.03762v5"}), "'1706.03762v5' is no arXiv id"),
    (with_sources({"arxiv": "1713.03762"}), "'1713.03762' is no arXiv id"),
    (with_sources({"arxiv": "arXiv:1706.03762"}), "is no arXiv id"),
    ({"as_of": "November 2026"}, "'November 2026' is no month"),
    ({"as_of": "2026-13"}, "'2026-13' is no month"),
    ({"follow_ups": None}, "0 follow-ups: 1 to 3 are meant"),
    (in_chinese("先归一化,再相加。"), "half-width punctuation in Chinese: 「先归一化,再相加。」"),
    (in_chinese("为什么?"), "half-width"),
    (in_chinese("分两步: 先算"), "half-width"),
    (in_chinese("用 `softmax`,再乘"), "half-width punctuation in Chinese: 「用 `…`,再乘」"),
    (in_chinese("它会饱和."), "half-width"),
    (in_chinese("显存不够(包括激活)时"), "half-width"),
    (in_chinese("用softmax 归一化"), "no space between Chinese and Latin text, digits, code or formula: 「用softmax 归一化」"),
    (in_chinese("用 softmax归一化"), "no space"),
    (in_chinese("从2017 年起"), "no space"),
    (in_chinese("调用`softmax` 函数"), "no space between Chinese and Latin text, digits, code or formula: 「调用`…` 函数」"),
    (in_chinese("除以 $d$的平方根"), "no space"),
    (in_chinese("那是**ChatGPT 的** 说法"), "no space"),
    (in_chinese("**先说结论。**再说理由"), "`**` that is shown as it stands, in `zh`: 「**先说结论。**再说理」; write"),
    (in_chinese(r"即 $\underbrace{x}_{n}$"), r"LaTeX that a terminal cannot show, in `zh`: \underbrace"),
    ({"kind": "choice", "options": OPTIONS[:2]} | NOT_OPEN, "2 options: 4 to 6 are meant"),
    ({"kind": "numeric", **NUMERIC} | NOT_OPEN, "no `mistakes`"),
    ({"kind": "code", **CODE_QUESTION} | NOT_OPEN, "1 wrong solution: at least 2 are meant"),
    ({"answer": {"en": ENGLISH + r"$$\begin{cases}a\\b\end{cases}$$", "zh": CHINESE}}, r"in `en`: \begin{cases}"),
]
GOOD: list[Body] = [
    {"kind": "choice", "options": OPTIONS} | NOT_OPEN,
    {},
    {"short": {"en": "word " * 60, "zh": "字" * 120}},
    {"answer": {"en": "word " * 80 + "| --- |\n", "zh": "字" * 100}},
    {"answer": {"en": "word " * 250 + "\n\n```python\n" + "x = 1\n" * 200 + "```\n", "zh": "字" * 550}},
    points(True, False, False),
    points(*[True] * 3, *[False] * 3),
    {"as_of": None},
    with_sources({"arxiv": "0706.1234"}),
    with_sources({"title": "Cover and Thomas, Elements of Information Theory"}),
    with_sources({"url": "https://www.zhihu.com/question/1"}, {"url": "https://github.com/meta-llama/llama"}),
    with_sources({"url": "https://box.com/a-paper-on-a-host-that-ends-like-x.com"}),
    {"level": 3},
    in_chinese("用 `x[:, 0]` 取第一列，再除以 $\\sqrt{d_k}$；见 https://a.b/c?d=e,f。"),
    in_chinese("约 3.5 倍、1:1 混合、O(n^2) 计算、exp(分数 − 最大值) 之和、2,048 个 token。"),
    in_chinese("**代价。** 同样宽度下，`bf16`（2 字节）占 50% 的显存。"),
    in_chinese("| 方法 | 复杂度 |\n|:---|---:|\n| 注意力 | $O(n^2)$ |"),
    in_chinese("```python\nx = 1  # 中文,注释:x在这里\n```"),
    in_chinese(r"价格 \$5 起：$a \ne b$，$\left(\frac{x}{y}\right)^2$，$\operatorname{softmax}(z)$，花 $5 还是 $6 都行。"),
]


@pytest.mark.parametrize(("changes", "expected"), BAD)
def test_what_breaks_the_guide_is_told(changes: Body, expected: str, tmp_path: Path) -> None:
    found = told(tmp_path, question("foo", "bar", **changes), question("bar", "quux"))
    assert [m for m in found if expected in m], found
    assert len(found) == 1, found


@pytest.mark.parametrize("changes", GOOD)
def test_what_keeps_the_guide_is_left_alone(changes: Body, tmp_path: Path) -> None:
    assert told(tmp_path, question("foo", "bar", **changes), question("bar", "quux")) == []


def test_an_orphan_is_what_no_easy_question_leads_to(tmp_path: Path) -> None:
    hard, harder, lost = question("foo", "bar", level=3), question("bar", "quux", level=5), question("grault", "garply", level=3)
    also_lost = question("garply", "foo", level=4)
    found = told(tmp_path, hard, harder, lost, also_lost)
    assert [m.split("`")[1] for m in found] == ["grault", "garply"]
    assert "orphan: no follow-ups lead from a level 1 or 2 question to `grault`" in found


def test_a_single_file_is_led_to_from_its_folder_and_leads_there(tmp_path: Path) -> None:
    easy, hard, far = question("foo", "bar"), question("bar", "garply", level=3), question("garply", "foo", level=4)
    lost, odd = question("grault", "foo", level=3), question("waldo", "nowhere")
    for name, bodies in (("easy", [easy]), ("hard", [hard, lost]), ("far", [far, odd, question("fred", "foo", points=[])])):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({"questions": bodies}, allow_unicode=True), encoding="utf-8")
    bank = load_bank([tmp_path / "hard.yaml"], beside=[tmp_path])
    assert [p.message for p in bank.problems] == ["orphan: no follow-ups lead from a level 1 or 2 question to `grault`"]
    assert sorted(bank.questions) == sorted(bank.files) == ["bar", "grault"], "the rest of the bank is not checked"
    assert load_bank([tmp_path / "easy.yaml"], beside=[tmp_path]).problems == ()
    assert [p.message for p in load_bank([tmp_path / "easy.yaml"]).problems] == ["unknown follow-up 'bar': known are foo"]


def test_what_stands_in_the_file_itself_comes_before_the_rest(tmp_path: Path) -> None:
    rest = tmp_path / "rest"
    rest.mkdir()
    after = question("foo", "bar", level=3)
    for folder, body in ((tmp_path, question("bar", "baz", level=3)), (rest, question("bar", "foo"))):
        text = yaml.safe_dump({"questions": [body, after, question("baz", "foo", level=3)]}, allow_unicode=True)
        (folder / "t.yaml").write_text(text, encoding="utf-8")
    found = [p.message for p in load_bank([tmp_path / "t.yaml"], beside=[rest]).problems]
    assert found == [f"orphan: no follow-ups lead from a level 1 or 2 question to `{card}`" for card in ("bar", "foo", "baz")]


def test_four_follow_ups_are_too_many(tmp_path: Path) -> None:
    more = [question(card, "quux") for card in ("bar", "baz", "qux", "waldo")]
    assert told(tmp_path, question("foo", "bar", follow_ups=["bar", "baz", "qux", "waldo"]), *more) == ["4 follow-ups: 1 to 3 are meant"]


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("Why do LLMs use RMSNorm in place of LayerNorm?", "Why do LLMs use RMSNorm in place of LayerNorm?", True),
        ("Why do LLMs use RMSNorm in place of LayerNorm?", "Why do LLMs now use RMSNorm, in place of LayerNorm", True),
        ("为什么大模型用 RMSNorm 代替 LayerNorm？", "为什么大模型都用 RMSNorm 代替 LayerNorm？", True),
        ("Implement RMSNorm over the last axis, in numpy.", "Implement LayerNorm over the last axis, in numpy.", False),
        ("How does GQA save memory?", "How does MLA save memory, and what does it cost at decoding time?", False),
        ("What is DPO?", "What is PPO?", False),
    ],
)
def test_near_duplicates(first: str, second: str, near: bool, tmp_path: Path) -> None:  # noqa: FBT001  a row of the table
    lang = "en" if first.isascii() else "zh"
    pair = [
        question(card, then, question={"en": f"{card * 3}?", "zh": f"{card * 3}？"} | {lang: text})
        for card, then, text in (("foo", "bar", first), ("bar", "quux", second))
    ]
    found = told(tmp_path, *pair)
    assert found == (["`bar` asks nearly what `foo` asks: merge them, or say what differs"] if near else [])


def test_a_normal_question_is_its_words() -> None:
    assert normal("Why $\\sqrt{d_k}$, 为什么？") == ("why", "sqrt", "d", "k", "为", "什", "么")


def test_prose_is_what_is_left_of_markdown() -> None:
    text = "**粗** 和 ``a`b`` 与 $x^2$\n\n~~~\ncode\n~~~\n见 https://a.b/c。 2*3*4 snake_case"
    assert " ".join(prose(text).split()) == f"粗 和 {CODE} 与 {FORMULA} 见 。 2*3*4 snake_case"
    assert (words("a b - | $x = 1$ 8,192"), han("一，二 a")) == (5, 2)


def contents(tokens: Iterable[Token]) -> list[str]:
    """Return the formulas that the renderer sees."""
    return [f for t in tokens for f in ([t.content.strip()] if t.type.startswith("math") else contents(t.children or ()))]


def test_a_formula_is_what_the_renderer_takes_for_one() -> None:
    odd = ["it costs $5 and $6", r"\$x$ y$", "`$a$` and $b$", "```\n$a$\n```\n$b$", "$$\nx\n$$", "a $ b $ c", "$a$1", "1$a$", r"$\$$"]
    shipped = [s for q in load_bank([shipped_bank()]).questions.values() for _, text in q.texts() for s in spoken(text).values()]
    for text in (*odd, *(s for s in shipped if "$" in s)):
        assert [f.strip() for f in formulas(text)] == contents(_parser().parse(text)), text


def test_a_learners_own_questions_are_held_to_the_guide_only_if_strict(tmp_path: Path) -> None:
    shipped, mine = tmp_path / "shipped", tmp_path / "home" / "questions"
    for folder, card in ((shipped, "theirs"), (mine, "mine")):
        folder.mkdir(parents=True)
        (folder / f"{card}.yaml").write_text(f"questions:\n  - {{id: {card}, question: Q {card}, answer: A}}\n")
    opened = Collection(Paths(tmp_path / "home"), Settings(), shipped=shipped)
    usual = {p.path for p in opened.check().problems}
    assert usual == {str(shipped / "theirs.yaml")}
    assert {p.path for p in opened.check(strict=True).problems} == usual | {str(mine / "mine.yaml")}
    assert {p.path for p in opened.check([mine]).problems} == {str(mine / "mine.yaml")}
    opened.close()


def test_the_table_of_the_bank_is_current() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "bank_table.py"))
    files = [script["load"](str(p), p.read_bytes()) for p in sorted((ROOT / "data" / "questions").glob("*.yaml"))]
    page = (ROOT / "docs" / "bank.md").read_text(encoding="utf-8")
    table = script["table"](files)
    assert f"{script['BEGIN']}{table}{script['END']}" in page, "stale: just bank-table"
    assert script["page"](page.replace(table, "| old |\n"), table) == page
    assert table.count("\n") == len(files) + 3
