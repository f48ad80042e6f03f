"""What twitch does by itself: asks about codes, keeps subscriptions and sign-ins alive, forgets what is old."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.errors import ServiceError, Unauthenticated
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.reconciling import Subscriptions
from twitch_module_flask.grants import Grants
from twitch_module_flask.models import Standing
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.telling import Telling
from twitch_module_flask.tokens import AccountTokens
from twitch_module_flask.troubles import Troubles

log = logging.getLogger(__name__)

ASK_SECONDS, RECONCILE_SECONDS, UNFINISHED_SECONDS, SIGN_IN_SECONDS, SWEEP_SECONDS = 1.0, 600.0, 15.0, 300.0, 3_600.0
_LEASE_SECONDS, _RENEW_SECONDS = 60.0, 20.0
_VALIDATE_EVERY = timedelta(hours=1)


class Upkeep:
    """Every loop may run in many replicas: one at a time does the work.

    `forget` drops what is remembered about accounts and channels; `forget_old` what nobody asks about any more.
    """

    def __init__(
        self,
        grants: Grants,
        subscriptions: Subscriptions,
        accounts: AccountRepository,
        tokens: AccountTokens,
        auth: TwitchAuth,
        *,
        forget_old: Sequence[Callable[[], Awaitable[None]]],
        telling: Telling,
        troubles: Troubles,
        forget: Callable[[], None],
        shared: SharedState,
        news: News,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._grants = grants
        self._subscriptions = subscriptions
        self._accounts = accounts
        self._tokens = tokens
        self._auth = auth
        self._forget_old = forget_old
        self._telling = telling
        self._troubles = troubles
        self._forget = forget
        self._shared = shared
        self._now = now
        self._owner = secrets.token_hex(8)
        self._news = news

    async def ask_about_codes(self) -> None:
        """For ever."""
        while True:
            await self._grants.ask()
            await asyncio.sleep(ASK_SECONDS)

    async def keep_subscriptions(self) -> None:
        """For ever: every ten minutes, when an account changed, and soon again after a round that left something."""
        pause = UNFINISHED_SECONDS
        while True:
            self._forget()
            done = await self._alone("subscriptions", self._subscriptions.reconcile)
            # The round found out who moderates where.
            self._forget()
            if done is False:
                await self._news.wait("accounts", pause)
                pause = min(pause * 2, RECONCILE_SECONDS)
            else:
                await self._news.wait("accounts", RECONCILE_SECONDS)
                pause = UNFINISHED_SECONDS

    async def keep_signed_in(self) -> None:
        """For ever: renew early, and ask once an hour whether Twitch knows every account; at once after a change."""
        while True:
            await self._alone("sign-ins", self.look_after_accounts)
            await self._news.wait("sign-ins", SIGN_IN_SECONDS)

    async def look_after_accounts(self) -> None:
        """All accounts once; what is wrong with one is told on the tile and to its owner, and stops no other."""
        for account in await self._accounts.standings():
            if account.works:
                await self._look_after(account)
            else:
                await self._telling.lost(account)

    async def _look_after(self, account: Standing) -> None:
        try:
            token = await self._tokens.get(account.user_id)
            if self._now() - account.validated_at >= _VALIDATE_EVERY:
                await self._validate(account.user_id, token)
        except ServiceError as error:
            log.warning("an account cannot be looked after: %s", error.code)
            await self._troubles.note(f"{account.login}: {error.message}", account.community_id)

    async def _validate(self, user_id: str, token: str) -> None:
        try:
            await self._auth.owner(token)
        except Unauthenticated:
            await self._tokens.renew(user_id, not_this=token)
        await self._accounts.validated(user_id, self._now())

    async def sweep(self) -> None:
        """For ever: forget old results."""
        while True:
            for forget in self._forget_old:
                await forget()
            await asyncio.sleep(SWEEP_SECONDS)

    async def _alone(self, what: str, work: Callable[[], Awaitable[bool | None]]) -> bool | None:
        """The result of the work; False when it has to wait, None when another replica does it."""
        name = f"twitch:{what}" if what != "subscriptions" or self._subscriptions.shared else f"twitch:{self._owner}"
        try:
            if not await self._shared.lease(name, self._owner, _LEASE_SECONDS):
                return None
            renewing = asyncio.create_task(self._renew(name))
            try:
                return await work()
            finally:
                renewing.cancel()
                await asyncio.gather(renewing, return_exceptions=True)
                await self._shared.release(name, self._owner)
        except ServiceError as error:
            log.warning("%s have to wait: %s", what, error.message)
            await self._troubles.note(f"{what.capitalize()} have to wait: {error.message}")
            return False

    async def _renew(self, name: str) -> None:
        """However long the work takes, nobody else begins with it."""
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(ServiceError):
                await self._shared.lease(name, self._owner, _LEASE_SECONDS)
