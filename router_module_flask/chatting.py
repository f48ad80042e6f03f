"""What the commands of the router work with."""

from __future__ import annotations

from dataclasses import dataclass

from router_module_flask.answers import Answers
from router_module_flask.customs.overrides import Overrides
from router_module_flask.moderation.filters.desk import FilterDesk
from router_module_flask.moderation.nukes.service import Nukes
from router_module_flask.moderation.rules.desk import RuleDesk
from router_module_flask.timers.phrasing import TimerChat


@dataclass(frozen=True, slots=True)
class Chatting:
    """Every service that a command of the router asks."""

    answers: Answers
    rule_desk: RuleDesk
    filters: FilterDesk
    nukes: Nukes
    overrides: Overrides
    timers: TimerChat
