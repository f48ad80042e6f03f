"""Questions and what is heard in chat, each on its way to an answer."""

from __future__ import annotations

from dataclasses import dataclass

from ai_interaction_module_flask.answering import Answering, Kept
from ai_interaction_module_flask.chatting import Chatting
from ai_interaction_module_flask.translations import Translations
from flask_core.datamodels import Invocation, Reply, Trigger


@dataclass(frozen=True, slots=True)
class Ai:
    """What command handlers find as `call.service`."""

    chatting: Chatting
    answering: Answering
    kept: Kept
    translations: Translations

    async def ask(self, invocation: Invocation) -> Reply:
        """The answer to a question, or a pending reply."""
        return await self.answering.run(invocation, quiet=False)

    async def hear(self, invocation: Invocation) -> Reply:
        """The answer to a line or an event that is no command, if there is to be one."""
        known = await self.kept.reply(invocation.execution_id)
        if known is not None:
            return known
        wanted = await self.chatting.wanted(invocation) or await self._translated(invocation)
        if not wanted:
            return Reply()
        return await self.answering.run(invocation, quiet=True)

    async def _translated(self, invocation: Invocation) -> bool:
        """Whether a line is none that we would answer, and one that we translate."""
        return not await self.chatting.answers(invocation) and await self.translations.wanted(invocation)


@dataclass(frozen=True, slots=True)
class Replies:
    """Who makes the reply to which invocation."""

    chatting: Chatting
    translations: Translations

    async def reply(self, invocation: Invocation) -> Reply:
        """The whole reply."""
        if invocation.command == "translate":
            return await self.translations.asked(invocation)
        if invocation.trigger is Trigger.EVENT and not await self.chatting.answers(invocation):
            return await self.translations.heard(invocation)
        return await self.chatting.reply(invocation)
