"""One line into another language: out of the cache, or by a model that has to bring all markers back."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from ai_interaction_module_flask.asking import Asking, budget_of
from ai_interaction_module_flask.budget_repository import Reservation, Settlement
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.cleaning import Cleaning
from ai_interaction_module_flask.language_guess import LEAST_CONFIDENCE, LEAST_LETTERS, LanguageGuess
from ai_interaction_module_flask.languages import LANGUAGES
from ai_interaction_module_flask.markers import Marked
from ai_interaction_module_flask.paying import paid
from ai_interaction_module_flask.ports import Limits
from ai_interaction_module_flask.providers import NotSetUp
from flask_core.errors import TooMany, UpstreamFailed
from flask_core.shared_state import SharedState

_CACHE_SECONDS, _DAY_SECONDS = 86_400.0, 86_400.0
UNITS = 1
"""A third of an answer."""
_LONGEST, _TEMPERATURE, _SECONDS = 1_500, 0.2, 20.0


class Kept(msgspec.Struct, frozen=True):
    """A translation with its markers, and the language it is from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """What to translate for whom; who is `exempt` has no share of their own."""

    community_id: int
    channel: str
    member_id: str
    name: str
    marked: Marked
    target: str
    source: str = ""
    exempt: bool = False
    execution_id: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The translation, where it came from, and who made it."""

    text: str
    source: str
    provider: str


class MarkersLost(UpstreamFailed):
    """The model changed what it must not change."""

    def __init__(self) -> None:
        super().__init__("I could not translate that.", reason="markers")


@dataclass(frozen=True, slots=True)
class Translating:
    """What is translated counts a third of an answer."""

    asking: Asking
    shared: SharedState
    guess: LanguageGuess

    async def source(self, marked: Marked, languages: Collection[str], *, surely: bool) -> str:
        """The language of a line, "" when it cannot be told; `surely` asks for enough letters and no doubt."""
        if not marked.letters or (surely and marked.letters < LEAST_LETTERS):
            return ""
        code, chance = await self.guess.of(marked.plain(), languages)
        return code if chance >= LEAST_CONFIDENCE or not surely else ""

    async def translate(self, line: Line, choices: CommunityChoices) -> Done:
        """The line in the other language. Raises NotSetUp, TooMany, ModelFailed, MarkersLost."""
        key = _key(line)
        kept = await self.shared.get(key)
        if kept is not None:
            known = msgspec.json.decode(kept, type=Kept)
            text = line.marked.restored(known.text)
            if text is not None:
                return Done(text, known.source, "cache")
        marked, provider = await self._asked(line, choices)
        text = line.marked.restored(marked)
        if text is None:
            raise MarkersLost
        await self.shared.set(key, msgspec.json.encode(Kept(marked, line.source)), _CACHE_SECONDS)
        return Done(text, line.source, provider)

    async def _asked(self, line: Line, choices: CommunityChoices) -> tuple[str, str]:
        """The translation with markers, cleaned, and who made it."""
        asking = self.asking
        places = await asking.providers.places(line.community_id, choices)
        if not places:
            raise NotSetUp("AI isn't set up here yet.")
        await self._spend_share(line, choices)
        conversation = asking.prompts.translation(
            line.marked.text, LANGUAGES.get(line.source, ""), LANGUAGES[line.target]
        )
        most = min(choices.max_tokens, len(line.marked.text) + 50)
        units, tokens = budget_of(choices, asking.config)
        characters = len(conversation.system) + len(line.marked.text)
        reservation = Reservation(
            line.execution_id or f"translation-{uuid.uuid4().hex}", line.community_id, line.channel, line.member_id,
            line.name, "translation", characters // 4 + most, units, tokens, None, UNITS,
        )  # fmt: skip
        began = time.monotonic()
        async with paid(asking.budgets, reservation, asking.now()) as settle, asking.line.turn(line.community_id):
            limits = Limits(most, _TEMPERATURE, min(_SECONDS, asking.config.timeout))
            answered, place = await asking.providers.answer(line.community_id, places, conversation, limits)
            took = round((time.monotonic() - began) * 1_000)
            leaked = asking.prompts.leaked(answered.text, conversation.system)
            plain = not line.channel.startswith("discord")
            text = "" if leaked else Cleaning(_LONGEST, plain=plain).cleaned(answered.text).text
            lost = not text or line.marked.restored(text) is None
            settle.append(
                Settlement(
                    "refused" if lost else "said", place.kind, answered.model,
                    "leak" if leaked else "markers" if lost else "", answered.tokens_in, answered.tokens_out, took,
                )
            )  # fmt: skip
        if lost:
            raise MarkersLost
        return text, place.kind

    async def _spend_share(self, line: Line, choices: CommunityChoices) -> None:
        """One member cannot translate away the community's day."""
        if line.exempt or not line.member_id:
            return
        share = choices.budget.per_member * 3
        key = f"ai:translations:{line.community_id}:{line.member_id}"
        wait = await self.shared.spend(key, capacity=share, per_seconds=_DAY_SECONDS) if share else _DAY_SECONDS
        if wait:
            raise TooMany(f"You have used your {share} translations for today.", retry_after=wait, reason="share")


def _key(line: Line) -> str:
    text = f"{line.community_id}\n{line.target}\n{line.marked.text}"
    return f"ai:translated:{hashlib.sha256(text.encode()).hexdigest()}"
