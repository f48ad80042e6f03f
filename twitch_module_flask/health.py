"""The health tile: how it stands with accounts, channels and transport, and what has to be done first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flask_core.contracts.twitch import BudgetLeft, ChannelHealth, FailedSubscription, Status
from flask_core.errors import NotFound
from flask_core.handover import Handover
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import REASONS, ChannelWatch
from twitch_module_flask.chat_lines import CHAT
from twitch_module_flask.config import Way
from twitch_module_flask.connections import shown
from twitch_module_flask.eventsub.notes import Notes
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.eventsub.wanted import of_channel, paused_of
from twitch_module_flask.eventsub.wiring import EventSub
from twitch_module_flask.models import ConnectedChannel, Standing
from twitch_module_flask.packs import states
from twitch_module_flask.points import Points
from twitch_module_flask.speaking import Speaking
from twitch_module_flask.troubles import Troubles
from twitch_module_flask.trying import SelfTester
from twitch_module_flask.voices import Voice, Voices, bot_for

_NOT_YET = "Chat is not read yet."


@dataclass(frozen=True, slots=True)
class Health:
    """`lacks` is what the operator has to set first, "" when nothing is missing."""

    accounts: AccountRepository
    eventsub: EventSub
    kept: SubscriptionRepository
    watch: ChannelWatch
    notes: Notes
    handover: Handover
    voices: Voices
    speaking: Speaking
    tester: SelfTester
    troubles: Troubles
    points: Points
    way: Way
    lacks: str
    can_redirect: bool

    async def status(self, community_id: int) -> Status:
        """How it stands with a community's channels, or with all."""
        accounts = await self.accounts.standings(community_id)
        known = await self.accounts.channels(community_id)
        channels = [await self._health(channel, accounts) for channel in known]
        reason = self.lacks or ("" if channels else "No channel is connected yet.")
        reason = reason or next((channel.reason for channel in channels if channel.reason), "")
        if gone := await self.kept.gone():
            reason = f"{REASONS['version_removed']} ({', '.join(gone)})"
        return Status(
            connected=bool(channels) and not self.lacks,
            accounts=tuple(shown(one, known, accounts) for one in accounts),
            channels=tuple(channels),
            spooled=await self.handover.waiting(),
            spool_lost=await self.handover.lost(),
            reason=reason,
            can_connect=not self.lacks,
            transport=self.way,
            shards=tuple(await self.eventsub.conduits.shards()) if self.way == "conduit" else (),
            room=self._room(accounts),
            can_redirect=self.can_redirect and not self.lacks,
            budgets=await self._budgets(known),
            last_error=await self.troubles.last(community_id),
            points=self.points.left(),
        )

    def _room(self, accounts: list[Standing]) -> int | None:
        """How many more channels plain WebSockets can take."""
        if self.eventsub.plain is None:
            return None
        return self.eventsub.plain.room(next((one.user_id for one in accounts if one.kind == "bot"), ""))

    async def _budgets(self, channels: list[ConnectedChannel]) -> tuple[BudgetLeft, ...]:
        """One per account that speaks, and per kind of budget that it has."""
        voices: dict[str, Voice] = {}
        for channel in channels:
            # Who was connected this moment speaks in the next.
            with suppress(NotFound):
                voice = await self.voices.of(channel.key)
                voices[voice.budget_key] = voice
        return tuple(
            [
                BudgetLeft(voice.bot_login or voice.login, await self.speaking.budget_left(voice), voice.budget)
                for voice in voices.values()
            ]
        )

    async def _health(self, channel: ConnectedChannel, accounts: list[Standing]) -> ChannelHealth:
        kept = await self.kept.of(channel.broadcaster_id)
        names = {account.user_id: account for account in accounts}
        bot, streamer = names.get(bot_for(channel, accounts)), names.get(channel.broadcaster_id)
        enabled = {one.type for one in kept if one.status == "enabled"}
        paused = [FailedSubscription(kind, reason) for kind, reason in paused_of(channel, bot, streamer)]
        failed = [FailedSubscription(one.type, one.reason) for one in kept if one.reason]
        return ChannelHealth(
            broadcaster_id=channel.broadcaster_id,
            login=channel.login,
            community_id=channel.community_id,
            reading=CHAT in enabled,
            bot_login=bot.login if bot else "",
            bot_is_moderator=channel.bot_is_moderator,
            wanted=len(list(of_channel(channel, bot, streamer))) + len(paused),
            enabled=len(enabled),
            failed=(*failed, *paused),
            live=channel.live,
            reason=_reason(bot, streamer, failed, reading=CHAT in enabled),
            last_event_at=await self.watch.last_heard(channel.broadcaster_id),
            title=channel.title,
            category=channel.category,
            shared_chat=channel.shared_chat,
            shares_with=await self.notes.shares_with(channel.broadcaster_id),
            bot_user_id=bot.user_id if bot else "",
            channel_bot=streamer is not None and "channel:bot" in streamer.scopes,
            packs=states(channel, bot, streamer),
            parts=channel.parts,
            reply_style=channel.reply_style,
            bot_choice=channel.bot_user_id,
            tested=await self.tester.last(channel.broadcaster_id),
        )


def _reason(bot: Standing | None, streamer: Standing | None, failed: list[FailedSubscription], *, reading: bool) -> str:
    broken = next((one for one in (streamer, bot) if one and not one.works), None)
    if broken is not None:
        return broken.reason
    if reading:
        return ""
    refused = next((one.reason for one in failed if one.type == CHAT), "")
    return f"Chat is not read. {refused}" if refused else _NOT_YET
