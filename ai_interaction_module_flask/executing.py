"""The door through which the router runs us: questions and events may take long, everything else is stored as usual."""

from __future__ import annotations

from ai_interaction_module_flask.answers_to_chat import Ai
from ai_interaction_module_flask.commands import commands
from flask_core.contracts import module
from flask_core.datamodels import Invocation, Reply, Trigger
from flask_core.executions import Executions
from flask_core.operations import Caller, Endpoints

# A model is asked for minutes; a transaction must not wait for that, so these keep their replies themselves.
_ASK = frozenset({"ai", "ai sources", "ai forget", "ai status", "translate", "ai translate"})


def execute_endpoints(ai: Ai, executions: Executions) -> Endpoints:
    """`/api/v1/execute`."""
    api = Endpoints()

    @api.offers(module.EXECUTE)
    async def execute(invocation: Invocation, _: Caller) -> Reply:
        if invocation.trigger is Trigger.EVENT:
            return await ai.hear(invocation)
        if invocation.command in _ASK:
            return await commands.run(ai, invocation)
        return await executions.once(invocation.execution_id, lambda: commands.run(ai, invocation))

    return api
