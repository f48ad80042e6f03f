"""`$(math …)`: what it calculates, as JavaScript prints it, and what it refuses."""

from __future__ import annotations

import math
import random

import pytest

from alias_interaction_module_flask.evaluator.calculation import calculate
from alias_interaction_module_flask.evaluator.calculation_functions import NotCalculable
from alias_interaction_module_flask.evaluator.javascript_numbers import shown


def _value(text: str) -> str:
    return shown(calculate(text, random.Random(1)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "1"), (".5", "0.5"), ("5.", "5"), ("1e3", "1000"), ("2E-2", "0.02"), ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"), ("7 / 2", "3.5"), ("7 % 3", "1"), ("-7 % 3", "2"), ("7 % 0", "7"),
        ("2 ^ 3 ^ 2", "512"), ("-2 ^ 2", "-4"), ("2 ^ -1", "0.5"), ("(-8) ^ (1/3)", "NaN"), ("5!", "120"),
        ("0!", "1"), ("170!", "7.257415615307999e+306"), ("2pi", "6.283185307179586"), ("3(4+1)", "15"),
        ("(1+1)(2+2)", "8"), ("2 pi e", "17.079468445347132"), ("1 < 2", "true"), ("1 == 1.0", "true"),
        ("1 != 1", "false"), ("2 >= 2 and 1 <= 0", "false"), ("0 or 3", "true"), ("not 1", "false"),
        ("not (1 > 2)", "true"), ("1 > 2 ? 3 : 4 > 3 ? 5 : 6", "5"), ("1 - - 1", "2"), ("+3", "3"),
        ("abs(-2)", "2"), ("ceil(1.2)", "2"), ("floor(-1.2)", "-2"), ("fix(-1.8)", "-1"), ("round(2.5)", "3"),
        ("round(-2.5)", "-3"), ("round(1.2345, 2)", "1.23"), ("sign(-3)", "-1"), ("sqrt(2)", "1.4142135623730951"),
        ("sqrt(-1)", "NaN"), ("cbrt(27)", "3"), ("exp(0)", "1"), ("log(e)", "1"), ("log(8, 2)", "3"),
        ("log(0)", "-Infinity"), ("log10(1000)", "3"), ("log2(8)", "3"), ("sin(0)", "0"), ("cos(0)", "1"),
        ("atan2(0, -1)", "3.141592653589793"), ("min(3, 1, 2)", "1"), ("max([3, 1], 2)", "3"), ("sum(1, 2, 3)", "6"),
        ("mean(1, 2)", "1.5"), ("pow(2, 10)", "1024"), ("mod(-1, 3)", "2"), ("gcd(12, 18)", "6"), ("lcm(4, 6)", "12"),
        ("factorial(4)", "24"), ("randomInt(3, 4)", "3"), ("pickRandom([7])", "7"), ("random(2, 2)", "2"),
        ("random() < 1", "true"), ("0.1 + 0.2", "0.30000000000000004"), ("1 / 0", "Infinity"), ("-1 / 0", "-Infinity"),
        ("0 / 0", "NaN"), ("10 ^ 400", "Infinity"), ("1e21", "1e+21"), ("1e20", "100000000000000000000"),
        ("123456789012345680000", "123456789012345680000"), ("1e-6", "0.000001"), ("1.5e-7", "1.5e-7"),
        ("12345.678", "12345.678"), ("PI", "3.141592653589793"), ("-0", "0"),
    ],
)  # fmt: skip
def test_an_expression_has_a_value(text: str, value: str) -> None:
    assert _value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "one", "1 +", "(1", "1)", "1 2", "2 ** 3", "171!", "(-1)!", "x = 1", "abs", "abs()", "abs(1, 2)",
        "sum()",
        "[1, 2]", "max([1, 2)", "1 ? 2", "1 : 2", "sqrt", "__import__('os')", "1;2", "{points}", '"1"', "1,2",
        "gcd(1.5, 2)",
        "random(1, 2, 3)", "round(1, 99)", "pickRandom([])", "²", "١", "1" * 201, "(" * 51 + "1" + ")" * 51,
        "gcd(1e400, 2)", "floor(1/0)!",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotCalculable):
        _value(text)


def test_as_deep_as_is_allowed() -> None:
    assert _value("(" * 50 + "1" + ")" * 50) == "1"
    assert _value("-" * 198 + "1") == "1"
    assert _value("2^" * 99 + "0") == "Infinity"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9^" * 99 + "9", "Infinity"),
        ("170!" + "+170!" * 39, "Infinity"),
        ("lcm(" + ",".join(["9e15"] * 38) + ")", "9000000000000000"),
        ("lcm(" + ",".join(f"{10**9 + n}" for n in range(15)) + ")", shown(float(math.lcm(*range(10**9, 10**9 + 15))))),
    ],
)
def test_the_largest_expressions_end(text: str, value: str) -> None:
    assert _value(text) == value
