"""Says what a text comes to, inside-out; what was expanded is never read again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.execution import Execution, Result, Spoken
from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.finishing import finished
from alias_interaction_module_flask.evaluator.lookups import Lookups
from alias_interaction_module_flask.evaluator.template import Argument, Literal, Parts, Template, Variable
from alias_interaction_module_flask.evaluator.values import Failed, Origin, Said, joined, whole
from alias_interaction_module_flask.evaluator.words import words_of
from alias_interaction_module_flask.evaluator.world import LookupFailed, World
from flask_core.datamodels import PlatformRequest

log = logging.getLogger(__name__)

# What a variable may come to before it is joined: scripts and fetched JSON are the longest.
MOST_OF_ONE = 70_000


async def evaluate(template: Template, execution: Execution, world: World) -> Result:
    """What the command says; never raises but when it is cancelled."""
    run = Evaluation(template, execution, world)
    try:
        pieces = await run.pieces(template.parts)
    finally:
        await run.lookups.close()
    return run.result(pieces)


class Evaluation:
    """One execution under way; the variables share what stands here."""

    def __init__(self, template: Template, execution: Execution, world: World) -> None:
        self.template, self.execution, self.world = template, execution, world
        self.dialect = template.dialect
        self.lookups = Lookups(execution.deadline)
        self.query = whole(execution.text.strip())
        self.words = words_of(self.query, template.dialect)
        self.actions: dict[str, PlatformRequest] = {}
        self.counters: dict[str, int] = {}
        self.counted: int | None = None
        self.kept: dict[str, str] = {}
        self.notes: list[str] = []
        self._failures: list[tuple[str, str]] = []
        self._draws: dict[int, int] = {}

    def draws(self, column: int) -> int:
        """How often the variable at a place drew already."""
        self._draws[column] = self._draws.get(column, -1) + 1
        return self._draws[column]

    async def pieces(self, parts: Parts) -> list[Said]:
        """What each part comes to: look-ups under way at once, what changes something afterwards in its order."""
        found: list[Said | None] = [
            Said(part.text) if isinstance(part, Literal) else None if _waits(part) else await self.variable(part)
            for part in parts
        ]
        waiting = [(at, part) for at, part in enumerate(parts) if isinstance(part, Variable) and _waits(part)]
        if waiting:
            free = [(at, part) for at, part in waiting if not part.ordered]
            for (at, _), said in zip(free, await _at_once([self.variable(part) for _, part in free]), strict=True):
                found[at] = said
            for at, part in waiting:
                if part.ordered:
                    found[at] = await self.variable(part)
        return [said for said in found if said is not None]

    async def joined(self, parts: Parts) -> Said:
        """What an argument comes to."""
        if len(parts) == 1 and isinstance(parts[0], Literal):
            return Said(parts[0].text)
        return joined(await self.pieces(parts))

    async def variable(self, node: Variable) -> Said:
        """What a variable comes to; one that fails prints so and stops nothing."""
        call = Call(self, node)
        try:
            said = await self._value(call)
        except Failed as failed:
            return self._failed(call, failed.text)
        except LookupFailed as failed:
            call.origin = Origin.EXTERNAL
            return self._failed(call, Failed(f"[{node.name}: {failed.reason}]").text)
        except Exception:
            log.exception("a variable failed")
            return self._failed(call, f"[{node.name}: something went wrong]")
        if node.fallback is not None and not said.text:
            return await self.joined(node.fallback.parts)
        return said

    async def _value(self, call: Call) -> Said:
        node = call.node
        declared = KNOWN.find(self.dialect, node.name)
        if declared is None:
            raise Failed("")
        if node.dotted is not None:
            behind = await self.joined(node.dotted.parts)
            call.origin, call.dotted = behind.origin, behind.text
        if node.arguments and not declared.lazy:
            call.arguments = await self._arguments(node.arguments)
            call.origin = max(call.origin, *(said.origin for said in call.arguments))
        value = declared.meaning(call)
        return _value_of(value if isinstance(value, Said | str) else await value, call)

    async def _arguments(self, arguments: Sequence[Argument]) -> list[Said]:
        asking = [argument for argument in arguments if any(isinstance(p, Variable) and p.asks for p in argument.parts)]
        ordered = any(isinstance(part, Variable) and part.ordered for given in asking for part in given.parts)
        if len(asking) > 1 and not ordered:
            return await _at_once([self.joined(argument.parts) for argument in arguments])
        return [await self.joined(argument.parts) for argument in arguments]

    def _failed(self, call: Call, text: str) -> Said:
        self._failures.append((call.node.name, text))
        return Said(text, call.origin)

    def result(self, pieces: list[Said]) -> Result:
        """The line, and what else came of it."""
        line = finished(pieces, self.execution.platform, self.dialect)
        parts = tuple(
            Spoken(said.text, said.origin, part.name if isinstance(part, Variable) else "")
            for part, said in zip(self.template.parts, pieces, strict=True)
        )
        return Result(
            line.text, line.style, line.color, line.verbatim_start,
            max((said.origin for said in pieces), default=Origin.AUTHOR), parts, tuple(self.actions.values()),
            self.counters, self.kept, tuple(self._failures),
            tuple(self.notes if line.text else [*self.notes, "empty"]), self.template.names, self.lookups.count,
        )  # fmt: skip


def _waits(part: Variable | Literal) -> bool:
    return isinstance(part, Variable) and (part.asks or part.ordered)


async def _at_once(waiting: list[Coroutine[Any, Any, Said]]) -> list[Said]:
    if len(waiting) < 2:
        return [await one for one in waiting]
    return await asyncio.gather(*waiting)


def _value_of(value: Said | str, call: Call) -> Said:
    """The value, trusted no more than what it was made of."""
    if isinstance(value, str):
        return Said(value[:MOST_OF_ONE], call.origin)
    if value.origin >= call.origin and len(value.text) <= MOST_OF_ONE:
        return value
    return Said(value.text[:MOST_OF_ONE], max(value.origin, call.origin), value.missing, value.code)
