"""Where things are, and the settings of `config.toml`.

Invariant: no setting is needed; a wrong value in the file is told with its line, never skipped and never a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from llmquiz.disk import expanded, read_file, there
from llmquiz.errors import LlmquizError
from llmquiz.questions import BOTH, LANGUAGES, unknown

HOME_VARIABLE = "LLMQUIZ_HOME"


class Paths(NamedTuple):
    """The learner's folder: database, own questions, configuration."""

    home: Path

    @property
    def database(self) -> Path:
        """The review log and its caches."""
        return self.home / "collection.db"

    @property
    def questions(self) -> Path:
        """The learner's own questions."""
        return self.home / "questions"

    @property
    def backups(self) -> Path:
        """The backups of the review log."""
        return self.home / "backups"

    @property
    def config(self) -> Path:
        """The settings."""
        return self.home / "config.toml"


class Settings(NamedTuple):
    """What a learner can set.

    `lang` is "" for the language of the environment, `editor` "" for $EDITOR; `points` shows the rubric step;
    `colour` false is NO_COLOR; `sync` is the folder that `sync` carries to and from, "" for none; `interview` the day of
    the next one, None where there is none.
    """

    new_per_day: int = 10
    cutoff: time = time(4)
    lang: str = ""
    banks: tuple[Path, ...] = ()
    shipped: bool = True
    points: bool = True
    editor: str = ""
    colour: bool = True
    sync: str = ""
    interview: date | None = None


def paths(environ: Mapping[str, str]) -> Paths:
    """Return the learner's folder: `LLMQUIZ_HOME`, else the platform's data folder."""
    if home := environ.get(HOME_VARIABLE):
        return Paths(expanded(home).absolute())
    from platformdirs import user_data_path

    return Paths(user_data_path("llmquiz", appauthor=False))


def settings(path: Path) -> Settings:
    """Read the settings; defaults where there is no file. Raises LlmquizError with the line of what is wrong."""
    try:
        raw = read_file(path)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise LlmquizError(msg) from error
    import tomllib

    try:
        text = raw.decode()
        values = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        msg = f"{path}: not TOML: {error}"
        raise LlmquizError(msg) from error
    out = Settings()
    for name, value in values.items():
        if name not in READERS:
            raise _at(path, text, name, unknown("setting", name, READERS))
        read = READERS[name](value, path.parent)
        if isinstance(read, str):
            raise _at(path, text, name, f"`{name}` {read}")
        out = out._replace(**{name: read[0]})
    return out


def given(path: Path) -> dict[str, Any]:
    """Return the settings that the file gives, as TOML values; none where there is no file."""
    import tomllib

    return tomllib.loads(path.read_text(encoding="utf-8")) if there(path) else {}


def with_setting(text: str, name: str, value: str) -> str:
    """Return the text of a configuration with one setting changed, comments and the order of lines kept.

    `value` is as a person types it; where it is no TOML by itself it is taken as a string. Raises LlmquizError for an
    unknown name or a value that the setting cannot have.
    """
    import json
    import tomllib

    if name not in READERS:
        raise LlmquizError(unknown("setting", name, READERS))
    try:
        said = tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        said, value = value, json.dumps(value, ensure_ascii=False)
    if name == "banks" and isinstance(said, str):
        said, value = [said], json.dumps([said], ensure_ascii=False)
    if isinstance(wrong := READERS[name](said, Path()), str):
        msg = f"`{name}` {wrong}"
        raise LlmquizError(msg)
    line = f"{name} = {value}"
    new, changed = re.subn(rf"(?m)^{name}[ \t]*=[ \t]*([^#\n]*?)([ \t]*#.*)?$", lambda m: line + (m[2] or ""), text, count=1)
    if not changed:
        new = f"{text.rstrip()}\n{line}\n".lstrip()
    try:
        after = tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        after = {}
    if after != {**tomllib.loads(text), name: said}:
        msg = f"`{name}` stands over several lines: change it in the file itself"
        raise LlmquizError(msg)
    return new


def without_setting(text: str, name: str) -> str:
    """Return the text of a configuration without one setting: the default holds again. Raises LlmquizError where it cannot."""
    import tomllib

    new = re.sub(rf"(?m)^{name}[ \t]*=.*\n?", "", text, count=1)
    try:
        after = tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        after = {name: None}
    if after != {k: v for k, v in tomllib.loads(text).items() if k != name}:
        msg = f"`{name}` stands over several lines: change it in the file itself"
        raise LlmquizError(msg)
    return new


def _at(path: Path, text: str, name: str, message: str) -> LlmquizError:
    found = re.search(rf"^\s*[\"']?{re.escape(name)}", text, re.MULTILINE)
    line = text.count("\n", 0, found.end()) + 1 if found else 1
    return LlmquizError(f"{path}:{line}: {message}")


# Each reader returns (value,) or what is wrong with the raw one.
Reader = Callable[[Any, Path], "tuple[Any] | str"]


def _count(value: object, _: Path) -> tuple[int] | str:
    ok = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9999  # noqa: PLR2004
    return (value,) if ok else "has to be a whole number from 0 to 9999"  # type: ignore[return-value]


def _time(value: object, _: Path) -> tuple[time] | str:
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        hour, minute = value.split(":")
        return (time(int(hour), int(minute)),)
    return 'has to be a time of day in quotes, as in "04:00"'


def _date(value: object, _: Path) -> tuple[date | None] | str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return (value,)
    try:
        return (date.fromisoformat(value) if value != "" else None,)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 'has to be a day, as in "2026-12-24", or "" for none'


def _lang(value: object, _: Path) -> tuple[str] | str:
    names = (*LANGUAGES, BOTH)
    return (value,) if value in names else f"has to be one of {', '.join(names)}"


def _folders(value: object, base: Path) -> tuple[tuple[Path, ...]] | str:
    if isinstance(value, list) and all(isinstance(v, str) and v for v in value):
        return (tuple(base / expanded(v) for v in value),)
    return 'has to be a list of folders, as in ["~/my-bank"]'


def _words(value: object, _: Path) -> tuple[str] | str:
    return (value,) if isinstance(value, str) else 'has to be a command in quotes, as in "code --wait"'


def _folder(value: object, base: Path) -> tuple[str] | str:
    if isinstance(value, str):
        return (str(base / expanded(value)) if value else "",)
    return 'has to be a folder in quotes, as in "~/Sync/llmquiz"'


def _flag(value: object, _: Path) -> tuple[bool] | str:
    return (value,) if isinstance(value, bool) else "has to be true or false"


READERS: dict[str, Reader] = {
    "new_per_day": _count,
    "cutoff": _time,
    "lang": _lang,
    "banks": _folders,
    "shipped": _flag,
    "points": _flag,
    "editor": _words,
    "colour": _flag,
    "sync": _folder,
    "interview": _date,
}

TRAVELS = ("new_per_day", "cutoff", "lang", "shipped", "points", "colour", "interview")  # the others are of one machine: folders, programs
