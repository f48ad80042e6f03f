"""`$(math …)`."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.calculation import calculate
from alias_interaction_module_flask.evaluator.calculation_functions import NotCalculable
from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.javascript_numbers import shown
from alias_interaction_module_flask.evaluator.registry import STREAMELEMENTS, Family

family = Family("Calculating")


@family.variable("math", dialects=STREAMELEMENTS, usage='"expression"')
def math(call: Call) -> str:
    """The value of an expression: `+ - * / % ^ !`, comparisons, `a ? b : c`, `pi`, `round(x, n)`, `max(a, b)`, …"""
    text = call.rest()
    try:
        return shown(calculate(text, call.chance()))
    except NotCalculable:
        call.fail(f'cannot read "{text[:60]}"')
