"""What community offers: the working context of events, communities, channels, members and roles."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from flask_core.datamodels import Account, Platform, Role
from flask_core.operations import Operation, any_service, people, services, signed_in

GLOBAL_COMMUNITY = 1

MemberStatus = Literal["guest", "pending", "active", "left", "banned"]
_GUESTS: frozenset[MemberStatus] = frozenset({"guest", "pending", "left"})


class ContextItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question: which community is this channel's, and who is this account there?"""

    channel: str
    account: Account | None = None
    seen_at: datetime | None = None


class ContextRequest(msgspec.Struct, frozen=True):
    """1 to 100 questions."""

    items: tuple[ContextItem, ...]


class ContextCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The tenant; id 1 is the global community of channels that are attached nowhere."""

    id: int
    slug: str
    name: str
    locale: str = "en"
    time_zone: str = "UTC"
    version: int = 1
    status: Literal["active", "deleted"] = "active"


class ContextChannel(msgspec.Struct, frozen=True, omit_defaults=True):
    """The channel; `platform_roles` says whether the platform's roles count here."""

    key: str
    known: bool = True
    platform_roles: bool = True
    settings_version: int = 1
    settings: dict[str, Any] = {}


class ContextMember(msgspec.Struct, frozen=True, omit_defaults=True):
    """The speaker; `first_message` is true exactly once per member, also over replicas."""

    id: str
    status: MemberStatus = "active"
    assigned_role: Role = Role.VIEWER
    person_id: str | None = None
    labels: tuple[str, ...] = ()
    joined_at: datetime | None = None
    first_seen_at: datetime | None = None
    first_message: bool = False

    @property
    def guest(self) -> bool:
        """Whether somebody writes here without being in: what every viewer may, and neither points nor lists."""
        return self.status in _GUESTS


