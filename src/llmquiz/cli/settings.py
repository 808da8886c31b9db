"""`llmquiz config`: every setting, its value and where it comes from; setting one.

Invariant: the file is written only with a value that the setting can have, its comments kept.
"""

import os
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any

import typer

from llmquiz.cli.context import out, out_json
from llmquiz.cli.options import JsonOption
from llmquiz.errors import LlmquizError

CONFIG_EXAMPLES = """[bold]Examples[/bold]

llmquiz config

llmquiz config new_per_day 20

llmquiz config cutoff 03:00

llmquiz config interview 2026-12-24

llmquiz config path   where the file is"""


def complete_setting(incomplete: str) -> list[str]:
    """Offer the settings."""
    from llmquiz.config import READERS

    return [name for name in (*READERS, "path") if name.startswith(incomplete)]


def config(
    name: Annotated[str | None, typer.Argument(help="A setting; `path` says where the file is.", autocompletion=complete_setting)] = None,
    value: Annotated[str | None, typer.Argument(help="Its new value.")] = None,
    json: JsonOption = False,
) -> None:
    """Show the settings, or set one."""
    from llmquiz import config as configuration

    path = configuration.paths(os.environ).config
    if name == "path":
        out(str(path))
    elif name and value is not None:
        _set(path, name, value)
    else:
        _show(path, name, json=json)


def _set(path: Path, name: str, value: str) -> None:
    from llmquiz import config as configuration
    from llmquiz.bank.write import replace
    from llmquiz.disk import tighten

    configuration.settings(path)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    replace(path, configuration.with_setting(text, name, value).encode())
    tighten(path)
    out(f"{name} = {_plain(getattr(configuration.settings(path), name))} in {path}")


def _show(path: Path, name: str | None, *, json: bool) -> None:
    from llmquiz import config as configuration
    from llmquiz.questions import unknown

    settings, given = configuration.settings(path), configuration.given(path)
    names = list(settings._fields)
    if name and name not in names:
        raise LlmquizError(unknown("setting", name, names))
    rows = {n: _value(n, getattr(settings, n), n in given) for n in names if name in (None, n)}
    if json:
        out_json({n: {"value": v, "from": source} for n, (v, source) in rows.items()})
        return
    width = max(len(n) for n in rows)
    for n, (v, source) in rows.items():
        out(f"{n:<{width}}  {_plain(v)}  ({source})")
    if not name:
        out(f"{'home':<{width}}  {path.parent}  ({'environment LLMQUIZ_HOME' if os.environ.get('LLMQUIZ_HOME') else 'default'})")


def _value(name: str, value: Any, in_file: bool) -> tuple[Any, str]:  # noqa: FBT001
    """Return a setting's value for JSON, and where it comes from."""
    from llmquiz.cli.words import environment_language

    if name == "colour" and os.environ.get("NO_COLOR"):
        return False, "environment NO_COLOR"
    if in_file:
        return _json(value), "file"
    if name == "lang":
        return environment_language(os.environ), "environment"
    if name == "editor" and (said := os.environ.get("VISUAL") or os.environ.get("EDITOR")):
        return said, "environment"
    return _json(value), "default"


def _json(value: Any) -> Any:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date) or value is None:
        return value.isoformat() if value else ""
    return [str(v) for v in value] if isinstance(value, tuple) else value


def _plain(value: Any) -> str:
    value = _json(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return str(value) if value != "" else "-"
