"""Connecting accounts: with a code that somebody types at twitch.tv/activate, or on a way to Twitch and back."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts.twitch import DEFAULT_PACKS, FinishGrant, Grant, GrantState, Pack, StartGrant
from flask_core.errors import (
    Conflict,
    Forbidden,
    Gone,
    InvalidInput,
    NotFound,
    ServiceError,
    Unavailable,
    UpstreamFailed,
)
from flask_core.operations import Acting
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.arrivals import Arrivals
from twitch_module_flask.grant_repository import GrantRepository
from twitch_module_flask.models import ConnectedChannel, PendingGrant
from twitch_module_flask.oauth import StillPending, TwitchAuth
from twitch_module_flask.packs import needed
from twitch_module_flask.redirects import VALID, Redirects, hashed
from twitch_module_flask.scopes import scopes_for
from twitch_module_flask.voices import bot_for

log = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
_OLD_CODE = "The code is too old. Get a new one."
_OLD_WAY = "That took more than ten minutes. Connect again."
_NOT_YOURS = "This way back from Twitch was not begun in this browser, or was used already. Connect again."
_NO_WAY = "Nobody can come back from Twitch: set PUBLIC_URL to the portal's https address, or connect with a code."


class Grants:
    """`lacks` is what the operator has to set first, "" when nothing is missing."""

    def __init__(
        self,
        repository: GrantRepository,
        accounts: AccountRepository,
        auth: TwitchAuth,
        arrivals: Arrivals,
        redirects: Redirects,
        *,
        lacks: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._auth = auth
        self._arrivals = arrivals
        self._redirects = redirects
        self._lacks = lacks
        self._now = now

    async def start(self, asked: StartGrant, person: Acting) -> Grant:
        """A code for somebody. A bot of all is the operator's to connect, anything else its community's admins'."""
        scopes = await self._scopes(asked, person)
        code = await self._auth.device_code(scopes)
        grant = replace(
            self._new(asked, person, scopes), device_code=code.device_code, user_code=code.user_code,
            verification_uri=code.verification_uri, expires_at=self._now() + timedelta(seconds=code.expires_in),
            pause=code.interval,
        )  # fmt: skip
        await self._repository.add(grant, self._now())
        return _view(grant)

    async def set_out(self, asked: StartGrant, person: Acting) -> Grant:
        """An address at Twitch, from which only the session that asked comes back. Raises Conflict without a portal."""
        if not self._redirects.possible:
            raise Conflict(self._lacks or _NO_WAY)
        if not asked.session:
            raise InvalidInput("Name the session that comes back.", field="session")
        scopes = await self._scopes(asked, person)
        way = self._redirects.way(scopes)
        grant = replace(
            self._new(asked, person, scopes), expires_at=self._now() + VALID, state_hash=hashed(way.state),
            session_hash=hashed(asked.session), verifier=way.verifier,
        )  # fmt: skip
        await self._repository.add(grant, self._now())
        return _view(grant, way.url)

    async def come_back(self, asked: FinishGrant, person: Acting) -> Grant:
        """Somebody came back, with a code or a no.

        Raises InvalidInput for a state that is not this session's or was used, Gone for an old one, Conflict when the
        account cannot be had.
        """
        grant = await self._repository.take(hashed(asked.state)) if asked.state else None
        fits = grant and grant.person_id == person.person_id and grant.session_hash == hashed(asked.session)
        if grant is None or not fits or grant.state is not GrantState.PENDING:
            raise InvalidInput(_NOT_YOURS)
        if self._now() >= grant.expires_at:
            await self._repository.ended(grant, GrantState.EXPIRED, reason=_OLD_WAY)
            raise Gone(_OLD_WAY)
        if asked.error or not asked.code:
            await self._repository.ended(grant, GrantState.DENIED, reason="You said no at Twitch.")
            return await self.show(grant.id, person)
        try:
            tokens = await self._auth.code_token(asked.code, self._redirects.back, grant.verifier)
            await self._arrivals.arrived(grant, tokens)
        except ServiceError as error:
            # The way back works once: what went wrong on it is the end of it.
            await self._repository.ended(grant, GrantState.FAILED, reason=error.message)
            raise
        ended = await self.show(grant.id, person)
        if ended.state is not GrantState.CONNECTED:
            raise Conflict(ended.reason, grant=ended.id)
        return ended

    async def show(self, grant_id: str, person: Acting) -> Grant:
        """How far it is; raises NotFound for somebody else's."""
        grant = await self._repository.find(grant_id)
        if grant is None or grant.person_id != person.person_id:
            raise NotFound("No such code.")
        return _view(grant)

    async def _scopes(self, asked: StartGrant, person: Acting) -> tuple[str, ...]:
        """What is switched on, what is asked for now, and what was allowed before: a grant takes nothing away."""
        if self._lacks:
            raise Conflict(self._lacks)
        if asked.kind == "bot" and not asked.community_id and not person.operator:
            raise Forbidden("Only operators connect the bot's account.")
        if asked.kind == "broadcaster" and not asked.community_id:
            raise InvalidInput("Name the community that the channel belongs to.", field="community_id")
        accounts, channels = await self._accounts.standings(), await self._accounts.channels()
        known = next((one for one in accounts if one.user_id == asked.expected_user_id), None)
        place = ConnectedChannel(asked.expected_user_id, "", asked.community_id)
        place = next((one for one in channels if one.broadcaster_id == asked.expected_user_id), place)
        is_the_bot = asked.kind == "bot" or bot_for(place, accounts) == place.broadcaster_id
        before = {*known.scopes, *needed(known, channels, accounts)} if known else set()
        wanted = scopes_for(asked.kind, is_the_bot=is_the_bot, packs=asked.packs if known else _with_default(asked))
        return (*wanted, *sorted(before - set(wanted)))

    def _new(self, asked: StartGrant, person: Acting, scopes: tuple[str, ...]) -> PendingGrant:
        return PendingGrant(
            secrets.token_hex(8), asked.kind, person.person_id, asked.community_id, asked.expected_user_id, "", "", "",
            scopes, self._now(), packs=asked.packs,
        )  # fmt: skip

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
            await self._repository.ended(grant, GrantState.EXPIRED, reason=_OLD_CODE)
            return
        try:
            tokens = await self._auth.device_token(grant.device_code, grant.scopes)
        except StillPending as pending:
            await self._repository.ask_again(grant, grant.pause + 5 * pending.slower, now)
        except Forbidden as error:
            await self._repository.ended(grant, GrantState.DENIED, reason=error.message)
        except InvalidInput:
            await self._repository.ended(grant, GrantState.EXPIRED, reason=_OLD_CODE)
        else:
            await self._arrivals.arrived(grant, tokens)


def _with_default(asked: StartGrant) -> tuple[Pack, ...]:
    return (*DEFAULT_PACKS, *asked.packs)


def _view(grant: PendingGrant, authorize_url: str = "") -> Grant:
    return Grant(
        grant.id, grant.kind, grant.state, grant.user_code, grant.verification_uri, grant.expires_at, grant.login,
        grant.reason, grant.community_id, authorize_url,
    )  # fmt: skip
