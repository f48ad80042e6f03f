"""Runs the modules that asked for a kind of event: those with an order one by one, then all others at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask_core.contracts.module import Priority
from flask_core.datamodels import Event, Reply
from flask_core.errors import Forbidden, ServiceError
from router_module_flask.delivering.addressing import outgoing
from router_module_flask.invocations import execution_id_of, invocation_of
from router_module_flask.models import Interest, Outgoing, Run, Speaker, Trace
from router_module_flask.ports import Directory, Modules
from router_module_flask.streams import Streams

log = logging.getLogger(__name__)

_TIMEOUT = 5.0

type Told = tuple[Run | None, list[Outgoing]]


@dataclass(frozen=True, slots=True)
class Hearing:
    """Each module fails alone."""

    directory: Directory
    modules: Modules
    streams: Streams

    async def tell(
        self, interests: Sequence[Interest], event: Event, speaker: Speaker, trace: Trace
    ) -> tuple[list[Run], list[Outgoing]]:
        """Run everybody who is interested; what came of it, in the order of the interests."""
        wanted = await self._wanted(interests, event, speaker)
        told = [await self._tell_one(module, event, speaker, trace) for module, parallel in wanted if not parallel]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._tell_one(module, event, speaker, trace))
                for module, parallel in wanted
                if parallel
            ]
        told += [task.result() for task in tasks]
        return [run for run, _ in told if run is not None], [out for _, said in told for out in said]

    async def _wanted(self, interests: Sequence[Interest], event: Event, speaker: Speaker) -> list[tuple[str, bool]]:
        """Modules and whether they run next to others, each once."""
        first = None
        wanted: dict[str, bool] = {}
        for module, interest in interests:
            if interest.first_in_stream:
                first = await self.streams.is_first(event, speaker) if first is None else first
                if not first:
                    continue
            wanted.setdefault(module, interest.parallel)
        return list(wanted.items())

    async def _tell_one(self, module: str, event: Event, speaker: Speaker, trace: Trace) -> Told:
        began = time.perf_counter()
        execution_id = execution_id_of(event.event_id, module)
        try:
            await self.directory.prepare(speaker.community_id)
            if self.directory.refusal(module, speaker) is not None:
                return None, []
            invocation = invocation_of(event, speaker, None, execution_id)
            reply, outcome = await self.modules.run(module, invocation, _TIMEOUT), "said"
        except Forbidden:
            # A third party's module that may not hear this; it was not asked.
            return None, []
        except ServiceError as refusal:
            reply, outcome = Reply(), refusal.code
        except Exception:  # The edge of a module: what nobody foresaw in one must not end the others.
            log.exception("%s failed on an event", module)
            reply, outcome = Reply(), "failed"
        trace.step(module, outcome == "said", outcome)
        run = Run(execution_id, module, "", outcome, (time.perf_counter() - began) * 1000)
        return run, outgoing(event, speaker, execution_id, module, reply, Priority.ALERT)
