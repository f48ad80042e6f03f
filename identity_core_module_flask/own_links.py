"""What is linked with somebody, what is under way, and taking accounts away again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts import identity
from identity_core_module_flask.account_repository import AccountRepository
from identity_core_module_flask.link_repository import LinkRepository
from identity_core_module_flask.models import LinkRequest, OwnAccount, SeenAccount


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """Everything here is about one person's own accounts; `signing_in` are platforms with which people sign in."""

    accounts: AccountRepository
    requests: LinkRepository
    now: Callable[[], datetime] = utc_now
    signing_in: Collection[str] = ()

    async def person_of(self, account: SeenAccount) -> str | None:
        """Whose account it is."""
        return await self.accounts.person_of(account)

    async def person_for(self, account: SeenAccount) -> str:
        """Whose account it is; somebody new who has this one."""
        return await self.accounts.person_of(account) or await self.accounts.make_person(account, self.now())

    async def beside(self, account: SeenAccount) -> list[OwnAccount]:
        """All accounts of the person whose this account is; none for an account nobody linked."""
        person_id = await self.accounts.person_of(account)
        return await self.accounts.accounts(person_id) if person_id else []

    async def unlink(self, person_id: str, account: SeenAccount) -> None:
        """Take an account away; never the last one, nor the last way in."""
        await self.accounts.unlink(person_id, account, self.now(), self.signing_in)

    async def drop(self, person_id: str, request_id: str) -> None:
        """Call a request off."""
        await self.requests.drop(person_id, request_id)

    async def open_requests(self, person_id: str) -> list[tuple[LinkRequest, int]]:
        """Open requests with the minutes that are left."""
        now = self.now()
        found = await self.requests.requests(person_id, now)
        return [(request, max(1, round((request.expires_at - now).total_seconds() / 60))) for request in found]

    async def overview(self, person_id: str) -> identity.LinkList:
        """Linked accounts and open requests."""
        accounts = await self.accounts.accounts(person_id)
        requests = await self.requests.requests(person_id, self.now())
        return identity.LinkList(tuple(map(_linked, accounts)), tuple(map(_waiting, requests)))


def _linked(one: OwnAccount) -> identity.LinkedAccount:
    return identity.LinkedAccount(one.account.platform, one.account.user_id, one.account.name, one.verified_at)


def _waiting(request: LinkRequest) -> identity.WaitingLink:
    presented = request.presented.name if request.presented else ""
    return identity.WaitingLink(request.id, request.platform, request.expires_at, request.expected_name, presented)
