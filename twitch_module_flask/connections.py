"""Giving accounts back, and how channels are read."""

from __future__ import annotations

from flask_core.contracts.twitch import ChannelSettings
from flask_core.errors import NotFound, ServiceError
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.wiring import EventSub
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.voices import Voices


class Connections:
    """What people can change about their connections."""

    def __init__(
        self,
        accounts: AccountRepository,
        eventsub: EventSub,
        auth: TwitchAuth,
        voices: Voices,
        *,
        news: News,
    ) -> None:
        self._accounts = accounts
        self._eventsub = eventsub
        self._auth = auth
        self._voices = voices
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
