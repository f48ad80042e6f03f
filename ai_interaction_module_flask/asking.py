"""One question, from the budget to the cleaned answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ai_interaction_module_flask.budget_repository import ANSWER_UNITS, BudgetRepository, Reservation, Settlement
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.cleaning import EMPTY, Cleaning, cited
from ai_interaction_module_flask.config import Config
from ai_interaction_module_flask.conversations import MOST_CHARACTERS, Conversations, Exchange
from ai_interaction_module_flask.paying import paid
from ai_interaction_module_flask.places_in_line import Line
from ai_interaction_module_flask.ports import Answered, Conversation, Limits, Place
from ai_interaction_module_flask.prompt import Attached, Prompts, Setting
from ai_interaction_module_flask.providers import NotSetUp, Providers
from ai_interaction_module_flask.tool_ports import Used
from ai_interaction_module_flask.tools_for_answers import NOTHING, Plan, Tools
from ai_interaction_module_flask.used_memories import LONGEST, MOST, NO_MEMORIES, UsedMemories, memories_for
from flask_core.datamodels import CommunityRef, Role
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

REFUSED = "I can't answer that here."
# Our own words, roughly; what else there may be is counted at four characters a token.
_BASE_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Question:
    """`name` is how the asker is called, `task` our own words to the model; `talks` keeps the conversation.

    `exempt` askers have no share of their own, `length` bounds the answer in characters. With `tools` the model may use
    those of the asker's `role`, and gets the resources that are attached to every question.
    """

    execution_id: str
    community: CommunityRef
    channel: str
    member_id: str
    name: str
    kind: str
    text: str
    task: str = ""
    talks: bool = False
    exempt: bool = False
    length: int = 1_500
    memories: bool = True
    role: Role = Role.VIEWER
    tools: bool = False

    @property
    def platform(self) -> str:
        """Where it was asked."""
        return self.channel.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Said:
    """The answer; `sources` are labels of the memories that it used, `filters` what was taken away,
    `used` the tools that changed something."""

    text: str
    sources: tuple[str, ...] = ()
    outcome: str = "said"
    model: str = ""
    provider: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    milliseconds: int = 0
    filters: tuple[str, ...] = ()
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """Every way to an answer goes through `ask`."""

    config: Config
    budgets: BudgetRepository
    providers: Providers
    conversations: Conversations
    prompts: Prompts
    line: Line
    client: ServiceClient
    now: Callable[[], datetime]
    tools: Tools

    async def ask(self, question: Question, choices: CommunityChoices, *, seconds: float = 0) -> Said:
        """The answer. Raises NotSetUp, TooMany (budget, queue), ModelFailed; what failed is given back."""
        places = await self.providers.places(question.community.id, choices)
        if not places:
            raise NotSetUp("AI isn't set up here yet.")
        plan = await self.tools.plan(question.community.id, question.role) if question.tools else NOTHING
        reservation = self._reservation(question, choices, plan)
        async with (
            paid(self.budgets, reservation, self.now()) as settle,
            self.line.turn(question.community.id),
        ):
            return await self._answer(question, choices, places, plan, settle, seconds or self.config.timeout)

    def _reservation(self, question: Question, choices: CommunityChoices, plan: Plan) -> Reservation:
        units, tokens = budget_of(choices, self.config)
        characters = len(question.text) + len(choices.system_prompt)
        characters += MOST_CHARACTERS if question.talks else 0
        characters += MOST * LONGEST if question.memories and choices.use_memories else 0
        estimate = _BASE_TOKENS + characters // 4 + choices.max_tokens + plan.tokens
        return Reservation(
            question.execution_id, question.community.id, question.channel, question.member_id, question.name,
            question.kind, estimate, units, tokens,
            None if question.exempt or not question.member_id else choices.budget.per_member,
        )  # fmt: skip

    async def _answer(
        self,
        question: Question,
        choices: CommunityChoices,
        places: Sequence[Place],
        plan: Plan,
        settle: list[Settlement],
        seconds: float,
    ) -> Said:
        whose = "" if choices.context_scope == "channel" else question.member_id
        here = question.community.id, question.channel, whose
        before = await self.conversations.of(*here) if question.talks else []
        used = await self._memories(question, choices)
        resources = await self.tools.attached(question.community.id, plan)
        conversation = self._conversation(question, choices, before, (used.attached(), *resources))
        limits = Limits(choices.max_tokens, choices.temperature, seconds)
        began = time.monotonic()
        async with self.tools.opened(question.community.id, plan, conversation.wrap) as (toolsets, did):
            answered, place = await self.providers.answer(question.community.id, places, conversation, limits, toolsets)
        took = round((time.monotonic() - began) * 1000)
        said = self._said(question, choices, conversation, answered, used, did, place, took)
        settle.append(_settlement(said))
        if question.talks and said.outcome == "said":
            exchange = Exchange(question.name, question.text, said.text, said.sources, question.member_id)
            await self.conversations.add(*here, exchange)
        return said

    async def _memories(self, question: Question, choices: CommunityChoices) -> UsedMemories:
        if not question.memories or not choices.use_memories or not question.text:
            return NO_MEMORIES
        return await memories_for(self.client, question.community.id, question.text)

    def _conversation(
        self, question: Question, choices: CommunityChoices, before: list[Exchange], attached: tuple[Attached, ...]
    ) -> Conversation:
        setting = Setting(question.community, question.platform, choices.system_prompt, _length(question, choices))
        return self.prompts.conversation(
            setting, question.name, question.text, self.now(), before=before, attached=attached, task=question.task
        )

    def _said(
        self,
        question: Question,
        choices: CommunityChoices,
        conversation: Conversation,
        answered: Answered,
        used: UsedMemories,
        did: Used,
        place: Place,
        took: int,
    ) -> Said:
        outcome, text = "said", answered.text
        sources: tuple[str, ...] = ()
        filters: tuple[str, ...] = ("leak",)
        if self.prompts.leaked(text, conversation.system):
            log.warning("an answer gave away its instructions", extra={"community": question.community.id})
            outcome, text = "refused", REFUSED
        else:
            text, sources = cited(text, used.texts)
            known = [used.texts[label] for label in sources] + did.results
            cleaning = Cleaning(
                _length(question, choices), question.name, choices.allowed_hosts, known, question.platform != "discord"
            )
            text, filters = cleaning.cleaned(text)
        return Said(
            text or EMPTY, sources, outcome, answered.model, place.kind, answered.tokens_in, answered.tokens_out, took,
            filters, tuple(dict.fromkeys(did.announced)),
        )  # fmt: skip


def budget_of(choices: CommunityChoices, config: Config) -> tuple[int, int]:
    """Units and tokens that a community has in a day."""
    budget = choices.budget
    return ANSWER_UNITS * min(budget.answers, config.max_answers_per_day), min(budget.tokens, config.max_tokens_per_day)


def _length(question: Question, choices: CommunityChoices) -> int:
    longest = min(choices.max_length, question.length)
    return min(longest, 400) if question.platform == "twitch" else longest


def _settlement(said: Said) -> Settlement:
    reason = "leak" if said.outcome == "refused" else ""
    return Settlement(
        said.outcome, said.provider, said.model, reason, said.tokens_in, said.tokens_out, said.milliseconds,
        " ".join(said.sources),
    )  # fmt: skip
