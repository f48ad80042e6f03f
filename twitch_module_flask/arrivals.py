"""An account came back from Twitch: whether it is the right one, what it becomes here, and what goes on with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts import community
from flask_core.contracts.twitch import GrantState
from flask_core.errors import Conflict, ServiceError
from flask_core.service_client import ServiceClient
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.choice_repository import ChoiceRepository
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.grant_repository import GrantRepository
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel, PendingGrant, Tokens, channel_key
from twitch_module_flask.oauth import Owner, TwitchAuth
from twitch_module_flask.telling import Telling
from twitch_module_flask.voices import bot_for


class Arrivals:
    """`arrived` ends a grant, well or not; what was paused for want of a right goes on by itself."""

    def __init__(
        self,
        repository: GrantRepository,
        accounts: AccountRepository,
        choices: ChoiceRepository,
        auth: TwitchAuth,
        subscriptions: SubscriptionRepository,
        services: ServiceClient,
        telling: Telling,
        *,
        news: News,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._choices = choices
        self._auth = auth
        self._subscriptions = subscriptions
        self._services = services
        self._telling = telling
        self._news = news
        self._now = now

    async def arrived(self, grant: PendingGrant, tokens: Tokens) -> None:
        """Twitch gave tokens for a grant. Another account than expected, or one that cannot be had, keeps nothing."""
        owner = await self._auth.owner(tokens.access)
        if grant.expected_user_id and owner.user_id != grant.expected_user_id:
            await self._auth.revoke(tokens.access)
            reason = f"That was {owner.login}, another account than expected. Nothing was kept."
            await self._repository.ended(grant, GrantState.WRONG_ACCOUNT, login=owner.login, reason=reason)
            return
        try:
            await self._connect(grant, owner, tokens)
        except ServiceError as error:
            await self._repository.ended(grant, GrantState.FAILED, login=owner.login, reason=error.message)
            return
        await self._repository.ended(grant, GrantState.CONNECTED, login=owner.login)
        await self._news.tell("accounts")
        await self._telling.found(owner.user_id)

    async def _connect(self, grant: PendingGrant, owner: Owner, tokens: Tokens) -> None:
        now = self._now()
        if grant.kind == "broadcaster":
            attach = community.AttachChannel(grant.community_id, channel_key(owner.user_id), owner.login)
            await self._services.call("community", community.ATTACH, attach)
        else:
            await self._must_be_free(grant, owner)
        account = ConnectedAccount(
            owner.user_id, owner.login, grant.kind, grant.community_id, tokens, now, person_id=grant.person_id,
            refreshed_at=now,
        )  # fmt: skip
        await self._accounts.keep(account)
        if grant.kind == "broadcaster":
            await self._accounts.keep_channel(ConnectedChannel(owner.user_id, owner.login, grant.community_id))
        if grant.packs:
            await self._choices.switch_on(await self._where(grant, owner), grant.packs)
        await self._choices.note(grant.community_id, grant.person_id, f"{grant.kind}.connect", owner.user_id, now)
        await self._subscriptions.try_again(owner.user_id if grant.kind == "broadcaster" else "")

    async def _must_be_free(self, grant: PendingGrant, owner: Owner) -> None:
        """The bot of one community, or of all, is not taken by another."""
        known = await self._accounts.account(owner.user_id)
        if known is not None and known.kind == "bot" and known.community_id != grant.community_id:
            raise Conflict(f"{owner.login} is the bot of somebody else here already.")

    async def _where(self, grant: PendingGrant, owner: Owner) -> list[str]:
        """The channels in which what was asked for with a grant is switched on."""
        if grant.kind == "broadcaster":
            return [owner.user_id]
        accounts, channels = await self._accounts.standings(), await self._accounts.channels(grant.community_id)
        return [one.broadcaster_id for one in channels if bot_for(one, accounts) == owner.user_id]
