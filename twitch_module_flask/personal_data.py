"""What twitch holds about people and communities, told and erased, here and at Twitch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.datamodels import Event, Platform
from flask_core.personal_data import PersonalDataKeeper
from flask_core.spool import SpoolRepository
from twitch_module_flask import personal_repository as rows
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.leaving import Leaving

KEPT = (
    "your connected Twitch account, with what you allowed", "your channel and its settings",
    "whether you moderate or are a VIP in a connected channel", "what you connected and changed, for 400 days",
    "what you wrote, for a day at most, while it cannot be handed on",
)  # fmt: skip


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by Twitch's user id; who connected something, by person."""

    def __init__(
        self, database: AsyncDAL, accounts: AccountRepository, spool: SpoolRepository, leaving: Leaving,
        now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self._database = database
        self._accounts = accounts
        self._spool = spool
        self._leaving = leaving
        self._now = now

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """All rows of the person's Twitch accounts, and what the person connected or changed."""
        ids = _ids(asked)
        return module.PersonData(await self._database.read(lambda tx: rows.export(tx, ids, asked.person_id)))

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """Tokens go back to Twitch. Raises Unavailable while it does not answer; the next call goes on."""
        ids = _ids(asked)
        spooled = await self._spool.drop(lambda event: _says(event, ids)) if ids else 0
        gone = await self._leaving.person(ids)
        counts, acted = await self._database.write(lambda tx: rows.erase(tx, ids, asked.person_id))
        kept = {"audit": "who changed how a channel is read, for 400 days, by an id that names nobody"} if acted else {}
        return module.Receipt({**gone, **counts, "spool": spooled}, kept)

    async def merge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Its channels, accounts and bots, at Twitch too. Raises Unavailable as `erase` does."""
        keys = {one.key for one in await self._accounts.channels(community_id)}
        spooled = await self._spool.drop(lambda event: event.channel in keys) if keys else 0
        gone = {**await self._leaving.community(community_id), "spool": spooled}
        left = await self._database.write(
            lambda tx: rows.erase_community(tx, community_id, "community", gone, self._now())
        )
        return module.Receipt({**gone, **left})


def _ids(asked: module.PersonAccounts) -> list[str]:
    return [user_id for platform, user_id in asked.accounts if platform == Platform.TWITCH]


def _says(event: Event, ids: list[str]) -> bool:
    return event.account is not None and event.account.user_id in ids
