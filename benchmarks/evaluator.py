"""What a command's text costs: evaluated, against the least that fills the same words into the same text."""

from __future__ import annotations

import time
from collections.abc import Callable
from string import Template as Bare
from typing import Any

from alias_interaction_module_flask.evaluator.evaluation import evaluate
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.tests.imagined_world import ImaginedWorld
from alias_interaction_module_flask.tests.texts import used
from benchmarks.report import Report
from benchmarks.rounds import medians

TEXTS = 5_000
_HUG, _BARE = "$(user) hugs $(1), $(2) and $(query)", Bare("$user hugs $one, $two and $query")
_SAID = "Grace hugs ada, bob and ada bob"
_RICH = "$(user) has $(points) points, rank $(points.rank): $(if $(math $(points) * 2) > 99 | rich | poor), $(count)"


async def measure(report: Report) -> None:
    """Microseconds for one text that asks nobody, for one that asks, and for reading one."""
    took = await medians({"bare": _bare, "plain": _evaluated(_HUG, _SAID), "rich": _evaluated(_RICH), "read": _read})
    report.say("evaluator_us", took["plain"])
    report.say("evaluator_of_bare", took["plain"] / took["bare"])
    report.say("evaluator_lookups_us", took["rich"])
    report.say("evaluator_read_us", took["read"])


def _evaluated(text: str, expected: str = "") -> Callable[[], Any]:
    template = parse(text)

    async def one() -> float:
        execution, world, said = used("ada bob"), ImaginedWorld(), ""
        began = time.perf_counter()
        for _ in range(TEXTS):
            said = (await evaluate(template, execution, world)).text
        took = time.perf_counter() - began
        if not said or (expected and said != expected):
            raise RuntimeError(f"it said {said!r}")
        return took / TEXTS * 1e6

    return one


async def _bare() -> float:
    execution, said = used("ada bob"), ""
    began = time.perf_counter()
    for _ in range(TEXTS):
        words = execution.text.split()
        caller = execution.caller.name if execution.caller else ""
        said = _BARE.substitute(user=caller, one=words[0], two=words[1], query=execution.text)
    took = time.perf_counter() - began
    if said != _SAID:
        raise RuntimeError(f"it said {said!r}")
    return took / TEXTS * 1e6


async def _read() -> float:
    began = time.perf_counter()
    for _ in range(TEXTS // 10):
        parse(_RICH)
    return (time.perf_counter() - began) / (TEXTS // 10) * 1e6
