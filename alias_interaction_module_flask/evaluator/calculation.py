"""Calculates: an expression of numbers, signs and functions, of which nothing else is understood."""

from __future__ import annotations

import math
import operator
import random
import re
from collections.abc import Callable

from alias_interaction_module_flask.evaluator.calculation_functions import FUNCTIONS, NotCalculable, factorial, power

MOST_CHARACTERS, DEEPEST = 200, 50

type Number = float | bool
type Operand = Number | list[float]

_SIGN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-z][a-z0-9]*)|(<=|>=|==|!=|[-+*/%^!(),<>?:\[\]]))",
    re.IGNORECASE | re.ASCII,
)
_CONSTANTS = {"pi": math.pi, "e": math.e}


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)


def _modulo(a: float, b: float) -> float:
    return a if b == 0 else a % b if math.isfinite(a) else math.nan


_BINARY: dict[str, tuple[int, Callable[[float, float], Number]]] = {
    "or": (1, lambda a, b: bool(a) or bool(b)), "and": (2, lambda a, b: bool(a) and bool(b)),
    "==": (3, operator.eq), "!=": (3, operator.ne), "<": (3, operator.lt), "<=": (3, operator.le),
    ">": (3, operator.gt), ">=": (3, operator.ge),
    "+": (4, operator.add), "-": (4, operator.sub),
    "*": (5, operator.mul), "/": (5, _divided), "%": (5, _modulo),
}  # fmt: skip
_PRODUCT = 6


def calculate(text: str, chance: random.Random) -> Number:
    """The value of an expression; raises NotCalculable for anything else."""
    if len(text) > MOST_CHARACTERS:
        raise NotCalculable
    try:
        return _Calculator(_signs_of(text), chance).value()
    except (ValueError, TypeError, OverflowError, ArithmeticError, RecursionError) as error:
        raise NotCalculable from error


def _signs_of(text: str) -> list[str]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        sign = _SIGN.match(text, at)
        if sign is None:
            raise NotCalculable
        found.append(sign[0].strip().lower())
        at = sign.end()
    return found


class _Calculator:
    """Reads and calculates at once, by the strength of the signs."""

    def __init__(self, signs: list[str], chance: random.Random) -> None:
        self._signs, self._chance = signs, chance
        self._at, self._depth = 0, -1

    def value(self) -> Number:
        result = self._choice()
        if self._at < len(self._signs):
            raise NotCalculable
        return result

    @property
    def _next(self) -> str:
        return self._signs[self._at] if self._at < len(self._signs) else ""

    def _take(self, expected: str = "") -> str:
        sign = self._next
        if not sign or (expected and sign != expected):
            raise NotCalculable
        self._at += 1
        return sign

    def _choice(self) -> Number:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotCalculable
        value = self._binary(1)
        if self._next == "?":
            self._take()
            then = self._choice()
            self._take(":")
            otherwise = self._choice()
            value = then if value else otherwise
        self._depth -= 1
        return value

    def _binary(self, weakest: int) -> Number:
        left = self._signed()
        while True:
            strength, act = _BINARY.get(self._next, (0, None))
            if act is not None and strength >= weakest:
                self._take()
                left = act(left, self._binary(strength + 1))
            elif weakest <= _PRODUCT and self._begins_factor():
                left = left * self._binary(_PRODUCT + 1)
            else:
                return left

    def _begins_factor(self) -> bool:
        """Whether a product without a sign follows: `2pi`, `3(4+1)`."""
        sign = self._next
        return sign == "(" or (sign[:1].isalpha() and sign not in ("and", "or", "not"))

    def _signed(self) -> Number:
        sign = self._next
        if sign in ("-", "+", "not"):
            self._take()
            value = self._signed()
            value = not value if sign == "not" else -value if sign == "-" else +value
        else:
            value = self._powered()
        return value

    def _powered(self) -> Number:
        value = self._operand()
        while self._next == "!":
            self._take()
            value = factorial(value)
        if self._next == "^":
            self._take()
            return power(value, self._signed())
        return value

    def _operand(self) -> Number:
        sign = self._take()
        if sign == "(":
            value = self._choice()
            self._take(")")
            return value
        if sign[0].isdigit() or sign[0] == ".":
            return float(sign)
        if self._next == "(" and sign in FUNCTIONS:
            self._take()
            return FUNCTIONS[sign](self._chance, *self._given())
        if sign not in _CONSTANTS:
            raise NotCalculable
        return _CONSTANTS[sign]

    def _given(self) -> list[Operand]:
        """Arguments up to the closing bracket; a list in `[…]` is one of them."""
        found: list[Operand] = []
        while self._next != ")":
            if self._next == "[":
                self._take()
                found.append(self._list())
            else:
                found.append(self._choice())
            if self._next != ")":
                self._take(",")
        self._take(")")
        return found

    def _list(self) -> list[float]:
        found: list[float] = []
        while self._next != "]":
            found.append(self._choice())
            if self._next != "]":
                self._take(",")
        self._take("]")
        return found
