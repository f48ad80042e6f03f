"""The rules of ai."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flask_core.datamodels import GivenMember, MemberRef
from flask_core.errors import Forbidden


class Repository(Protocol):
    """Where points are kept."""

    async def of(self, community_id: int, who: str) -> int:
        """The points of somebody."""

    async def add(self, community_id: int, who: str, points: int) -> int:
        """Add points; returns the new sum."""


@dataclass(frozen=True, slots=True)
class Ai:
    """Points per community and member."""

    repository: Repository

    async def of(self, community_id: int, member: GivenMember) -> int:
        """How many points somebody has."""
        return await self.repository.of(community_id, _key(member))

    async def give(self, community_id: int, member: GivenMember, *, by: MemberRef) -> int:
        """Give a point to somebody else. Raises Forbidden for oneself."""
        if member.member_id == by.id or member.name.casefold() == by.name.casefold():
            raise Forbidden("Points are given to others.")
        return await self.repository.add(community_id, _key(member), 1)


def _key(member: GivenMember) -> str:
    """The member where somebody is known by the name, else the name itself, ignoring case."""
    return member.member_id or f"@{member.name.casefold()}"
