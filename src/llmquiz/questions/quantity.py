"""Numbers with units, as people write them: `4.3e9`, `4.3 GB`, `4 GiB`, `40 亿`, `1/3`, `7B`, `86%`.

Invariant: reading never guesses: what cannot be read, or is of another dimension than what is asked, is told in both
languages; what is read is a finite number in the unit asked. SI prefixes are powers of 1,000, Ki, Mi, Gi of 1,024 (IEC 80000-13).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from llmquiz.questions.base import Unreadable
from llmquiz.questions.text import Text

LONGEST = 100  # characters of an answer that is read
EXACT = 1e-9  # relative: what a float may be off where a tolerance of 0 asks for equality

SI = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15, "e": 1e18, "z": 1e21, "y": 1e24}
IEC = {"ki": 2.0**10, "mi": 2.0**20, "gi": 2.0**30, "ti": 2.0**40, "pi": 2.0**50}
HAN = {"千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12}
LONG = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
COUNT = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12, **HAN, **LONG}
TIME = {
    1e-9: ("ns", "纳秒"),
    1e-6: ("us", "μs", "微秒"),
    1e-3: ("ms", "毫秒", "millisecond", "milliseconds"),
    1.0: ("s", "sec", "second", "seconds", "秒", "秒钟"),
    60.0: ("min", "mins", "minute", "minutes", "分", "分钟"),
    3600.0: ("h", "hr", "hrs", "hour", "hours", "小时"),
    86400.0: ("d", "day", "days", "天"),
    604800.0: ("week", "weeks", "周"),
}


class Unit(NamedTuple):
    """What a number can be asked in: its dimension in both languages, and an example of how it may be written."""

    name: Text
    example: str
    label: Text = ""


UNITS: Mapping[str, Unit] = {
    "B": Unit({"en": "bytes", "zh": "字节"}, "4.3 GB"),
    "bit": Unit({"en": "bits", "zh": "比特"}, "16 Gbit"),
    "FLOP": Unit({"en": "FLOPs", "zh": "浮点运算次数（FLOP）"}, "3.1e23"),
    "FLOP/s": Unit({"en": "FLOP/s", "zh": "每秒浮点运算次数（FLOP/s）"}, "989 TFLOP/s"),
    "s": Unit({"en": "a time", "zh": "时间"}, "12 ms"),
    "parameter": Unit({"en": "a number of parameters", "zh": "参数量"}, "7B", {"en": "parameters", "zh": "参数"}),
    "token": Unit({"en": "a number of tokens", "zh": " token 数"}, "2048", {"en": "tokens", "zh": "个 token"}),
    "token/s": Unit({"en": "tokens per second", "zh": "每秒 token 数"}, "1200", {"en": "tokens/s", "zh": "token/s"}),
    "sequence": Unit({"en": "a number of sequences", "zh": "序列数"}, "12", {"en": "sequences", "zh": "条序列"}),
    "bit/parameter": Unit({"en": "bits per parameter", "zh": "每个参数的比特数"}, "4.5", {"en": "bits/parameter", "zh": "bit/参数"}),
    "bit/byte": Unit({"en": "bits per byte", "zh": "每字节的比特数"}, "0.9", {"en": "bits/byte", "zh": "bit/字节"}),
    "fraction": Unit({"en": "a fraction", "zh": "比例"}, "86%"),
    "x": Unit({"en": "a ratio", "zh": "倍数"}, "8x"),
}
NOUNS = {
    "B": ("b", "byte", "bytes", "字节"),
    "bit": ("bit", "bits", "比特"),
    "FLOP": ("flop", "flops", "次浮点运算", "次运算"),
    "FLOP/s": ("flop/s", "flops", "flops/s", "flop/sec"),
    "parameter": ("params", "param", "parameters", "parameter", "参数", "个参数", "weights", "个"),
    "token": ("token", "tokens", "tok", "个token", "个"),
    "token/s": ("token/s", "tokens/s", "tok/s", "t/s", "token/sec", "tokens/sec", "tokenspersecond", "token/秒"),
    "sequence": ("sequence", "sequences", "seq", "seqs", "条", "条序列", "个", "个序列", "requests"),
    "bit/parameter": (
        "bit",
        "bits",
        "bit/parameter",
        "bits/parameter",
        "bit/param",
        "bits/param",
        "bitsperparameter",
        "bpw",
        "bit/参数",
        "比特",
    ),
    "bit/byte": ("bit", "bits", "bit/byte", "bits/byte", "bitsperbyte", "bpb", "bit/字节", "比特"),
}
PREFIXED = ("B", "bit", "FLOP", "FLOP/s")  # these take G and Gi; the others count in K, M, B, 亿
SCALED, FULL = (*PREFIXED, "s"), 1000  # of these a number below 1,000 has to say its unit: 24.3 GB, 18.3 days
PLAIN = ("bit/parameter", "bit/byte")  # these take no prefix

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SUPERSCRIPT = re.compile(r"[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?"
_POWER = r"\d{1,4}(?:\^|\*\*)[+-]?\d{1,4}"
_READ = re.compile(
    rf"(?:(?P<ratio>{_NUMBER})/(?P<over>{_NUMBER})|(?P<power>{_POWER})"
    rf"|(?P<number>{_NUMBER})(?:[x×*·](?P<times>{_POWER}))?)(?P<unit>.*)",
    re.DOTALL,
)
BITS = "bit"
_BITS = re.compile(r"[KMGTP]i?b")  # a capital prefix before a small b is bits: 16 Gb
_LEAD = re.compile(r"^(?:±|about|around|approx\.?|roughly|~|≈|=|约等于|大约|约)")


def read(text: str, unit: str) -> float:
    """Return the number that `text` says, in `unit` (a key of `UNITS`); raises Unreadable with the reason."""
    plain = _plain(text)
    percent = plain.startswith("百分之")
    found = _READ.fullmatch(plain.removeprefix("百分之"))
    if not found or len(text) > LONGEST:
        raise _unread(text, unit)
    try:
        bare = _value(found)
        if unit in SCALED and not found["unit"] and 0 < abs(bare) < FULL:
            raise _unitless(text, unit)
        value = bare * (0.01 if percent else _factor(found["unit"], unit, text))
    except (OverflowError, ZeroDivisionError):
        raise _unread(text, unit) from None
    if not math.isfinite(value):
        raise _unread(text, unit)
    if unit == "fraction" and abs(value) > 1:
        hint = f"{value / 100:.4g} / {value:.4g}%" if abs(value) <= 100 else UNITS[unit].example  # noqa: PLR2004  in percent
        raise Unreadable(f"a fraction is between 0 and 1: write it as in {hint}", f"比例在 0 到 1 之间：写成 {hint}")  # noqa: EM102, TRY003
    return value


def near(value: float, right: float, tolerance: float) -> bool:
    """Whether a value is right within a relative tolerance; 0 asks for equality, as far as a float can be equal."""
    return abs(value - right) <= max(tolerance, EXACT) * abs(right)


def _plain(text: str) -> str:
    """Return what was typed in one spelling: full-width as half-width, superscripts as powers, no space, no lead."""
    raised = _SUPERSCRIPT.sub(lambda m: "^" + m[0].translate(_RAISED), text[: LONGEST + 1])
    plain = "".join(unicodedata.normalize("NFKC", raised).replace("_", "").split())
    bare = _LEAD.sub("", plain, count=1) if not plain[:1].isdigit() else plain
    return re.sub(r"(?<=[\d.])E(?=[+-]?\d)", "e", bare).rstrip("。")


def _value(found: re.Match[str]) -> float:
    if found["ratio"]:
        return _number(found["ratio"]) / _number(found["over"])
    if found["power"]:
        return _power(found["power"])
    return _number(found["number"]) * (_power(found["times"]) if found["times"] else 1.0)


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _power(text: str) -> float:
    base, exponent = re.split(r"\^|\*\*", text)
    return math.pow(float(base), int(exponent))


def _factor(written: str, unit: str, text: str) -> float:
    if unit == "B" and _BITS.fullmatch(written):
        raise _another(BITS, unit)
    key = written.lower().rstrip(".").replace("μ", "u") if written != "μs" else "us"
    known = _spellings(unit)
    if key in known:
        return known[key]
    for other in UNITS:
        if key in _spellings(other):
            raise _another(other, unit)
    raise _unread(text, unit)


@cache
def _spellings(unit: str) -> dict[str, float]:
    """Return what may stand behind a number that is asked in `unit`, and what it multiplies the number by."""
    if unit == "s":
        return {"": 1.0} | {word.replace("μ", "u"): factor for factor, words in TIME.items() for word in words}
    if unit == "fraction":
        return {"": 1.0, "%": 0.01, "percent": 0.01, "pp": 0.01, "points": 0.01, "个百分点": 0.01, "‰": 0.001}
    if unit == "x":
        return dict.fromkeys(("", "x", "×", "times", "倍", "fold"), 1.0)
    if unit in PLAIN:
        return dict.fromkeys(("", *NOUNS[unit]), 1.0)
    if unit not in PREFIXED:
        return {p + noun: f for p, f in COUNT.items() for noun in ("", *NOUNS[unit])}
    small = SI | IEC if unit in ("B", "bit") else SI
    bare = {p: f for p, f in (small | HAN | LONG).items() if unit != "FLOP/s" or p not in SI or not p or p in "gtp"}
    return bare | {p + noun: f for p, f in (small | HAN | LONG).items() for noun in NOUNS[unit]}


def _unread(text: str, unit: str) -> Unreadable:
    shown = text if len(text) <= 40 else text[:37] + "..."  # noqa: PLR2004
    example = UNITS[unit].example
    return Unreadable(f"cannot read {shown!r} as a number: write it as in {example}", f"看不懂 {shown!r}：请写成 {example} 这样的数")


def _unitless(text: str, unit: str) -> Unreadable:
    example = UNITS[unit].example
    return Unreadable(f"{text.strip()} of what? Give the unit, as in {example}", f"{text.strip()} 的单位是什么？请写成 {example} 这样")


def _another(given: str, asked: str) -> Unreadable:
    (en, zh), (en2, zh2) = ((UNITS[u].name["en"], UNITS[u].name["zh"]) for u in (given, asked))  # type: ignore[index]
    verb = "is" if en2.startswith("a ") else "are"
    return Unreadable(f"that is {en}; {en2} {verb} asked", f"这是{zh}；要问的是{zh2}")


def written(value: float, unit: str) -> Iterator[str]:
    """Yield the number in every spelling that `read` knows, to full precision: what tests draw from."""
    for spelling, factor in _spellings(unit).items():
        if spelling or unit not in SCALED or abs(value) >= FULL:
            yield f"{value / factor!r}{spelling}"
