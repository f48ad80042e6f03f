"""The functions of `$(math …)`."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

LARGEST_FACTORIAL = 170


class NotCalculable(Exception):
    """It is no expression, or has no value."""


def power(base: float, exponent: float) -> float:
    """Like `**`, with `Infinity` for what is too large and `NaN` for what is no real number."""
    try:
        value = math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan
    return value


def factorial(value: float) -> float:
    """`5!`; between whole numbers the gamma function."""
    if not 0 <= value <= LARGEST_FACTORIAL:
        raise NotCalculable
    return float(math.factorial(int(value))) if value == int(value) else math.gamma(value + 1)


def _rounded(value: float, digits: float = 0) -> float:
    """Halves go away from zero."""
    places = int(digits)
    if not 0 <= places <= 15 or not math.isfinite(value):
        return value if 0 <= places <= 15 else _refuse()
    scaled = abs(value) * 10**places
    return math.copysign(math.floor(scaled + 0.5) / 10**places, value) if math.isfinite(scaled) else value


def _sign(value: float) -> float:
    return (value > 0) - (value < 0)


def _cube_root(value: float) -> float:
    root = math.cbrt(value)
    whole = float(round(root)) if math.isfinite(root) else root
    return whole if whole**3 == value else root


def _refuse() -> float:
    raise NotCalculable


def _real(function: Callable[..., float]) -> Callable[..., float]:
    """Outside of what a function is defined for it is `NaN`."""

    def value(*given: float) -> float:
        try:
            return float(function(*given))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return value


def _log(value: float, base: float = math.e) -> float:
    if value == 0:
        return -math.inf
    return math.log(value) if base == math.e else math.log(value) / math.log(base)


def _numbers(given: tuple[Any, ...]) -> list[float]:
    found = [number for one in given for number in (one if isinstance(one, list) else [one])]
    return found or [_refuse()]


def _whole(given: tuple[Any, ...]) -> list[int]:
    return [int(number) if number == int(number) else int(_refuse()) for number in _numbers(given)]


def _uniform(chance: random.Random, *bounds: float) -> float:
    low, high = _bounds(bounds)
    return low + (high - low) * chance.random()


def _integer(chance: random.Random, *bounds: float) -> float:
    low, high = _bounds(bounds)
    return float(math.floor(low + (high - low) * chance.random()))


def _bounds(bounds: tuple[float, ...]) -> tuple[float, float]:
    if len(bounds) > 2 or not all(math.isfinite(bound) for bound in bounds):
        raise NotCalculable
    return (0.0, float(bounds[0]) if bounds else 1.0) if len(bounds) < 2 else (float(bounds[0]), float(bounds[1]))


def _quiet(function: Callable[..., float]) -> Callable[..., float]:
    """A function in which chance has no part."""
    return lambda _, *given: function(*given)


_PLAIN: dict[str, Callable[..., float]] = {
    "abs": abs, "ceil": math.ceil, "floor": math.floor, "fix": math.trunc, "round": _rounded,
    "sign": _sign, "sqrt": math.sqrt, "cbrt": _cube_root, "exp": math.exp, "log": _log,
    "log10": lambda x: _log(x) if x == 0 else math.log10(x),
    "log2": lambda x: _log(x) if x == 0 else math.log2(x),
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos,
    "atan": math.atan, "atan2": math.atan2, "pow": power, "factorial": factorial,
    "mod": lambda a, b: a if b == 0 else a % b,
    "min": lambda *given: min(_numbers(given)), "max": lambda *given: max(_numbers(given)),
    "sum": lambda *given: math.fsum(_numbers(given)),
    "mean": lambda *given: math.fsum(_numbers(given)) / len(_numbers(given)),
}  # fmt: skip

FUNCTIONS: dict[str, Callable[..., float]] = {
    **{name: _quiet(_real(function)) for name, function in _PLAIN.items()},
    "gcd": lambda _, *given: float(math.gcd(*_whole(given))),
    "lcm": lambda _, *given: float(math.lcm(*_whole(given))),
    "random": _uniform, "randomint": _integer,
    "pickrandom": lambda chance, *given: chance.choice(_numbers(given)),
}  # fmt: skip
