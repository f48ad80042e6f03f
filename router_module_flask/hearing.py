"""Runs the modules that asked for a kind of event."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask_core.contracts.module import Priority
from flask_core.datamodels import Event, Reply
from flask_core.errors import ServiceError
from router_module_flask.addressing import outgoing
from router_module_flask.invocations import execution_id_of, invocation_of
from router_module_flask.models import Outgoing, Run, Speaker, Trace
from router_module_flask.ports import Directory, Modules

_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """Each module fails alone."""

    directory: Directory
    modules: Modules

    async def tell(
        self, listeners: Sequence[str], event: Event, speaker: Speaker, trace: Trace
    ) -> tuple[list[Run], list[Outgoing]]:
        """Run them for the event; what came of it, in order."""
        runs, said = [], []
        for module in listeners:
            run, answer = await self._tell_one(module, event, speaker, trace)
            runs.append(run)
            said += answer
        return runs, said

    async def _tell_one(self, module: str, event: Event, speaker: Speaker, trace: Trace) -> tuple[Run, list[Outgoing]]:
        began = time.perf_counter()
        execution_id = execution_id_of(event.event_id, module)
        try:
            if await self.directory.refusal(module, speaker) is not None:
                reply, outcome = Reply(), "off"
            else:
                invocation = invocation_of(event, speaker, None, execution_id)
                reply, outcome = await self.modules.run(module, invocation, _TIMEOUT), "said"
        except ServiceError as refusal:
            reply, outcome = Reply(), refusal.code
        trace.step(module, outcome == "said", outcome)
        run = Run(execution_id, module, "", outcome, (time.perf_counter() - began) * 1000)
        return run, outgoing(event, speaker, execution_id, module, reply, Priority.ALERT)
