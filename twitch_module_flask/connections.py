"""Giving accounts back, and how channels are read and answered."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts.twitch import AccountView, ChannelOf, ChannelSettings, ChannelView
from flask_core.errors import InvalidInput, NotFound, ServiceError
from flask_core.operations import Caller
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.choice_repository import ChoiceRepository
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.wiring import EventSub
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel, Standing
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.packs import lacking
from twitch_module_flask.scopes import packs_of
from twitch_module_flask.telling import Telling


class Connections:
    """What people can change about their connections; every change is heard by all replicas at once."""

    def __init__(
        self,
        accounts: AccountRepository,
        choices: ChoiceRepository,
        eventsub: EventSub,
        auth: TwitchAuth,
        telling: Telling,
        *,
        news: News,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._choices = choices
        self._eventsub = eventsub
        self._auth = auth
        self._telling = telling
        self._news = news
        self._now = now

    async def accounts(self, community_id: int) -> list[AccountView]:
        """The accounts that a community's channels use, or with 0 all."""
        channels = await self._accounts.channels(community_id)
        accounts = await self._accounts.standings(community_id)
        return [shown(one, channels, accounts) for one in accounts]

    async def disconnect(self, user_id: str, community_id: int, caller: Caller) -> None:
        """Give the tokens back and forget the account; its channel is read no more.

        Somebody's channel whose account is the bot of others as well is only read no more.
        """
        account = await self._accounts.account(user_id)
        channel = await self._channel(user_id, community_id)
        operator = caller.person.operator
        if account is None or not (operator or account.community_id == community_id or channel):
            raise NotFound("No such account is connected here.")
        if channel and account.community_id != community_id and community_id:
            await self._stop(channel, caller.person.person_id)
            return
        await self._give_back(account)
        await self._accounts.forget(user_id)
        await self._choices.note(
            account.community_id, caller.person.person_id, f"{account.kind}.disconnect", user_id, self._now()
        )
        await self._news.tell("accounts")
        await self._telling.found(user_id)

    async def _give_back(self, account: ConnectedAccount) -> None:
        try:
            await self._eventsub.subscriptions.end(account.user_id)
            await self._auth.revoke(account.tokens.access)
        except ServiceError:
            # Twitch can be away or have forgotten us; what we hold is forgotten all the same.
            return

    async def channels(self, community_id: int) -> list[ChannelView]:
        """A community's channels, or with 0 all, as they are set."""
        return [
            ChannelView(
                one.broadcaster_id, one.community_id, one.shared_chat, one.bot_user_id, one.packs, one.parts,
                one.reply_style, login=one.login, live=one.live,
            )
            for one in await self._accounts.channels(community_id)
        ]  # fmt: skip

    async def set_channel(self, asked: ChannelSettings, caller: Caller) -> None:
        """Keep how a channel is read. Raises NotFound for a channel of another community, InvalidInput for no bot."""
        if asked.bot_user_id not in {"", asked.broadcaster_id}:
            bots = [one for one in await self._accounts.standings(asked.community_id) if one.kind == "bot"]
            if asked.bot_user_id not in {one.user_id for one in bots}:
                raise InvalidInput("No such bot account is connected here.", field="bot_user_id")
        if not await self._choices.choose(asked, _name(caller), self._now()):
            raise NotFound("No such channel is connected here.")
        await self._news.tell("accounts")

    async def stop_reading(self, asked: ChannelOf, caller: Caller) -> None:
        """Read a channel no more; raises NotFound for another community's."""
        channel = await self._channel(asked.broadcaster_id, asked.community_id)
        if channel is None:
            raise NotFound("No such channel is connected here.")
        await self._stop(channel, _name(caller))

    async def _stop(self, channel: ConnectedChannel, actor: str) -> None:
        # What cannot be ended now is ended in the next round: nobody reads the channel any more.
        with suppress(ServiceError):
            await self._eventsub.subscriptions.end(channel.broadcaster_id)
        await self._choices.stop_reading(channel.broadcaster_id)
        await self._choices.note(channel.community_id, actor, "channel.stop", channel.broadcaster_id, self._now())
        await self._news.tell("accounts")

    async def _channel(self, broadcaster_id: str, community_id: int) -> ConnectedChannel | None:
        known = await self._accounts.channels(community_id)
        return next((one for one in known if one.broadcaster_id == broadcaster_id), None)


def _name(caller: Caller) -> str:
    return caller.acting.person_id if caller.acting is not None else caller.service


def shown(account: Standing, channels: list[ConnectedChannel], accounts: list[Standing]) -> AccountView:
    """An account as people see it."""
    return AccountView(
        user_id=account.user_id,
        login=account.login,
        kind=account.kind,
        scopes=account.scopes,
        state=account.state,
        expires_at=account.expires_at,
        reason=account.reason,
        missing_scopes=lacking(account, channels, accounts),
        packs=packs_of(account.scopes),
        community_id=account.community_id,
    )
