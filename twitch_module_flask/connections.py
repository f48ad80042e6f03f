"""The health tile, giving accounts back, and facts about users."""

from __future__ import annotations

import msgspec

from flask_core.contracts.twitch import (
    AccountState,
    AccountView,
    ChannelHealth,
    FailedSubscription,
    Status,
    UserFacts,
    UserQuery,
)
from flask_core.errors import InvalidInput, NotFound, ServiceError
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import ChannelWatch
from twitch_module_flask.handover import Handover
from twitch_module_flask.helix import Helix
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.scopes import missing
from twitch_module_flask.subscription_repository import SubscriptionRepository
from twitch_module_flask.subscriptions import WANTED, Subscriptions
from twitch_module_flask.voices import Voices, bot_for

_USER_SECONDS = 86_400.0


class Connections:
    """What people are shown about Twitch, and can end."""

    def __init__(
        self,
        accounts: AccountRepository,
        subscriptions: Subscriptions,
        kept: SubscriptionRepository,
        watch: ChannelWatch,
        handover: Handover,
        auth: TwitchAuth,
        helix: Helix,
        voices: Voices,
        *,
        shared: SharedState,
        lacks: str,
    ) -> None:
        self._accounts = accounts
        self._subscriptions = subscriptions
        self._kept = kept
        self._watch = watch
        self._handover = handover
        self._auth = auth
        self._helix = helix
        self._voices = voices
        self._shared = shared
        self._lacks = lacks

    async def status(self, community_id: int) -> Status:
        """How it stands with a community's channels, or with all."""
        accounts = await self._accounts.accounts(community_id)
        channels = [await self._health(channel, accounts) for channel in await self._accounts.channels(community_id)]
        reason = self._lacks or ("" if channels else "No channel is connected yet.")
        reason = reason or next((channel.reason for channel in channels if channel.reason), "")
        return Status(
            connected=bool(channels) and not self._lacks,
            accounts=tuple(map(_shown, accounts)),
            channels=tuple(channels),
            spooled=await self._handover.waiting(),
            reason=reason,
            can_connect=not self._lacks,
        )

    async def _health(self, channel: ConnectedChannel, accounts: list[ConnectedAccount]) -> ChannelHealth:
        kept = await self._kept.of_channel(channel.broadcaster_id)
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
            wanted=len(WANTED),
            enabled=len(enabled),
            failed=tuple(FailedSubscription(one.type, one.reason) for one in kept if one.reason),
            live=channel.live,
            reason=broken.reason if broken else ("" if reading else "Chat is not read yet."),
            last_event_at=await self._watch.last_heard(channel.broadcaster_id),
        )

    async def disconnect(self, user_id: str, community_id: int, *, operator: bool) -> None:
        """Give the tokens back and forget the account; its channel is read no more."""
        account = await self._accounts.account(user_id)
        if account is None or (not operator and account.community_id != community_id):
            raise NotFound("No such account is connected here.")
        try:
            await self._subscriptions.end(user_id)
            await self._auth.revoke(account.tokens.access)
        except ServiceError:
            # Twitch can be away or have forgotten us; what we hold is forgotten all the same.
            pass
        await self._accounts.forget(user_id)
        self._voices.forget()

    async def user(self, query: UserQuery) -> UserFacts:
        """A user by login or id, at most a day old."""
        login, user_id = query.login.strip().lower().removeprefix("@"), query.id.strip()
        if bool(login) == bool(user_id):
            raise InvalidInput("Ask for a login or an id.")
        key = f"twitch:user:{'login' if login else 'id'}:{login or user_id}"
        known = await self._shared.get(key)
        if known is not None:
            return msgspec.json.decode(known, type=UserFacts)
        found = await self._helix.user(login=login, user_id=user_id)
        await self._shared.set(key, msgspec.json.encode(found), _USER_SECONDS)
        return found


def _shown(account: ConnectedAccount) -> AccountView:
    return AccountView(
        user_id=account.user_id,
        login=account.login,
        kind=account.kind,
        scopes=account.tokens.scopes,
        state=account.state,
        expires_at=account.tokens.expires_at,
        reason=account.reason,
        missing_scopes=missing(account.kind, account.tokens.scopes),
    )
