"""Tells whoever connected an account, and the moderators of its community, that something needs them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts.notices import NOTIFY, RESOLVE, NoticeAbout, PutNotice
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.models import ConnectedChannel, Standing

log = logging.getLogger(__name__)

ONCE_IN = timedelta(days=1)
_OPERATOR = "/operator/twitch"


class Telling:
    """Nobody is told the same more than once a day; the portal holds it until it is over."""

    def __init__(
        self, accounts: AccountRepository, services: ServiceClient, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._accounts = accounts
        self._services = services
        self._now = now

    async def lost(self, account: Standing) -> None:
        """An account has to be connected again. While the portal is away it is told at the next look."""
        now = self._now()
        if account.told_at is not None and now - account.told_at < ONCE_IN:
            return
        notice = PutNotice(
            f"needs_login:{account.user_id}:{now:%Y-%m-%dT%H}",
            _about_sign_in(account.user_id),
            f"Twitch: {account.login} has to be connected again. {account.reason}",
            account.community_id,
            account.person_id,
            _page(account.community_id),
            "twitch",
        )
        if await self._tell(notice):
            await self._accounts.told(account.user_id, now)

    async def found(self, user_id: str) -> None:
        """An account works again: nobody has to do anything about it any more."""
        await self._over(_about_sign_in(user_id))

    async def moderator_changed(self, channel: ConnectedChannel, bot_id: str, *, moderates: bool) -> None:
        """A bot became moderator of a channel, or is none any more; `channel` is how it was known before."""
        about, now = f"moderator:{channel.broadcaster_id}", self._now()
        if moderates:
            await self._over(about)
            return
        if channel.moderating_bot != bot_id:
            # Another bot speaks there now, which was no moderator before either: the checklist says what to do.
            return
        names = {one.user_id: one.login for one in await self._accounts.standings()}
        text = (
            f"Twitch: {names.get(bot_id, 'the bot')} is no longer moderator of {channel.login}, since {now:%H:%M} UTC."
            " It may say less now, and cannot moderate."
        )
        page = _page(channel.community_id)
        await self._tell(PutNotice(f"{about}:{now:%Y-%m-%dT%H}", about, text, channel.community_id, link=page))

    async def _tell(self, notice: PutNotice) -> bool:
        try:
            await self._services.call("portal", NOTIFY, notice)
        except ServiceError as error:
            log.warning("nobody could be told that they are needed: %s", error.code)
            return False
        return True

    async def _over(self, about: str) -> None:
        try:
            await self._services.call("portal", RESOLVE, NoticeAbout(about))
        except ServiceError as error:
            log.info("a notice stays until it is put away: %s", error.code)


def _about_sign_in(user_id: str) -> str:
    return f"sign-in:{user_id}"


def _page(community_id: int) -> str:
    return f"/c/{community_id}/platforms/twitch" if community_id else _OPERATOR
