"""Giving accounts back, how channels are read, and facts about users."""

from __future__ import annotations

import msgspec

from flask_core.contracts.twitch import (
    ChannelSettings,
    UserFacts,
    UserQuery,
)
from flask_core.errors import InvalidInput, NotFound, ServiceError
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.wiring import EventSub
from twitch_module_flask.helix import Helix
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.voices import Voices

_USER_SECONDS = 86_400.0


class Connections:
    """What people can change about their connections, and ask."""

    def __init__(
        self,
        accounts: AccountRepository,
        eventsub: EventSub,
        auth: TwitchAuth,
        helix: Helix,
        voices: Voices,
        *,
        shared: SharedState,
        news: News,
    ) -> None:
        self._accounts = accounts
        self._eventsub = eventsub
        self._auth = auth
        self._helix = helix
        self._voices = voices
        self._shared = shared
        self._news = news

    async def disconnect(self, user_id: str, community_id: int, *, operator: bool) -> None:
        """Give the tokens back and forget the account; its channel is read no more."""
        account = await self._accounts.account(user_id)
        if account is None or (not operator and account.community_id != community_id):
            raise NotFound("No such account is connected here.")
        try:
            await self._eventsub.subscriptions.end(user_id)
            await self._auth.revoke(account.tokens.access)
        except ServiceError:
            # Twitch can be away or have forgotten us; what we hold is forgotten all the same.
            pass
        await self._accounts.forget(user_id)
        self._voices.forget()
        await self._news.tell("accounts")

    async def set_channel(self, asked: ChannelSettings) -> None:
        """Keep how a channel is read. Raises NotFound for a channel of another community."""
        if not await self._accounts.set_shared_chat(asked.broadcaster_id, asked.community_id, asked.shared_chat):
            raise NotFound("No such channel is connected here.")
        await self._news.tell("accounts")

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
