"""The health tile: how it stands with accounts, channels and transport, and what has to be done first."""

from __future__ import annotations

from flask_core.contracts.twitch import AccountState, AccountView, ChannelHealth, FailedSubscription, Status
from flask_core.handover import Handover
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import REASONS, ChannelWatch
from twitch_module_flask.config import Way
from twitch_module_flask.eventsub.notes import Notes
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.eventsub.wanted import of_channel
from twitch_module_flask.eventsub.wiring import EventSub
from twitch_module_flask.models import ConnectedChannel, Standing
from twitch_module_flask.scopes import missing, packs_of
from twitch_module_flask.voices import bot_for


class Health:
    """`lacks` is what the operator has to set first, "" when nothing is missing."""

    def __init__(
        self,
        accounts: AccountRepository,
        eventsub: EventSub,
        kept: SubscriptionRepository,
        watch: ChannelWatch,
        notes: Notes,
        handover: Handover,
        *,
        way: Way,
        lacks: str,
    ) -> None:
        self._accounts = accounts
        self._eventsub = eventsub
        self._kept = kept
        self._watch = watch
        self._notes = notes
        self._handover = handover
        self._way = way
        self._lacks = lacks

    async def status(self, community_id: int) -> Status:
        """How it stands with a community's channels, or with all."""
        accounts = await self._accounts.standings(community_id)
        channels = [await self._health(channel, accounts) for channel in await self._accounts.channels(community_id)]
        reason = self._lacks or ("" if channels else "No channel is connected yet.")
        reason = reason or next((channel.reason for channel in channels if channel.reason), "")
        if gone := await self._kept.gone():
            reason = f"{REASONS['version_removed']} ({', '.join(gone)})"
        return Status(
            connected=bool(channels) and not self._lacks,
            accounts=tuple(map(_shown, accounts)),
            channels=tuple(channels),
            spooled=await self._handover.waiting(),
            reason=reason,
            can_connect=not self._lacks,
            transport=self._way,
            shards=tuple(await self._eventsub.conduits.shards()) if self._way == "conduit" else (),
            room=self._room(accounts),
        )

    def _room(self, accounts: list[Standing]) -> int | None:
        """How many more channels plain WebSockets can take."""
        if self._eventsub.plain is None:
            return None
        return self._eventsub.plain.room(next((one.user_id for one in accounts if one.kind == "bot"), ""))

    async def _health(self, channel: ConnectedChannel, accounts: list[Standing]) -> ChannelHealth:
        kept = await self._kept.of(channel.broadcaster_id)
        names = {account.user_id: account for account in accounts}
        bot, streamer = names.get(bot_for(channel, accounts)), names.get(channel.broadcaster_id)
        broken = next((one for one in (streamer, bot) if one and one.state is AccountState.NEEDS_LOGIN), None)
        enabled = {one.type for one in kept if one.status == "enabled"}
        reading = "channel.chat.message" in enabled
        return ChannelHealth(
            broadcaster_id=channel.broadcaster_id,
            login=channel.login,
            community_id=channel.community_id,
            reading=reading,
            bot_login=bot.login if bot else "",
            bot_is_moderator=channel.bot_is_moderator,
            wanted=len(list(of_channel(channel, bot, streamer))),
            enabled=len(enabled),
            failed=tuple(FailedSubscription(one.type, one.reason) for one in kept if one.reason),
            live=channel.live,
            reason=broken.reason if broken else ("" if reading else "Chat is not read yet."),
            last_event_at=await self._watch.last_heard(channel.broadcaster_id),
            title=channel.title,
            category=channel.category,
            shared_chat=channel.shared_chat,
            shares_with=await self._notes.shares_with(channel.broadcaster_id),
        )


def _shown(account: Standing) -> AccountView:
    return AccountView(
        user_id=account.user_id,
        login=account.login,
        kind=account.kind,
        scopes=account.scopes,
        state=account.state,
        expires_at=account.expires_at,
        reason=account.reason,
        missing_scopes=missing(account.kind, account.scopes),
        packs=packs_of(account.scopes),
    )
