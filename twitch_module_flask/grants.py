"""Connecting accounts: a code is shown, somebody types it at twitch.tv/activate, and the account is ours to use."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import community
from flask_core.contracts.twitch import Grant, GrantState, Pack, StartGrant
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, ServiceError, Unavailable, UpstreamFailed
from flask_core.operations import Acting
from flask_core.service_client import ServiceClient
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.grant_repository import GrantRepository
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel, PendingGrant, Tokens, channel_key
from twitch_module_flask.oauth import Owner, StillPending, TwitchAuth
from twitch_module_flask.scopes import packs_of, scopes_for

log = logging.getLogger(__name__)

KEPT = timedelta(hours=1)


class Grants:
    """`lacks` is what the operator has to set first, "" when nothing is missing."""

    def __init__(
        self,
        repository: GrantRepository,
        accounts: AccountRepository,
        auth: TwitchAuth,
        subscriptions: SubscriptionRepository,
        services: ServiceClient,
        *,
        lacks: str,
        news: News,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._auth = auth
        self._subscriptions = subscriptions
        self._services = services
        self._lacks = lacks
        self._news = news
        self._now = now

    async def start(self, asked: StartGrant, person: Acting) -> Grant:
        """A code for somebody. A bot is the operator's to connect, a channel its community's admins'."""
        if self._lacks:
            raise Conflict(self._lacks)
        if asked.kind == "bot" and not person.operator:
            raise Forbidden("Only operators connect the bot's account.")
        if asked.kind == "broadcaster" and not asked.community_id:
            raise InvalidInput("Name the community that the channel belongs to.", field="community_id")
        has_bot = bool(await self._accounts.bots())
        scopes = scopes_for(asked.kind, is_the_bot=not has_bot, packs=await self._packs(asked))
        code = await self._auth.device_code(scopes)
        grant = PendingGrant(
            secrets.token_hex(8), asked.kind, person.person_id, asked.community_id if asked.kind != "bot" else 0,
            asked.expected_user_id, code.device_code, code.user_code, code.verification_uri, scopes,
            self._now() + timedelta(seconds=code.expires_in), pause=code.interval,
        )  # fmt: skip
        await self._repository.add(grant, self._now())
        return _view(grant)

    async def _packs(self, asked: StartGrant) -> set[Pack]:
        """What is asked for now and was allowed before: a new grant never takes a feature away."""
        known = await self._accounts.account(asked.expected_user_id) if asked.expected_user_id else None
        return {*asked.packs, *(packs_of(known.tokens.scopes) if known else ())}

    async def show(self, grant_id: str, person: Acting) -> Grant:
        """How far it is; raises NotFound for somebody else's."""
        grant = await self._repository.find(grant_id)
        if grant is None or grant.person_id != person.person_id:
            raise NotFound("No such code.")
        return _view(grant)

    async def ask(self) -> None:
        """Ask Twitch about every code that is due."""
        for grant in await self._repository.due(self._now()):
            try:
                await self._ask_about(grant)
            except (Unavailable, UpstreamFailed) as error:
                log.warning("a code waits: %s", error.message)
                await self._repository.ask_again(grant, grant.pause, self._now())
        await self._repository.forget(self._now() - KEPT)

    async def _ask_about(self, grant: PendingGrant) -> None:
        now = self._now()
        if now >= grant.expires_at:
            await self._repository.ended(grant, GrantState.EXPIRED, reason="The code is too old. Get a new one.")
            return
        try:
            tokens = await self._auth.device_token(grant.device_code, grant.scopes)
        except StillPending as pending:
            await self._repository.ask_again(grant, grant.pause + 5 * pending.slower, now)
        except Forbidden as error:
            await self._repository.ended(grant, GrantState.DENIED, reason=error.message)
        except InvalidInput:
            await self._repository.ended(grant, GrantState.EXPIRED, reason="The code is too old. Get a new one.")
        else:
            await self._granted(grant, tokens)

    async def _granted(self, grant: PendingGrant, tokens: Tokens) -> None:
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

    async def _connect(self, grant: PendingGrant, owner: Owner, tokens: Tokens) -> None:
        if grant.kind == "broadcaster":
            attach = community.AttachChannel(grant.community_id, channel_key(owner.user_id), owner.login)
            await self._services.call("community", community.ATTACH, attach)
        await self._accounts.keep(
            ConnectedAccount(owner.user_id, owner.login, grant.kind, grant.community_id, tokens, self._now())
        )
        if grant.kind == "broadcaster":
            await self._accounts.keep_channel(ConnectedChannel(owner.user_id, owner.login, grant.community_id))
        await self._subscriptions.try_again(owner.user_id if grant.kind == "broadcaster" else "")


def _view(grant: PendingGrant) -> Grant:
    return Grant(
        grant.id, grant.kind, grant.state, grant.user_code, grant.verification_uri, grant.expires_at, grant.login,
        grant.reason,
    )  # fmt: skip
