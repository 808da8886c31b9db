"""Which backup somebody means: a name, a day, an instant, "yesterday".

Invariant: pure; only good backups are chosen unless one is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from llmquiz.backup.listing import Backup
from llmquiz.errors import LlmquizError
from llmquiz.model import CUTOFF, study_day

AGO = {"h": "hours", "d": "days", "w": "weeks"}
HOW = "Give a name that `llmquiz backups` lists, a day (2026-11-20, yesterday, 3d ago as 3d) or a time (2026-11-20T14:30)"


def choose(backups: Sequence[Backup], when: str, now: datetime, cutoff: time = CUTOFF) -> Backup:
    """Return the backup that `when` means, of some that are newest first: "" is the newest good one.

    A day means the newest of that study day or before; a time the newest before it. Raises LlmquizError where there is
    none.
    """
    for backup in backups:
        if backup.name == when:
            return backup
    good = [b for b in backups if b.good]
    if when:
        latest = moment(when, now, cutoff)
        good = [b for b in good if _before(b, latest, now, cutoff)]
    if good:
        return good[0]
    if not backups:
        msg = "there is no backup yet: `llmquiz backup` makes one"
    elif when:
        msg = f"no good backup is from {when} or before: the oldest is {backups[-1].name}; `llmquiz backups` lists them"
    else:
        msg = "no backup was found good: `llmquiz backups` lists them, `llmquiz doctor` says what is wrong with them"
    raise LlmquizError(msg)


def _before(backup: Backup, latest: date | datetime, now: datetime, cutoff: time) -> bool:
    if isinstance(latest, datetime):
        return backup.made < latest
    return study_day(backup.made.astimezone(now.tzinfo), cutoff) <= latest


def moment(when: str, now: datetime, cutoff: time = CUTOFF) -> date | datetime:
    """Return the study day or the aware instant that `when` names; raises LlmquizError where it names none."""
    today = study_day(now, cutoff)
    if when in ("today", "now"):
        return today
    if when == "yesterday":
        return today - timedelta(days=1)
    if ago := re.fullmatch(r"(\d{1,4})([hdw])", when):
        past = now - timedelta(**{AGO[ago[2]]: int(ago[1])})
        return past if ago[2] == "h" else study_day(past, cutoff)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", when):
            return date.fromisoformat(when)
        said = datetime.fromisoformat(when)
    except ValueError:
        msg = f"{when!r} is no backup and no time. {HOW}"
        raise LlmquizError(msg) from None
    return said if said.tzinfo else said.replace(tzinfo=now.tzinfo)
