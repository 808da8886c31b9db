"""The cache of questions that follows its bank folders, file by file."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from llmquiz.collection import Collection
from llmquiz.config import Paths, Settings

IDS = [f"q{n}" for n in range(6)]
CACHED = (
    "select id, file, topic, kind, level, tags, follow_ups, shadowed, body, said from questions order by id, file",
    "select old, card, file from former order by old, card, file",
    "select old, card from names order by old",
    "select path, position, size, hash, topic, title, problems from bank_files order by path",
)


def opened(home: Path, *banks: Path) -> Collection:
    return Collection(Paths(home), Settings(shipped=False, banks=banks))


def item(random: Random, card: str) -> str:
    was = f", was: [{', '.join(random.sample([*IDS, 'old1', 'old2'], random.randint(1, 2)))}]" if random.random() < 0.4 else ""
    replaces = ", replaces: true" if random.random() < 0.2 else ""
    return f"  - {{id: {card}, question: Q{random.randint(0, 99)}, answer: A{was}{replaces}}}\n"


def change(random: Random, folder: Path) -> None:
    """Write, remove or rename a file of a bank."""
    path = folder / f"{random.choice('abcd')}.yaml"
    if path.exists() and random.random() < 0.3:
        path.unlink()
    elif path.exists() and random.random() < 0.2:
        path.rename(folder / f"{random.choice('efgh')}.yaml")
    else:
        path.write_text("questions:\n" + "".join(item(random, card) for card in random.sample(IDS, 3)))


@pytest.mark.parametrize("seed", range(12))
def test_what_followed_every_change_equals_what_is_loaded_at_once(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    banks = [tmp_path / "one", tmp_path / "two"]
    for bank in banks:
        bank.mkdir()
    followed = opened(tmp_path / "followed", *banks)
    for step in range(8):
        for _ in range(random.randint(1, 2)):
            change(random, random.choice(banks))
        followed.refresh()
        afresh = opened(tmp_path / f"afresh{step}", *banks)
        afresh.refresh()
        for sql in CACHED:
            assert followed.log.reading(sql) == afresh.log.reading(sql), sql
        assert followed.problems() == afresh.problems()
        afresh.close()
    followed.close()


def test_a_parameter_may_have_the_name_of_a_language(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    bank.mkdir()
    params = "params: {en: [2, 3], zh: [4, 5]}, formula: en * zh, unit: token"
    (bank / "a.yaml").write_text(f"questions:\n  - {{id: a, kind: numeric, question: Times?, {params}, answer: So many.}}\n")
    collection = opened(tmp_path / "home", bank)
    assert collection.refresh() + collection.problems() == []
    assert collection.log.reading("select said from questions") == [("times?\nso many.",)]
    collection.close()
