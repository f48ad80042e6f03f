"""Numbers as JavaScript prints them."""

from __future__ import annotations

import math


def shown(value: float | bool) -> str:
    """`2`, `0.30000000000000004`, `1e+21`, `Infinity`, `true`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, part = digits.partition(".")
    point = len(whole) + int(exponent or 0)
    all_digits = whole + ("" if part == "0" and not exponent else part)
    kept = all_digits.lstrip("0")
    point -= len(all_digits) - len(kept)
    return sign + _placed(kept.rstrip("0") if point < len(kept) or kept.endswith("0") else kept, point)


def _placed(digits: str, point: int) -> str:
    """Digits with the point behind so many of them."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"{digits[0]}.{digits[1:]}{power}" if len(digits) > 1 else digits + power
