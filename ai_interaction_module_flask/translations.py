"""Translations in chat: asked for, or in channels where a moderator switched them on."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ai_interaction_module_flask.channels import Channels
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.languages import LANGUAGES, language_called, language_of, split_target
from ai_interaction_module_flask.markers import Marked, marked
from ai_interaction_module_flask.ports import AWAY
from ai_interaction_module_flask.translating import Done, Line, Translating
from ai_interaction_module_flask.translation_repository import TranslationRepository
from ai_interaction_module_flask.triggers import COMMAND_SIGNS
from ai_interaction_module_flask.wishing import Wishing
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import translations as contract
from flask_core.datamodels import Chat, General, Invocation, MessageType, Origin, Reply, Role
from flask_core.errors import Forbidden, InvalidInput, ServiceError
from flask_core.operations import Caller, Endpoints
from flask_core.own_member import own_member
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

_AUTO_LINES, _AUTO_SECONDS, _CAPTION_SECONDS = 20, 60.0, 5.0
_LONGEST = 1_000
USAGE = "Usage: !translate [to] <text>, or as a reply to a message."


@dataclass(frozen=True, slots=True)
class Translations:
    """Handlers of commands, of heard lines, and of the operation."""

    translating: Translating
    repository: TranslationRepository
    channels: Channels
    settings: CommunitySettings[CommunityChoices]
    shared: SharedState
    wishing: Wishing

    async def asked(self, invocation: Invocation) -> Reply:
        """The reply to `!translate`, failures included."""
        try:
            return await self._asked(invocation)
        except ServiceError as refusal:
            return Reply.chat(refusal.message)
        except Exception:  # The edge of an answer: a retry of this execution must not ask a model again.
            log.exception("a line could not be translated")
            return Reply.chat(AWAY)

    async def _asked(self, invocation: Invocation) -> Reply:
        choices, _ = await self.settings.read(invocation.community.id)
        here = await self.channels.of(invocation.community.id, invocation.channel.key)
        if not choices.enabled or here.paused_until is not None:
            raise Forbidden("AI is switched off here.")
        named, text, unknown = split_target(str(invocation.arguments.get("text") or ""))
        if unknown:
            raise _unknown_language()
        speaker, replied = invocation.member.name, invocation.event.reply_to
        if not text and replied is not None:
            text, speaker = replied.text, replied.account.name if replied.account else ""
        found = marked(text[:_LONGEST], _emotes(invocation))
        if not found.letters:
            raise InvalidInput(USAGE)
        target = named or language_of(invocation.community.locale)
        languages = {*choices.translation.languages, target}
        if await self.translating.source(found, languages, surely=True) == target:
            return Reply.chat(f"That already is {LANGUAGES[target]}.")
        source = await self.translating.source(found, languages - {target}, surely=False)
        done = await self.translating.translate(_line(invocation, found, target, source), choices)
        return _reply(done, target, text, speaker, choices, marked_source=f"{source}→{target}")

    async def wanted(self, invocation: Invocation) -> bool:
        """Whether a line that nobody asked about is translated; decided here, without a model."""
        return (await self._auto(invocation, spend=True)) is not None

    async def _auto(self, invocation: Invocation, *, spend: bool) -> tuple[Line, CommunityChoices] | None:
        event, community_id, channel = invocation.event, invocation.community.id, invocation.channel.key
        text = event.text.strip()
        if event.message_type is not MessageType.CHAT or not text or text.startswith(COMMAND_SIGNS):
            return None
        if event.account is None or event.account.bot:
            return None
        target = await self.repository.language(community_id, channel)
        if target is None:
            return None
        choices, _ = await self.settings.read(community_id)
        found = marked(text[:_LONGEST], _emotes(invocation))
        source = await self.translating.source(found, {*choices.translation.languages, target}, surely=True)
        if not choices.enabled or source in ("", target):
            return None
        here = await self.channels.of(community_id, channel)
        if here.paused_until is not None or here.quiet:
            return None
        if not await self.translating.asking.providers.places(community_id, choices):
            return None
        if spend and await self.shared.spend(f"ai:auto:{channel}", capacity=_AUTO_LINES, per_seconds=_AUTO_SECONDS):
            return None
        return _line(invocation, found, target, source), choices

    async def heard(self, invocation: Invocation) -> Reply:
        """The translation of a line that is wanted, else silence."""
        wanted = await self._auto(invocation, spend=False)
        if wanted is None:
            return Reply()
        line, choices = wanted
        try:
            done = await self.translating.translate(line, choices)
        except ServiceError as failure:
            log.info("a line is not translated: %s", failure.code)
            return Reply()
        except Exception:  # The edge of an answer that nobody asked for: it is never an excuse.
            log.exception("a line could not be translated")
            return Reply()
        if done.text.casefold() == invocation.event.text.strip().casefold():
            return Reply()
        text, name = invocation.event.text.strip(), invocation.member.name
        return _reply(done, line.target, text, name, choices, marked_source=line.source)

    async def switch(self, invocation: Invocation, *, on: bool, language: str | None) -> str:
        """Translate this channel's lines from now on, or not any more."""
        target = language_called(language) if language else language_of(invocation.community.locale)
        if on and target is None:
            raise _unknown_language()
        where = invocation.community.id, invocation.channel.key
        await self.repository.switch(*where, (target or "") if on else "", invocation.member.id)
        await self.wishing.note_again(invocation.community.id)
        await self.wishing.tell(invocation.community.id)
        if not on:
            return "I translate nothing on my own in this channel."
        return f"I translate other languages into {LANGUAGES[target or 'en']} in this channel."

    def endpoints(self) -> Endpoints:
        """The operation."""
        api = Endpoints()

        @api.offers(contract.TRANSLATE)
        async def translate(asked: contract.Translate, caller: Caller) -> contract.Translated:
            return await self.translate(asked, caller)

        return api

    async def translate(self, asked: contract.Translate, caller: Caller) -> contract.Translated:
        """For programs. Raises InvalidInput, Forbidden, TooMany, and what the model failed with."""
        choices, _ = await self.settings.read(asked.community_id)
        if not choices.enabled:
            raise Forbidden("AI is switched off here.")
        target, source = language_called(asked.to), language_called(asked.source) if asked.source else ""
        if target is None or source is None:
            raise InvalidInput(_unknown_language().message, field="to" if target is None else "from")
        found, member_id, name = marked(asked.text), "", caller.service
        if caller.acting is not None:
            member_id = await own_member(self.translating.asking.client, asked.community_id, caller)
            name = caller.person.name
            if not member_id and caller.role < Role.MODERATOR:
                raise Forbidden("Only members of this community can do that.")
        languages = {*choices.translation.languages, target}
        source = source or await self.translating.source(found, languages, surely=True)
        if source == target or not found.letters:
            return contract.Translated(asked.text, source, "")
        exempt = caller.role >= Role.MODERATOR
        line = Line(asked.community_id, "api", member_id, name, found, target, source, exempt)
        done = await self.translating.translate(line, choices)
        return contract.Translated(done.text, done.source, done.provider)


def _line(invocation: Invocation, found: Marked, target: str, source: str) -> Line:
    member = invocation.member
    return Line(
        invocation.community.id, invocation.channel.key, member.id, member.name, found, target, source,
        member.role >= Role.MODERATOR, invocation.execution_id,
    )  # fmt: skip


def _reply(
    done: Done, target: str, original: str, speaker: str, choices: CommunityChoices, *, marked_source: str
) -> Reply:
    said = Chat(f"[{marked_source}] {done.text}", origin=Origin.EXTERNAL)
    if not choices.translation.overlay:
        return Reply(actions=(said,))
    caption = {"text": done.text, "original": original, "language": target, "speaker": speaker}
    return Reply(actions=(said, General("caption", caption, _CAPTION_SECONDS)))


def _emotes(invocation: Invocation) -> tuple[str, ...]:
    found = invocation.event.data.get("emotes")
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list | tuple) else ()


def _unknown_language() -> InvalidInput:
    known = ", ".join(sorted(LANGUAGES))
    return InvalidInput(f"I don't know that language. I know {known}.")
