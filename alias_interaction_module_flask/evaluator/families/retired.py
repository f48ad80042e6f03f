"""What other bots had once, and what is refused."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import NIGHTBOT, STREAMELEMENTS, WADDLE, Family

family = Family("Retired")


@family.variable("rainwave", "tweet", "djkhaled", dialects=NIGHTBOT, reads="raw", dotted=True, note="retired_variable")
@family.variable(
    "stockprice", "lasttweet", "plugdj_current", "dubtrack_current",
    dialects=STREAMELEMENTS, reads="raw", dotted=True, note="retired_variable",
)  # fmt: skip
def gone(call: Call) -> str:
    """Its service is gone: always empty."""
    return ""


@family.variable("reminder", dialects=WADDLE, reads="raw", refused="Reminders are set with !remind, not by a text.")
def reminder(call: Call) -> str:
    """Refused: a text has no side effects but those listed here."""
    return ""
