"""Questions and what is heard in chat, each on its way to an answer."""

from __future__ import annotations

from dataclasses import dataclass

from ai_interaction_module_flask.answering import Answering, Kept
from ai_interaction_module_flask.chatting import Chatting
from flask_core.datamodels import Invocation, Reply


@dataclass(frozen=True, slots=True)
class Ai:
    """What command handlers find as `call.service`."""

    chatting: Chatting
    answering: Answering
    kept: Kept

    async def ask(self, invocation: Invocation) -> Reply:
        """The answer to a question, or a pending reply."""
        return await self.answering.run(invocation, quiet=False)

    async def hear(self, invocation: Invocation) -> Reply:
        """The answer to a line or an event that is no command, if there is to be one."""
        known = await self.kept.reply(invocation.execution_id)
        if known is not None:
            return known
        if not await self.chatting.wanted(invocation):
            return Reply()
        return await self.answering.run(invocation, quiet=True)
