"""The token for a call: the application's, or an account's, renewed before it ends and by one replica at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts.twitch import AccountState
from flask_core.errors import Forbidden, NotFound, Unauthenticated, Unavailable
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.models import ConnectedAccount, Tokens
from twitch_module_flask.oauth import TwitchAuth

_EARLY = timedelta(minutes=10)
_APPLICATION_EARLY = timedelta(days=1)
_IDLE = timedelta(days=7)
_LOCK_SECONDS = 15.0
_TRIES, _WAIT = 50, 0.2


class ApplicationToken:
    """Cached until a day before it ends."""

    def __init__(self, auth: TwitchAuth, now: Callable[[], datetime] = utc_now) -> None:
        self._auth = auth
        self._now = now
        self._tokens: Tokens | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def possible(self) -> bool:
        """Whether the application has a secret, without which it gets no token."""
        return self._auth.confidential

    async def get(self, *, not_this: str = "") -> str:
        """The application's token; another than `not_this`, which Twitch refused. Raises Forbidden without a secret."""
        if not self.possible:
            raise Forbidden("Without TWITCH_CLIENT_SECRET the application cannot do this by itself.")
        async with self._one_at_a_time:
            known = self._tokens
            if known is None or known.access == not_this or known.expires_at - _APPLICATION_EARLY < self._now():
                self._tokens = known = await self._auth.application_token()
            return known.access


async def _nothing() -> None:
    return None


class AccountTokens:
    """What may be done for an account is decided by its owner; a sign-in that was taken back is told at once.

    `rejected` hears that an account has to be connected again.
    """

    def __init__(
        self,
        accounts: AccountRepository,
        auth: TwitchAuth,
        shared: SharedState,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], asyncio.Future[None]] | None = None,
        rejected: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._accounts = accounts
        self._rejected = rejected
        self._auth = auth
        self._shared = shared
        self._now = now
        self._sleep = sleep or asyncio.sleep

    async def get(self, user_id: str, *, not_this: str = "") -> str:
        """The account's token. Raises NotFound, or Unauthenticated when it has to be connected again."""
        account = await self._working(user_id)
        if not self._due(account, not_this):
            return account.tokens.access
        return (await self.renew(user_id, not_this=not_this)).tokens.access

    async def anybodys(self) -> str:
        """The token of some account that works, for what anybody may ask. Raises NotFound where there is none."""
        works = [one.user_id for one in await self._accounts.standings() if one.state is AccountState.OK]
        if not works:
            raise NotFound("No Twitch account is connected yet.")
        return await self.get(works[0])

    async def renew(self, user_id: str, *, not_this: str = "") -> ConnectedAccount:
        """Renew once over all replicas: who comes second takes what the first one got."""
        owner = secrets.token_hex(8)
        for _ in range(_TRIES):
            if await self._shared.lease(f"twitch:renew:{user_id}", owner, _LOCK_SECONDS):
                try:
                    account = await self._working(user_id)
                    return await self._renewed(account) if self._due(account, not_this) else account
                finally:
                    await self._shared.release(f"twitch:renew:{user_id}", owner)
            await self._sleep(_WAIT)
        raise Unavailable("Somebody else is renewing this sign-in for too long.", retry_after=5)

    def _due(self, account: ConnectedAccount, not_this: str) -> bool:
        """What was not renewed for a week is, too: a sign-in that nobody uses for thirty days ends."""
        tokens, now = account.tokens, self._now()
        idle = account.refreshed_at is not None and now - account.refreshed_at > _IDLE
        return tokens.access == not_this or tokens.expires_at - _EARLY < now or idle

    async def _renewed(self, account: ConnectedAccount) -> ConnectedAccount:
        try:
            tokens = await self._auth.refreshed(account.tokens.refresh)
        except Unauthenticated as error:
            await self._accounts.set_state(account.user_id, AccountState.NEEDS_LOGIN, error.message)
            await self._rejected()
            raise
        scopes = tokens.scopes or account.tokens.scopes
        kept = Tokens(tokens.access, tokens.refresh or account.tokens.refresh, tokens.expires_at, scopes)
        return await self._accounts.refreshed(account, kept, self._now())

    async def _working(self, user_id: str) -> ConnectedAccount:
        account = await self._accounts.account(user_id)
        if account is None:
            raise NotFound("This Twitch account is not connected.")
        if account.state is AccountState.NEEDS_LOGIN:
            raise Unauthenticated(account.reason)
        return account
