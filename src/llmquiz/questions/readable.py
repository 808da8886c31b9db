"""Numbers and quantities as they are read with ease: 131,072, 4.295 GB (4 GiB), 8.03B parameters, 3.2 days.

Invariant: what is shown is within half of the fourth digit of the value.
"""

from __future__ import annotations

from collections.abc import Mapping

from llmquiz.questions.quantity import IEC, PREFIXED, SI, UNITS

PLAIN, WHOLE, SMALL = 10_000, 1e12, 1e-3  # up to here without separators; up to here digit by digit; from here down with an exponent
MILLION, BILLION, PAPER = 1e6, 1e9, 1e15  # parameters as 44.04M, 8.03B; FLOPs as 3.1e23
TIMES = {
    86400.0: ("days", "天"),
    3600.0: ("h", "小时"),
    60.0: ("min", "分钟"),
    1.0: ("s", "秒"),
    1e-3: ("ms", "毫秒"),
    1e-6: ("μs", "微秒"),
    1e-9: ("ns", "纳秒"),
}


def number(value: float) -> str:
    """Show a number: whole ones up to 9,999 as they are, larger with separators up to a trillion, others to 4 digits."""
    size = abs(value)
    if size >= WHOLE or 0 < size < SMALL:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    if value == int(value):
        return str(int(value)) if size < PLAIN else f"{int(value):,}"
    return f"{value:.4g}" if size < PLAIN else f"{value:,.0f}"


def show(value: float, unit: str, lang: str) -> str:
    """Show a number with its unit (a key of `UNITS`) in a scale that can be read."""
    match unit:
        case "B":
            said = _scaled(value, SI, "B")
            binary = _scaled(value, {"": 1.0} | IEC, "B")
            return said if value < IEC["ki"] else f"{said}（{binary}）" if lang == "zh" else f"{said} ({binary})"
        case "s":
            return _time(value, lang)
        case "fraction":
            percent = f"{value * 100:.4g}%"
            return f"{number(value)}（{percent}）" if lang == "zh" else f"{number(value)} ({percent})"
        case "x":
            return f"{number(value)} 倍" if lang == "zh" else f"{number(value)}x"
        case _ if unit in PREFIXED:
            return f"{number(value)} FLOP" if unit == "FLOP" and value >= PAPER else _scaled(value, SI, unit)
    label = UNITS[unit].label
    noun = label[lang] if isinstance(label, Mapping) else label
    return f"{_many(value, lang)}{noun}" if unit == "parameter" and value >= MILLION else f"{number(value)} {noun}"


def _many(value: float, lang: str) -> str:
    if lang == "zh":
        return f"{value / 1e8:.4g} 亿" if value >= 1e8 else f"{value / 1e4:.4g} 万"  # noqa: PLR2004  亿, 万
    return f"{value / BILLION:.4g}B " if value >= BILLION else f"{value / MILLION:.4g}M "


def _scaled(value: float, prefixes: Mapping[str, float], unit: str) -> str:
    prefix, factor = max(((p, f) for p, f in prefixes.items() if f <= abs(value)), key=lambda x: x[1], default=("", 1.0))
    return f"{value / factor:.4g} {prefix if prefix == 'k' else prefix.capitalize()}{unit}"


def _time(value: float, lang: str) -> str:
    factor = next((f for f in TIMES if f <= abs(value)), 1e-9)
    return f"{value / factor:.4g} {TIMES[factor][lang == 'zh']}"
