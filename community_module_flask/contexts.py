"""Answers the first question about every event: which community is this, and who is speaking?"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from community_module_flask.context_repository import SEEN_EVERY, ContextRepository
from community_module_flask.models import MemberRow, Place
from flask_core.auth import utc_now
from flask_core.contracts.community import (
    GLOBAL_COMMUNITY,
    ChannelChanged,
    Context,
    ContextAnswer,
    ContextChannel,
    ContextItem,
    ContextMember,
    ContextRequest,
    MemberStatus,
)
from flask_core.contracts.identity import FoundPerson
from flask_core.datamodels import Account, Role
from flask_core.errors import InvalidInput, ServiceError, TooLarge, TooMany

CHANNEL_SECONDS, MEMBER_SECONDS = 300.0, 60.0
MOST_AT_ONCE = 100
MOST_IN_FLIGHT = 200
_REMEMBERED = 50_000
_PERSON_SECONDS = 0.2


class People(Protocol):
    """Which person is behind an account?"""

    async def person_of(self, platform: str, user_id: str) -> FoundPerson:
        """The person, empty for an account nobody linked; raises a ServiceError when identity is away."""


class Remembered[V]:
    """A bounded memory with one life time."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[object, tuple[float, V]] = OrderedDict()

    def get(self, key: object) -> V | None:
        """The value, while it is fresh."""
        kept = self._kept.get(key)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def put(self, key: object, value: V) -> None:
        """Remember, and forget the oldest when there are too many."""
        self._kept[key] = (self._clock() + self._seconds, value)
        self._kept.move_to_end(key)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    def forget(self, concerns: Callable[[object, V], bool]) -> None:
        """Drop what `concerns` says yes to."""
        for key in [key for key, (_, value) in self._kept.items() if concerns(key, value)]:
            del self._kept[key]


class Contexts:
    """Up to 100 questions at once; what changed is forgotten by `forget_…`."""

    def __init__(
        self,
        repository: ContextRepository,
        people: People,
        *,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._repository = repository
        self._people = people
        self._now = now
        self._places: Remembered[Place] = Remembered(CHANNEL_SECONDS, clock)
        self._members: Remembered[MemberRow] = Remembered(MEMBER_SECONDS, clock)
        self._in_flight = 0

    async def answer(self, asked: ContextRequest) -> ContextAnswer:
        """One context per question. Raises TooMany above 200 calls in flight."""
        if not asked.items:
            raise InvalidInput("Ask for 1 to 100 contexts.")
        if len(asked.items) > MOST_AT_ONCE:
            raise TooLarge("Ask for 1 to 100 contexts.")
        if self._in_flight >= MOST_IN_FLIGHT:
            raise TooMany("Too many questions at once.", retry_after=1)
        self._in_flight += 1
        try:
            places = await self._find_places({item.channel for item in asked.items})
            return ContextAnswer(tuple([await self._one(places[item.channel], item) for item in asked.items]))
        finally:
            self._in_flight -= 1

    async def _find_places(self, keys: set[str]) -> dict[str, Place]:
        known = {key: place for key in keys if (place := self._places.get(key)) is not None}
        missing = [key for key in keys if key not in known]
        if missing:
            found = await self._repository.places(missing)
            for key, place in found.items():
                self._places.put(key, place)
            known.update(found)
        return known

    async def _one(self, place: Place, item: ContextItem) -> Context:
        channel = ContextChannel(place.key, place.attached, place.platform_roles, place.version)
        if item.account is None or not item.account.user_id:
            return Context(channel, place.community)
        if place.community.id == GLOBAL_COMMUNITY:
            # The global community has no member list: a visitor is known by account alone.
            platform = place.key.partition(":")[0]
            return Context(channel, place.community, ContextMember(f"{platform}:{item.account.user_id}"))
        member, degraded = await self._member(place, item)
        first = not member.spoken and await self._repository.speak_first(member.id)
        if first:
            self._remember(place, item.account, member)
        return Context(channel, place.community, _as_answer(member, self._now(), first=first), degraded)

    async def _member(self, place: Place, item: ContextItem) -> tuple[MemberRow, tuple[str, ...]]:
        account = item.account
        assert account is not None
        platform = place.key.partition(":")[0]
        key = (place.community.id, platform, account.user_id)
        member = self._members.get(key)
        degraded: tuple[str, ...] = ()
        if member is None:
            member = await self._repository.member(place.community.id, platform, account.user_id)
            if member is None:
                member, degraded = await self._welcome(
                    place.community.id, platform, account, _status_of(place, account)
                )
            self._members.put(key, member)
            seen_at = item.seen_at or self._now()
            if seen_at - member.last_seen_at > SEEN_EVERY or member.name != account.name:
                await self._repository.seen(
                    member.id, account.name, max(seen_at, member.last_seen_at + timedelta(microseconds=1))
                )
        return member, degraded

    async def member_of(self, community_id: int, platform: str, account: Account, *, make: bool = True) -> str:
        """The id of the member behind an account; one that never wrote here is made a guest, or has none: ""."""
        known = await self._repository.member(community_id, platform, account.user_id)
        if known is None and not make:
            return ""
        if known is None:
            known, _ = await self._welcome(community_id, platform, account, "guest")
        return known.id

    async def _welcome(
        self, community_id: int, platform: str, account: Account, status: MemberStatus
    ) -> tuple[MemberRow, tuple[str, ...]]:
        person, degraded = FoundPerson(), ()
        try:
            async with asyncio.timeout(_PERSON_SECONDS):
                person = await self._people.person_of(platform, account.user_id)
        except (ServiceError, TimeoutError):
            degraded = ("identity",)  # type: ignore[assignment]
        member = await self._repository.welcome(community_id, platform, account, person, self._now(), status)
        return member, degraded

    def _remember(self, place: Place, account: Account, member: MemberRow) -> None:
        """The next question about this member must not ask the database who spoke first."""
        platform = place.key.partition(":")[0]
        self._members.forget(lambda key, value: value.id == member.id)
        self._members.put((place.community.id, platform, account.user_id), replace(member, spoken=True))

    def forget_member(self, community_id: int, member_id: str, accounts: Sequence[tuple[str, str]] = ()) -> None:
        """A member's role, status, person or accounts changed; an account may have been another member's before."""
        moved = {(community_id, platform, user_id) for platform, user_id in accounts}
        self._members.forget(lambda key, member: member.id == member_id or key in moved)

    def forget_channel(self, changed: ChannelChanged) -> None:
        """A channel, or all of a server, was attached, detached or set up differently."""
        self._places.forget(lambda key, _: changed.concerns(str(key)))

    def forget_community(self, community_id: int) -> None:
        """A community's texts or settings changed; its guests are members when everybody may come in."""
        self._places.forget(lambda _, place: place.community.id == community_id)
        self._members.forget(lambda _, member: member.community_id == community_id)

    def forget_all(self) -> None:
        """Messages may have been missed: anything may have changed."""
        self._places.forget(lambda *_: True)
        self._members.forget(lambda *_: True)


def _status_of(place: Place, account: Account) -> MemberStatus:
    """What somebody is who writes for the first time; who moderates the channel for its platform is no guest there."""
    moderates = place.platform_roles and account.platform_role >= Role.MODERATOR
    return "active" if place.join_mode == "open" or moderates else "guest"


def _as_answer(member: MemberRow, now: datetime, *, first: bool) -> ContextMember:
    return ContextMember(
        id=member.id,
        status=member.status,
        assigned_role=member.role_at(now),
        person_id=member.person_id,
        joined_at=member.joined_at,
        first_seen_at=member.joined_at,
        first_message=first,
    )
