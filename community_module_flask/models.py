"""What community keeps, as its services see it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import datetime

from community_module_flask.waiting import role_now
from flask_core.contracts.community import ContextCommunity, MemberStatus
from flask_core.datamodels import Account, Role


@dataclass(frozen=True, slots=True)
class Place:
    """A channel with the community it belongs to."""

    key: str
    community: ContextCommunity
    platform_roles: bool
    attached: bool
    version: int
    join_mode: str = "open"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the context needs it."""

    id: str
    community_id: int
    person_id: str | None
    name: str
    status: MemberStatus
    role: Role
    spoken: bool
    joined_at: datetime
    last_seen_at: datetime
    waits_as: int = Role.OWNER.value
    waits_until: datetime | None = None

    def role_at(self, now: datetime) -> Role:
        """The role that counts: an account that was linked a moment ago waits for more than it had."""
        return role_now(self.role.value, self.waits_as, self.waits_until, now)


@dataclass(frozen=True, slots=True)
class Founder:
    """Who makes a community: a person, an account that nobody linked yet, or both."""

    name: str
    person_id: str | None = None
    platform: str = ""
    account: Account | None = None

    @property
    def actor(self) -> str:
        """How the audit calls them."""
        return self.person_id or f"{self.platform}:{self.account.user_id if self.account else ''}"


def new_member_id() -> str:
    """An id that sorts by time and tells nothing else: 48 bits of milliseconds, 80 random bits."""
    return f"{int(time.time() * 1000):012x}{secrets.token_hex(10)}"
