"""Answers that are not said in chat: for the portal's test, and for the AI variable of custom commands."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from ai_interaction_module_flask.asking import Asking, Question
from ai_interaction_module_flask.channels import Channels
from ai_interaction_module_flask.choices import CommunityChoices
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import ai, community
from flask_core.datamodels import CommunityRef, Role
from flask_core.errors import Forbidden, TooMany
from flask_core.operations import Caller
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState

VARIABLE_USES, VARIABLE_SECONDS = 3, 60.0
_VARIABLE_PATIENCE, _TEST_PATIENCE = 6.0, 25.0


@dataclass(frozen=True, slots=True)
class Trying:
    """Both are paid for out of the budget like any other answer."""

    asking: Asking
    channels: Channels
    settings: CommunitySettings[CommunityChoices]
    shared: SharedState
    client: ServiceClient

    async def test(self, asked: ai.Try, caller: Caller) -> ai.Tried:
        """What would be said to somebody with that role. Raises what the model failed with."""
        choices, _ = await self.settings.read(asked.community_id)
        needed, role = Role.named(choices.ask_role), Role.named(asked.as_role)
        if role < needed:
            raise Forbidden(f"Only {needed.word}s can ask. A {role.word} would be told so.")
        place = await self._place(asked.community_id)
        name = caller.person.name or "somebody"
        question = Question(
            f"test-{secrets.token_hex(12)}", place, f"console:{asked.community_id}:test", "", name, "test", asked.text,
            role=role, tools=True,
        )  # fmt: skip
        said = await self.asking.ask(question, choices, seconds=min(_TEST_PATIENCE, self.asking.config.timeout))
        return ai.Tried(
            said.text, said.provider, said.model, said.tokens_in, said.tokens_out, said.milliseconds, said.filters,
            said.sources,
        )  # fmt: skip

    async def for_command(self, asked: ai.AskForCommand) -> ai.CommandAnswer:
        """The words for a custom command. Raises Forbidden, TooMany, and what the model failed with."""
        choices, _ = await self.settings.read(asked.community_id)
        paused = await self.channels.of(asked.community_id, asked.channel)
        if not choices.enabled or paused.paused_until is not None:
            raise Forbidden("AI is switched off here.")
        wait = await self.shared.spend(
            f"ai:variable:{asked.community_id}", capacity=VARIABLE_USES, per_seconds=VARIABLE_SECONDS
        )
        if wait:
            raise TooMany(f"Ready in {max(1, round(wait))} s.", retry_after=wait)
        place = await self._place(asked.community_id)
        question = Question(
            f"{asked.execution_id}:{secrets.token_hex(4)}", place, asked.channel, asked.member_id, asked.name,
            "variable", asked.prompt, exempt=asked.role >= Role.MODERATOR,
        )  # fmt: skip
        said = await self.asking.ask(question, choices, seconds=_VARIABLE_PATIENCE)
        return ai.CommandAnswer(said.text)

    async def _place(self, community_id: int) -> CommunityRef:
        found = await self.client.call("community", community.GET, community.CommunityId(community_id))
        return CommunityRef(community_id, found.name, found.time_zone, found.locale)
