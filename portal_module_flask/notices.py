"""Tells people that they are needed: here, and on another platform where they can be reached."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import community, notices, router
from flask_core.datamodels import Chat
from flask_core.errors import ServiceError
from flask_core.operations import Caller, Endpoints
from flask_core.service_client import ServiceClient
from portal_module_flask.notice_repository import NoticeRepository

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
_SWEEP_SECONDS = 3_600.0
_PATIENCE = 2.0
_NO_PLACE_FOR_IT = frozenset({"console", ""})


class Notices:
    """Kept for 90 days, or until somebody puts them away. `public_url` makes links in messages, where there is one."""

    def __init__(
        self,
        repository: NoticeRepository,
        client: ServiceClient,
        *,
        public_url: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.repository = repository
        self._client = client
        self._public_url = public_url
        self._now = now

    async def put(self, source: str, asked: notices.PutNotice) -> notices.Notice:
        """Keep it; the first time the person is written to as well."""
        notice = await self.repository.put(source, asked, self._now())
        if notice.new and asked.person_id and asked.community_id:
            try:
                await self._write_to(source, asked)
            except ServiceError as error:
                # The notice is here all the same; writing to them was a kindness.
                log.info("a person cannot be written to: %s", error.code)
        return notice

    async def _write_to(self, source: str, asked: notices.PutNotice) -> None:
        known = await self._client.call(
            "community", community.ROLE_OF, community.RoleOf(asked.community_id, asked.person_id), timeout=_PATIENCE
        )
        if not known.member_id:
            return
        of = community.MemberOf(asked.community_id, known.member_id)
        member = await self._client.call("community", community.MEMBER, of, timeout=_PATIENCE)
        elsewhere = _NO_PLACE_FOR_IT | {asked.trouble_on}
        account = next((one for one in member.accounts if one.platform not in elsewhere), None)
        if account is None:
            return
        where = f" {self._public_url}{asked.link}" if self._public_url and asked.link else ""
        said = router.ActionsRequest(
            asked.community_id, router.Target(account=(account.platform, account.user_id)),
            f"notice:{source}:{asked.idempotency_key}", (Chat(f"{asked.text}{where}"),), private=True,
        )  # fmt: skip
        await self._client.call("router", router.ACT, said, timeout=_PATIENCE)

    async def forget_old(self) -> None:
        """For ever."""
        while True:
            await self.repository.forget(self._now() - KEPT)
            await asyncio.sleep(_SWEEP_SECONDS)


def notice_endpoints(told: Notices) -> Endpoints:
    """What other modules tell people with."""
    api = Endpoints()

    @api.offers(notices.NOTIFY)
    async def notify(asked: notices.PutNotice, caller: Caller) -> notices.Notice:
        return await told.put(caller.service, asked)

    @api.offers(notices.RESOLVE)
    async def resolve(asked: notices.NoticeAbout, caller: Caller) -> None:
        await told.repository.resolve(caller.service, asked.about)

    return api
