"""Cards to measure with: the same ones every time, about 0.7 KB each, with Markdown, code, a table, a formula, every third in Chinese.

Invariant: a card is a pure function of its number and revision, and every format carries the same fields.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TOPICS = ("attention", "KV cache", "LoRA", "RLHF", "tokens", "quantisation", "MoE", "beam search", "drafting", "retrieval", "evals", "FSDP")
CHINESE = "注意力机制的时间复杂度是多少？请解释键值缓存为什么能降低解码延迟，并说明代价。"
ANSWER = """\
**Short answer.** {topic} number {n} trades memory for compute; see $O(n^2 d)$ and $\\frac{{QK^T}}{{\\sqrt{{d_k}}}}$.

- first point about {topic} with some `inline code`
- second point, revision {revision}
- third point with a *caveat*

```python
def step(q, k, v, cache=None):
    if cache is not None:
        k, v = cache.append(k, v)
    return (q @ k.T / k.shape[-1] ** 0.5).softmax(-1) @ v
```

| variant | memory | latency |
|---------|-------:|--------:|
| naive   | {a}    | {b}     |
| cached  | {c}    | {d}     |
"""


class Made(NamedTuple):
    """A card to measure with."""

    id: str
    level: int
    tags: tuple[str, ...]
    question: str
    answer: str


def card(n: int, revision: int = 0) -> Made:
    """Return card `n` as it is at a revision."""
    topic = TOPICS[n % len(TOPICS)]
    chinese = CHINESE if n % 3 == 0 else ""
    mixed = n * 7919 + revision * 104729
    numbers = {name: mixed // 10**i % 1000 for i, name in enumerate("abcd")}
    answer = ANSWER.format(topic=topic, n=n, revision=revision, **numbers)
    tags = (topic.lower().replace(" ", "-"), f"group-{n % 4}")
    return Made(f"card-{n:06d}", n % 5 + 1, tags, f"Q{n:06d}: explain {topic} and its cost model {chinese}".strip(), answer + chinese)


def write_bank(folder: Path, cards: int, files: int) -> None:
    """Write a bank of `files` topics that hold `cards` cards between them."""
    folder.mkdir(parents=True)
    for number in range(files):
        write_topic(folder, number, cards // files)


def write_topic(folder: Path, number: int, cards: int, revision: int = 0) -> None:
    """Write the topic file `number`: in block style with literal answers, as a person would."""
    lines = [f"topic: topic-{number:03d}", f"title: Topic {number}", "questions:"]
    for n in range(number * cards, (number + 1) * cards):
        c = card(n, revision)
        lines += [
            f"  - id: {c.id}",
            f"    level: {c.level}",
            f"    tags: [{', '.join(c.tags)}]",
            f'    question: "{c.question}"',
            "    answer: |",
        ]
        lines += [f"      {line}" if line else "" for line in c.answer.split("\n")]
    (folder / f"topic-{number:03d}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_tsv(path: Path, cards: int, changed: int = 0) -> None:
    """Write the same cards as Anki imports them; the first `changed` ones at their next revision."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("#separator:tab\n#html:false\n#guid column:1\n#tags column:4\n#notetype:Basic\n#deck:Default\n")
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(_tsv_rows(cards, changed))


def _tsv_rows(cards: int, changed: int) -> Iterator[tuple[str, str, str, str]]:
    for n in range(cards):
        c = card(n, revision=int(n < changed))
        yield c.id, c.question, c.answer, " ".join(c.tags)