class Context(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer; `degraded` names modules that were away while it was put together."""

    channel: ContextChannel
    community: ContextCommunity
    member: ContextMember | None = None
    degraded: tuple[str, ...] = ()


class ContextAnswer(msgspec.Struct, frozen=True):
    """One context per question, in the same order."""

    items: tuple[Context, ...]


CONTEXT = Operation(
    "POST", "/api/v1/context", ContextRequest, ContextAnswer,
    services("router", "twitch", "discord", "slack", "portal"),
    "Tell the community, channel and member of up to 100 channel and account pairs.", express=True,
)  # fmt: skip

TOPIC_MEMBER = "member.changed"
TOPIC_CHANNEL = "channel.changed"
TOPIC_COMMUNITY = "community.changed"


class MemberChanged(msgspec.Struct, frozen=True, omit_defaults=True):
    """Published after commit; `accounts` are (platform, user id) pairs of the member."""

    community_id: int
    member_id: str
    accounts: tuple[tuple[str, str], ...] = ()
    person_id: str | None = None


class ChannelChanged(msgspec.Struct, frozen=True):
    """Published after commit; `platform:server:*` are all channels of a server."""

    channel: str

    def concerns(self, key: str) -> bool:
        """Whether the channel `key` may be another community's now."""
        return key.startswith(self.channel[:-1]) if self.channel.endswith(":*") else key == self.channel


class CommunityChanged(msgspec.Struct, frozen=True):
    """Published after commit."""

    community_id: int


class CommunityId(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class Community(msgspec.Struct, frozen=True, omit_defaults=True):
    """A community as those see it who may; one with `deleted_at` can be read, not changed."""

    id: int
    slug: str
    name: str
    description: str = ""
    kind: str = "other"
    locale: str = "en"
    time_zone: str = "UTC"
    join_mode: Literal["open", "approval", "invite"] = "open"
    public: bool = True
    version: int = 1
    members: int = 0
    channels: int = 0
    role: Role | None = None
    created_at: datetime | None = None
    deleted_at: datetime | None = None


class CommunityList(msgspec.Struct, frozen=True):
    """Communities, the caller's own first."""

    items: tuple[Community, ...]


class ListCommunities(msgspec.Struct, frozen=True):
    """`q` searches public ones; empty means the caller's own."""

    q: str = ""


class CreateCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new community; the caller becomes its owner. `slug` is made from the name when empty."""

    name: str
    slug: str = ""
    description: str = ""
    kind: Literal["creator", "gaming", "corporate", "interest", "other"] = "other"
    locale: str = "en"
    time_zone: str = "UTC"


class PatchCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields that are None stay as they are; an older `version` is stale."""

    community_id: int
    version: int
    name: str | None = None
    description: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    join_mode: Literal["open", "approval", "invite"] | None = None
    public: bool | None = None


LIST = Operation("GET", "/api/v1/communities", ListCommunities, CommunityList, signed_in(), "List communities.")
CREATE = Operation(
    "POST", "/api/v1/communities", CreateCommunity, Community, signed_in(), "Create a community.", status=201
)
GET = Operation(
    "GET", "/api/v1/communities/{community_id}", CommunityId, Community, signed_in() | any_service(),
    "Show a community.",
)  # fmt: skip
PATCH = Operation(
    "PATCH", "/api/v1/communities/{community_id}", PatchCommunity, Community, people(Role.ADMIN), "Change a community."
)


class Channel(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attached channel."""

    key: str
    community_id: int
    name: str = ""
    platform_roles: bool = True
    enabled: bool = True
    version: int = 1


class ChannelList(msgspec.Struct, frozen=True):
    """Attached channels."""

    items: tuple[Channel, ...]


class AttachChannel(msgspec.Struct, frozen=True, omit_defaults=True):
    """Attach a channel; `proof` names how control was proved (`connected`, or an attach code)."""

    community_id: int
    key: str
    name: str = ""
    proof: str = "connected"


class ChannelOf(msgspec.Struct, frozen=True):
    """A channel of a community."""

    community_id: int
    key: str


CHANNELS = Operation(
    "GET", "/api/v1/communities/{community_id}/channels", CommunityId, ChannelList,
    people(Role.MODERATOR) | any_service(), "List attached channels.",
)  # fmt: skip
ATTACH = Operation(
    "POST", "/api/v1/communities/{community_id}/channels", AttachChannel, Channel,
    people(Role.ADMIN) | services("portal", "twitch", "slack", "discord"), "Attach a channel whose control was proved.",
    status=201,
)  # fmt: skip
DETACH = Operation(
    "DELETE", "/api/v1/communities/{community_id}/channels/{key}", ChannelOf, NoneType, people(Role.ADMIN),
    "Detach a channel.", status=204,
)  # fmt: skip


class PlatformChannels(msgspec.Struct, frozen=True):
    """The channels of one platform, for its trigger."""

    platform: str


TRIGGER_CHANNELS = Operation(
    "GET", "/api/v1/channels", PlatformChannels, ChannelList, services("twitch", "discord", "slack", "portal"),
    "List all attached channels of a platform.",
)  # fmt: skip


class ListMembers(msgspec.Struct, frozen=True):
    """A page of members; `q` matches names, `role` and `status` filter."""

    community_id: int
    q: str = ""
    role: str = ""
    status: str = ""
    page: int = 1
    per_page: int = 25


class MemberAccount(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account of a member; `user_id` is empty for callers below moderator."""

    platform: str
    user_id: str = ""
    login: str = ""
    display_name: str = ""


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """A member as lists and pages show it."""

    id: str
    name: str
    status: MemberStatus
    role: Role
    accounts: tuple[MemberAccount, ...] = ()
    person_id: str | None = None
    joined_at: datetime | None = None
    last_seen_at: datetime | None = None


class MemberPage(msgspec.Struct, frozen=True):
    """One page of members."""

    items: tuple[Member, ...]
    page: int
    per_page: int
    total: int


class MemberOf(msgspec.Struct, frozen=True):
    """A member of a community."""

    community_id: int
    member_id: str


class SetRole(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new assigned role."""

    community_id: int
    member_id: str
    role: Role
    reason: str = ""


class RaiseAccount(msgspec.Struct, frozen=True):
    """An account that was never seen here becomes a member called `name`; nobody's role becomes lower."""

    community_id: int
    platform: Platform
    user_id: Annotated[str, Meta(min_length=1, max_length=128)]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    role: Role


class Raised(msgspec.Struct, frozen=True):
    """The member as they are now, and the role before."""

    member: Member
    before: Role


class Ban(msgspec.Struct, frozen=True, omit_defaults=True):
    """A community-wide ban; `seconds` 0 means without end."""

    community_id: int
    member_id: str
    reason: str = ""
    seconds: int = 0


MEMBERS = Operation(
    "GET", "/api/v1/communities/{community_id}/members", ListMembers, MemberPage, people(Role.VIEWER), "List members."
)
MEMBER = Operation(
    "GET", "/api/v1/communities/{community_id}/members/{member_id}", MemberOf, Member,
    people(Role.VIEWER) | any_service(), "Show a member.",
)  # fmt: skip
SET_ROLE = Operation(
    "PUT", "/api/v1/communities/{community_id}/members/{member_id}/role", SetRole, Member, people(Role.ADMIN),
    "Assign a role below the caller's own.",
)  # fmt: skip
RAISE_ACCOUNT = Operation(
    "PUT", "/api/v1/communities/{community_id}/accounts/{platform}/{user_id}/role", RaiseAccount, Raised,
    people(Role.ADMIN), "Assign at least a role below the caller's own to an account.",
)  # fmt: skip
BAN = Operation(
    "POST", "/api/v1/communities/{community_id}/bans", Ban, Member, people(Role.MODERATOR), "Ban a member.", status=201
)
UNBAN = Operation(
    "DELETE", "/api/v1/communities/{community_id}/bans/{member_id}", MemberOf, NoneType, people(Role.MODERATOR),
    "Lift a ban.", status=204,
)  # fmt: skip


class RoleOf(msgspec.Struct, frozen=True):
    """A person in a community."""

    community_id: int
    person_id: str


class PersonRole(msgspec.Struct, frozen=True, omit_defaults=True):
    """The assigned role, and the role in the portal (moderator when a platform says so); the member id if any.

    Of a community that `ended` everything can be read and nothing changed.
    """

    assigned: Role
    portal: Role
    member_id: str = ""
    banned: bool = False
    ended: bool = False


ROLE_OF = Operation(
    "GET", "/api/v1/communities/{community_id}/roles/{person_id}", RoleOf, PersonRole, any_service(),
    "Tell a person's role, for another module's own check.",
)  # fmt: skip


class AccountOf(msgspec.Struct, frozen=True):
    """An account in a community."""

    community_id: int
    platform: str
    user_id: str


class AccountRole(msgspec.Struct, frozen=True, omit_defaults=True):
    """The role by assignment or by what a platform showed lately, and the member with all accounts that speak for it.

    An account that never spoke here is a viewer without a member.
    """

    role: Role = Role.VIEWER
    member_id: str = ""
    accounts: tuple[MemberAccount, ...] = ()


ROLE_OF_ACCOUNT = Operation(
    "GET", "/api/v1/communities/{community_id}/accounts/{platform}/{user_id}", AccountOf, AccountRole, any_service(),
    "Tell the role of an account, and which other accounts are the same member's.",
)  # fmt: skip


class PlatformRole(msgspec.Struct, frozen=True):
    """A role seen on a platform; `role` viewer takes it away."""

    channel: str
    user_id: str
    role: Role


PLATFORM_ROLES = Operation(
    "PUT", "/api/v1/platform-roles", PlatformRole, NoneType, services("twitch", "discord", "slack"),
    "Remember a role that a platform showed.", status=204,
)  # fmt: skip


class LinkPeople(msgspec.Struct, frozen=True, omit_defaults=True):
    """Accounts that turned out to be one person's; idempotent by `merge_id`.

    `founding`: the person was made of the account, so nobody gets anything that they did not have.
    """

    merge_id: str
    person_id: str
    accounts: tuple[tuple[str, str], ...]
    founding: bool = False


LINK = Operation(
    "POST", "/api/v1/members/merge", LinkPeople, NoneType, services("identity"), "Join the members of one person.",
    status=204,
)  # fmt: skip
UNLINK = Operation(
    "POST", "/api/v1/members/unmerge", LinkPeople, NoneType, services("identity"), "Part joined members again.",
    status=204,
)  # fmt: skip
