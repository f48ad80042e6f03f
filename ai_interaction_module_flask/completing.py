"""Completions for programs: their own turns to the community's model, within the same budget as questions in chat."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from ai_interaction_module_flask.asking import budget_of
from ai_interaction_module_flask.budget_repository import BudgetRepository, Reservation, Settlement
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.config import Config
from ai_interaction_module_flask.paying import paid
from ai_interaction_module_flask.places_in_line import Line
from ai_interaction_module_flask.ports import Answered, Call, Conversation, Limits, Message, Place
from ai_interaction_module_flask.providers import Providers
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import completions
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput, NotFound, Unavailable
from flask_core.operations import Caller
from flask_core.own_member import own_member
from flask_core.service_client import ServiceClient

LONGEST = 60_000


@dataclass(frozen=True, slots=True)
class Completing:
    """A key's owner pays as a member, another module as the community."""

    config: Config
    settings: CommunitySettings[CommunityChoices]
    budgets: BudgetRepository
    providers: Providers
    line: Line
    client: ServiceClient
    now: Callable[[], datetime]

    async def models(self, community_id: int) -> completions.ModelList:
        """What may be asked for: the usual name, and the models that the community chose."""
        choices, _ = await self.settings.read(community_id)
        places = await self.providers.places(community_id, choices)
        if not places:
            return completions.ModelList(())
        names = dict.fromkeys([completions.USUAL_MODEL, *(place.model for place in places)])
        kinds = {place.model: place.kind for place in reversed(places)}
        return completions.ModelList(tuple(completions.ModelView(name, kinds.get(name, "waddlebot")) for name in names))

    async def model(self, asked: completions.ModelOfCommunity) -> completions.ModelView:
        """One of them. Raises NotFound."""
        for model in (await self.models(asked.community_id)).data:
            if model.id == asked.id:
                return model
        raise _unknown(asked.id)

    async def stream(self, asked: completions.Complete, caller: Caller) -> AsyncGenerator[str | Answered]:
        """The answer piece by piece, at last all of it. Raises InvalidInput, Forbidden, NotFound, TooMany and failures.

        Who leaves in the middle pays for what was said.
        """
        conversation = _conversation(asked)
        choices, _ = await self.settings.read(asked.community_id)
        places = await self._places(asked, choices)
        limits = self._limits(asked, choices)
        reservation = await self._reservation(conversation, caller, asked.community_id, choices, limits)
        characters, began = 0, time.monotonic()
        async with paid(self.budgets, reservation, self.now()) as settle, self.line.turn(asked.community_id):
            answering = self.providers.stream(asked.community_id, places, conversation, limits)
            async with aclosing(answering) as pieces:
                async for piece, place in pieces:
                    characters += len(piece) if isinstance(piece, str) else 0
                    tokens = reservation.tokens - limits.max_tokens, min(characters // 4 + 1, limits.max_tokens)
                    settle[:] = [_settlement(piece, place, tokens, began)]
                    yield piece

    async def complete(self, asked: completions.Complete, caller: Caller) -> completions.Completion:
        """The whole answer."""
        answered = await self._whole(asked, caller)
        choice = completions.Choice(completions.Answer(answered.text), answered.finish)
        return completions.Completion(new_id(), int(time.time()), answered.model, (choice,), usage_of(answered))

    async def generate(self, asked: completions.Generate, caller: Caller) -> completions.Generated:
        """The answer to a prompt."""
        turn = completions.ChatTurn("user", asked.prompt)
        question = completions.Complete(
            asked.community_id, (turn,), temperature=asked.temperature, max_tokens=asked.max_tokens
        )
        began = time.monotonic()
        answered = await self._whole(question, caller)
        took = round((time.monotonic() - began) * 1_000)
        return completions.Generated(answered.text, answered.model, usage_of(answered), took)

    async def _whole(self, asked: completions.Complete, caller: Caller) -> Answered:
        async with aclosing(self.stream(asked, caller)) as pieces:
            return [piece async for piece in pieces if isinstance(piece, Answered)][-1]

    async def _places(self, asked: completions.Complete, choices: CommunityChoices) -> list[Place]:
        if not choices.enabled:
            raise Forbidden("AI is switched off here.")
        places = await self.providers.places(asked.community_id, choices)
        if not places:
            raise Unavailable("AI isn't set up here yet.")
        if asked.model in ("", completions.USUAL_MODEL):
            return places
        chosen = [place for place in places if place.model == asked.model]
        if not chosen:
            raise _unknown(asked.model)
        return chosen

    def _limits(self, asked: completions.Complete, choices: CommunityChoices) -> Limits:
        stop = (asked.stop,) if isinstance(asked.stop, str) else asked.stop or ()
        return Limits(
            asked.max_completion_tokens or asked.max_tokens or choices.max_tokens,
            choices.temperature if asked.temperature is None else asked.temperature,
            self.config.timeout, stop,
        )  # fmt: skip

    async def _reservation(
        self, conversation: Conversation, caller: Caller, community_id: int, choices: CommunityChoices, limits: Limits
    ) -> Reservation:
        member_id, name, share = "", caller.service, None
        if caller.acting is not None:
            member_id = await own_member(self.client, community_id, caller)
            name, share = caller.person.name, choices.budget.per_member
            if caller.role >= Role.MODERATOR:
                share = None
            elif not member_id:
                # Everybody is a viewer everywhere; only who belongs there may spend what a community has.
                raise NotFound("You are no member of such a community.")
        characters = sum(len(message.text) for message in conversation.messages)
        units, tokens = budget_of(choices, self.config)
        return Reservation(
            f"api-{uuid.uuid4().hex}", community_id, "api", member_id, name, "api", characters // 4 + limits.max_tokens,
            units, tokens, share,
        )  # fmt: skip


def new_id() -> str:
    """The name of a completion."""
    return f"chatcmpl-{uuid.uuid4().hex}"


def usage_of(answered: Answered) -> completions.TokenUsage:
    """What it cost, in OpenAI's words."""
    return completions.TokenUsage(
        answered.tokens_in, answered.tokens_out, answered.tokens_in + answered.tokens_out
    )  # fmt: skip


def _settlement(piece: str | Answered, place: Place, so_far: tuple[int, int], began: float) -> Settlement:
    took = round((time.monotonic() - began) * 1_000)
    if isinstance(piece, Answered):
        return Settlement("said", place.kind, piece.model, "", piece.tokens_in, piece.tokens_out, took)
    return Settlement("said", place.kind, place.model, "left", *so_far, took)


def _conversation(asked: completions.Complete) -> Conversation:
    if asked.tools or asked.functions:
        raise InvalidInput("Tools of the caller are not supported here.", field="tools")
    if asked.n not in (None, 1):
        raise InvalidInput("There is one answer: leave n out.", field="n")
    messages = tuple(_message(turn) for turn in asked.messages)
    if sum(len(message.text) for message in messages) > LONGEST:
        raise InvalidInput("All messages together have at most 60,000 characters.", field="messages")
    if not any(message.text for message in messages):
        raise InvalidInput("Nothing is asked.", field="messages")
    return Conversation("", messages)


def _message(turn: completions.ChatTurn) -> Message:
    calls = tuple(Call(call.id, call.function.name, call.function.arguments) for call in turn.tool_calls or ())
    role = "system" if turn.role == "developer" else turn.role
    return Message(role, turn.text(), calls, turn.tool_call_id)


def _unknown(model: str) -> NotFound:
    return NotFound(f"There is no model {model[:100]} here.", field="model")
