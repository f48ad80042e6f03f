"""Every variable there is, a file per family."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.families import caller, counters, people, typed
from alias_interaction_module_flask.evaluator.registry import Registry

KNOWN = Registry([typed.family, caller.family, people.family, counters.family])
