"""Every variable there is, a file per family."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.families import (
    calculating,
    caller,
    chance,
    changing,
    channel,
    clock,
    community,
    counters,
    fetching,
    people,
    retired,
    scripting,
    sources,
    streams,
    typed,
    wording,
)
from alias_interaction_module_flask.evaluator.registry import Registry

_FAMILIES = (
    typed, caller, people, community, counters, chance, wording, calculating, clock, channel, streams, fetching,
    scripting, sources, changing, retired,
)  # fmt: skip

KNOWN = Registry(module.family for module in _FAMILIES)
