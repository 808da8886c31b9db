"""Two machines, one memory: other zones, clocks two minutes apart, a bare git repository between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from machines import Home, bare, clone, questions, same

FIRST = datetime(2026, 3, 14, 18, tzinfo=UTC)  # summer time begins in one of the zones on the 29th


def live_together(folder: Path, days: int, seed: int, pushes: float = 0.35) -> list[str]:
    """Let two homes study the same 50 cards for some days, syncing at random; return the log that both have at the end."""
    random = Random(seed)
    (folder / "bank").mkdir(parents=True)
    (folder / "bank" / "fifty.yaml").write_text(questions(50))
    origin = bare(folder / "origin.git")
    homes = [
        Home(folder / name, clone(origin, folder / f"git-{name}"), folder / "bank", zone, off)
        for name, zone, off in (("berlin", "Europe/Berlin", 0), ("shanghai", "Asia/Shanghai", 2))
    ]
    union: set[str] = set()
    for day in range(days):
        for home in random.sample(homes, 2):
            if random.random() < 0.8:
                home.study(FIRST + timedelta(days=day, hours=random.randint(0, 14)), random)
                union |= set(home.lines)
            if random.random() < pushes:
                assert home.sync().problems == []
    for home in (*homes, homes[0]):
        assert home.sync().problems == []
    lines = same(homes)
    assert set(lines) == union
    for home in homes:
        home.close()
    return lines


def test_a_month_on_two_machines(tmp_path: Path) -> None:
    lines = live_together(tmp_path, 30, seed=1)
    assert len(lines) > 150
    assert {'"undone": true' in line for line in lines} == {True, False}
