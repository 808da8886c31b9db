"""Two machines, one memory: other zones, clocks two minutes apart, a carrier between them that is not to be relied on."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from machines import Home, bare, clone, needs_git, questions, same

FIRST = datetime(2026, 3, 14, 18, tzinfo=UTC)  # summer time begins in one of the zones on the 29th
PLACES = (("berlin", "Europe/Berlin", 0), ("shanghai", "Asia/Shanghai", 2), ("lima", "America/Lima", -1))


def bank(folder: Path) -> Path:
    """Return a folder with 50 questions."""
    (folder / "bank").mkdir(parents=True)
    (folder / "bank" / "fifty.yaml").write_text(questions(50))
    return folder / "bank"


def smoothly(home: Home) -> None:
    """Sync without a problem; two reviews of a card in one simulated instant are none: both are kept, and told."""
    assert [said for said in home.sync().problems if not said.startswith("two different reviews")] == []


def live_together(folder: Path, days: int, seed: int, pushes: float = 0.2) -> list[str]:
    """Let two homes study the same 50 cards for some days, syncing at random by git; return the log that both have at the end."""
    random = Random(seed)
    cards, origin = bank(folder), bare(folder / "origin.git")
    homes = [Home(folder / name, clone(origin, folder / f"git-{name}"), cards, zone, off) for name, zone, off in PLACES[:2]]
    union: set[str] = set()
    for day in range(days):
        for home in random.sample(homes, 2):
            if random.random() < 0.8:
                home.study(FIRST + timedelta(days=day, hours=random.randint(0, 14)), random)
                union |= set(home.lines)
            if random.random() < pushes:
                smoothly(home)
    for home in (*homes, homes[0]):
        smoothly(home)
    return settled(homes, union)


def carried(folder: Path, days: int, seed: int) -> list[str]:
    """Let three homes study, each with a copy of the folder that a careless carrier fills: late, half, stale, twice."""
    random = Random(seed)
    cards = bank(folder)
    homes = [Home(folder / name, folder / f"copy-{name}", cards, zone, off) for name, zone, off in PLACES]
    union: set[str] = set()
    kept: list[tuple[str, bytes]] = []
    for day in range(days):
        for home in random.sample(homes, 3):
            home.study(FIRST + timedelta(days=day), random)
            union |= set(home.lines)
            careless(random, home, homes, kept)
            smoothly(home)
    for home in homes * 2:
        for other in homes:
            if (name := own_name(other)) and (file := other.shared / name).exists():
                carry(file.read_bytes(), home.shared / name)
        smoothly(home)
    return settled(homes, union)


def own_name(home: Home) -> str:
    device = home.collection.log.meta("device")
    return f"{device}.jsonl" if device else ""


def carry(raw: bytes, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)


def careless(random: Random, home: Home, homes: list[Home], kept: list[tuple[str, bytes]]) -> None:
    """Bring some of the others' files: whole, cut off anywhere, an old state of one, in a conflict copy, or shuffled."""
    files = [other.shared / own_name(other) for other in homes if other is not home and own_name(other)]
    kept += [(file.name, file.read_bytes()) for file in files if file.exists() and random.random() < 0.6]
    for name, raw in random.sample(kept, min(len(kept), 2)):
        lines = raw[: raw.rfind(b"\n") + 1].splitlines(keepends=True)
        random.shuffle(lines)
        brought = random.choice([raw, raw[: random.randint(0, len(raw))], b"".join(lines + lines[:3])])
        if name != own_name(home):
            carry(brought, home.shared / random.choice([name, name, f"conflict {len(kept)} {name}"]))
    if (own := home.shared / own_name(home)).is_file() and random.random() < 0.2:
        own.write_bytes(own.read_bytes()[: -random.randint(1, 300)])


def settled(homes: list[Home], union: set[str]) -> list[str]:
    """Hold the homes to have one log, which is the union of all that was ever done; return it."""
    lines = same(homes)
    assert len(lines) == len(set(lines))
    assert set(lines) == union
    for home in homes:
        home.close()
    shutil.rmtree(homes[0].paths.home.parent)
    return lines


@needs_git
def test_a_month_on_two_machines(tmp_path: Path) -> None:
    lines = live_together(tmp_path / "month", 30, seed=1)
    assert len(lines) > 150
    assert {'"undone": true' in line for line in lines} == {True, False}


def test_a_careless_carrier(tmp_path: Path) -> None:
    assert len(carried(tmp_path / "week", 5, seed=1)) > 50
