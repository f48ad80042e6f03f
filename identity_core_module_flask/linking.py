"""Linking accounts by code: who may begin, whose word is needed, and when it is done."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.datamodels import Role
from flask_core.errors import Conflict, InvalidInput, NotFound
from identity_core_module_flask.account_directory import PLATFORMS, AccountDirectory
from identity_core_module_flask.account_repository import AccountRepository
from identity_core_module_flask.codes import CodeLimits, as_typed, new_code
from identity_core_module_flask.link_repository import LinkRepository
from identity_core_module_flask.models import LinkRequest, SeenAccount
from identity_core_module_flask.tellings import Tellings

WRONG = "This code is wrong or too old."
TAKEN = "That account belongs to somebody else already. Nothing was linked."
KEPT = timedelta(days=30)


class Linking:
    """A link is made between two account ids that were observed, never between names that were typed."""

    def __init__(
        self,
        requests: LinkRepository,
        accounts: AccountRepository,
        directory: AccountDirectory,
        limits: CodeLimits,
        tellings: Tellings,
        *,
        keyed_hash: Callable[[str], str],
        minutes: int,
        portal_url: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.requests = requests
        self.accounts = accounts
        self._directory = directory
        self._limits = limits
        self._tellings = tellings
        self._keyed_hash = keyed_hash
        self.minutes = minutes
        self._portal_url = portal_url
        self._now = now

    async def begin_in_chat(self, source: SeenAccount, role: Role, platform: str, name: str) -> SeenAccount:
        """Send a code to the account that is meant; returns that account."""
        target = await self._directory.find(platform, name)
        if target.key == source.key:
            raise InvalidInput("That is this account.")
        person_id = await self.accounts.person_of(source)
        if person_id is not None and await self.accounts.person_of(target) == person_id:
            raise InvalidInput("Already linked.")
        await self._limits.making(_key(source), _key(target))
        now = self._now()
        person_id = person_id or await self.accounts.make_person(source, now)
        # Whoever has rights says once more that the other account shall have them.
        agrees = role < Role.MODERATOR and not await self.accounts.signs_in(person_id)
        request = LinkRequest(
            secrets.token_hex(8), person_id, platform, source, target.user_id, target.name, None, agrees, now,
            now + timedelta(minutes=self.minutes),
        )  # fmt: skip
        code = await self._open(request)
        await self._tellings.say_now(
            target,
            f"{source.place} wants to link with you. If that is you, answer !verify {code} within {self.minutes} min."
            " Ignore this if it was not you.",
            now,
            otherwise=(source, f"{target.place} did not get my code. Link in the portal: {self._portal_url}/me"),
        )
        return target

    async def begin_in_portal(self, person_id: str, platform: str) -> tuple[LinkRequest, str]:
        """A code to type on `platform`; whoever does is shown to the person, who has the last word."""
        if platform not in PLATFORMS:
            raise InvalidInput(f"Name one of these platforms: {', '.join(PLATFORMS)}.")
        await self._limits.making(person_id, "")
        now = self._now()
        request = LinkRequest(
            secrets.token_hex(8), person_id, platform, None, "", "", None, False, now,
            now + timedelta(minutes=self.minutes),
        )  # fmt: skip
        return request, await self._open(request)

    async def _open(self, request: LinkRequest) -> str:
        code = new_code()
        await self.requests.open_request(request, self._hash(code))
        return code

    async def verify(self, account: SeenAccount, channel: str, code: str, *, yes: bool) -> str:
        """What becomes of a code that `account` typed; only the ids that a trigger observed count."""
        await self._limits.trying(_key(account), channel)
        request = await self.requests.by_code(self._hash(as_typed(code)), self._now())
        if request is None or await self._limits.used_up(request.id) or not _may_type(request, account):
            await self._was_wrong(account, request)
            return WRONG
        await self._limits.was_right(_key(account))
        return await self._target_typed(request, account, yes=yes)

    async def _was_wrong(self, account: SeenAccount, request: LinkRequest | None) -> None:
        tried = [request.id] if request else await self.requests.waiting_for(account, self._now())
        for request_id in tried:
            await self._limits.was_wrong_for(request_id)

    async def _target_typed(self, request: LinkRequest, account: SeenAccount, *, yes: bool) -> str:
        other = request.source.place if request.source else await self._owner(request)
        if not yes:
            return (
                f"{other} gets everything that this account may do, and the other way round."
                " Do you want that? Send the same again with yes behind it."
            )
        if not await self.requests.presented(request.id, account):
            return WRONG
        if request.source_agrees:
            return await self.complete(request, account)
        if request.source is None:
            return "Now say yes on the page in the portal."
        asks = f"{account.place} typed your code and will get everything you may do. Say yes: !identity confirm"
        await self._tellings.say_now(request.source, asks, self._now())
        return f"Now {other} has to say yes, too."

    async def confirm_in_chat(self, source: SeenAccount) -> str:
        """The last word of the account that began."""
        person_id = await self.accounts.person_of(source)
        for request in await self.requests.requests(person_id or "", self._now()):
            if request.presented is not None and _is_source(request, source):
                return await self.complete(request, request.presented)
        return "Nobody waits for your yes."

    async def confirm(self, person_id: str, request_id: str) -> None:
        """The person's last word in the portal."""
        for request in await self.requests.requests(person_id, self._now()):
            if request.id == request_id and request.presented is not None:
                if await self.complete(request, request.presented) == TAKEN:
                    raise Conflict(TAKEN)
                return
        raise NotFound("Nobody typed that code yet, or its time is over.")

    async def complete(self, request: LinkRequest, account: SeenAccount) -> str:
        """Make the link; the sentence that tells how it ended."""
        if not await self.accounts.link(request, account, self._now()):
            if request.source is not None:
                await self._tellings.say_now(request.source, TAKEN, self._now())
            return TAKEN
        other = request.source.place if request.source else await self._owner(request)
        return f"Linked: {other} and {account.place}."

    async def _owner(self, request: LinkRequest) -> str:
        return await self.accounts.name_of(request.person_id)

    async def sweep(self) -> None:
        """Forget requests that are long over."""
        await self.requests.sweep(self._now() - KEPT)

    def _hash(self, code: str) -> str:
        return self._keyed_hash(f"link code {code}")


def _may_type(request: LinkRequest, account: SeenAccount) -> bool:
    if account.platform != request.platform:
        return False
    expected = request.expected or (request.presented.user_id if request.presented else account.user_id)
    return expected == account.user_id


def _is_source(request: LinkRequest, account: SeenAccount) -> bool:
    return request.source is not None and request.source.key == account.key


def _key(account: SeenAccount) -> str:
    return f"{account.platform}:{account.user_id}"
