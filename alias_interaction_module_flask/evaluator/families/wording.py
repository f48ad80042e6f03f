"""Texts changed, compared and repeated."""

from __future__ import annotations

import re

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import STREAMELEMENTS, WADDLE, Family
from alias_interaction_module_flask.evaluator.values import Said

family = Family("Texts")

MOST_REPEATED, MOST_REPLACED = 25, 50
_LONGEST = 2_000
# Twitch tells viewers as `12,345`.
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3}){1,5}|\d{0,30})(\.\d{1,30})?(?<=\d)", re.ASCII)
_FALSE = ("", "0", "false")


@family.variable("upper", dialects=WADDLE, usage="text", reads="text")
def upper(call: Call) -> str:
    """The text in capitals."""
    return call.text().upper()


@family.variable("lower", dialects=WADDLE, usage="text", reads="text")
def lower(call: Call) -> str:
    """The text in small letters."""
    return call.text().lower()


@family.variable("trim", dialects=WADDLE, usage="text", reads="text")
def trim(call: Call) -> str:
    """The text without spaces around it."""
    return call.text().strip()


@family.variable("length", dialects=WADDLE, usage="text", reads="text")
def length(call: Call) -> str:
    """How many characters the text has."""
    return str(len(call.text()))


@family.variable("replace", dialects=WADDLE, usage='"a" "b" text')
def replaced(call: Call) -> str:
    """The text with b wherever it says a, at most fifty times."""
    if not call.text():
        return call.rest(2)
    return call.rest(2).replace(call.text(), call.text(1), MOST_REPLACED)


@family.variable("repeat", dialects=STREAMELEMENTS, usage='n "text"')
def repeat(call: Call) -> str:
    """The text so many times (1 to 25), with spaces between."""
    try:
        times = int(call.text()[:9])
    except ValueError:
        times = 1
    text = call.rest(1)[:_LONGEST]
    return " ".join([text] * min(max(times, 1), MOST_REPEATED))[:_LONGEST]


@family.variable(
    "if", dialects=WADDLE, usage="a = b | then | else", reads="condition", lazy=True,
)  # fmt: skip
async def if_(call: Call) -> Said:
    """Then or else, by `= != < <= > >= contains`. A lone text is true unless empty, `0` or `false`."""
    left = (await call.read(0)).text.strip()
    sign = (await call.read(1)).text
    right = (await call.read(2)).text.strip()
    return await call.read(3 if holds(left, sign, right) else 4)


def holds(left: str, sign: str, right: str) -> bool:
    """Compare: two numbers as numbers, anything else as texts in which capitals do not count."""
    if not sign:
        return left.lower() not in _FALSE
    numbers = _number(left), _number(right)
    a, b = left.casefold(), right.casefold()
    if sign == "contains":
        return b in a
    if numbers[0] is not None and numbers[1] is not None:
        return _compared(numbers[0], sign, numbers[1])
    return _compared(a, sign, b)


def _compared[T: (float, str)](a: T, sign: str, b: T) -> bool:
    match sign:
        case "=":
            return a == b
        case "!=":
            return a != b
        case "<":
            return a < b
        case "<=":
            return a <= b
        case ">":
            return a > b
    return a >= b


def _number(text: str) -> float | None:
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None
