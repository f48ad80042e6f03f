"""What community offers about coming in: joining and leaving, requests, invitations, and letting people in."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from flask_core.contracts.community import CommunityId, Member, MemberOf, MemberStatus
from flask_core.datamodels import Role
from flask_core.operations import Operation, people, signed_in

OFFERED_BY = "community"

MESSAGE_LENGTH, REASON_LENGTH = 300, 300
MOST_USES, MOST_SECONDS = 1_000, 30 * 86_400

RequestState = Literal["open", "accepted", "denied"]


class JoinCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Come in, or ask to; `message` is for the moderators, where they decide."""

    community_id: int
    message: str = ""


class Joined(msgspec.Struct, frozen=True, omit_defaults=True):
    """`active` for who is in now, `pending` with the number of the request for who has to wait."""

    status: MemberStatus
    request_id: int = 0


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How somebody stands to a community; `status` is None for who was never seen there.

    `asked_at` belongs to an open request; after a refusal `again_at` says when one may ask again, and `reason` why.
    """

    status: MemberStatus | None = None
    role: Role = Role.VIEWER
    request_id: int = 0
    asked_at: datetime | None = None
    again_at: datetime | None = None
    reason: str = ""
    invited: bool = False


JOIN = Operation(
    "POST", "/api/v1/communities/{community_id}/join", JoinCommunity, Joined, people(Role.VIEWER),
    "Come into a community, or ask to.",
)  # fmt: skip
LEAVE = Operation(
    "POST", "/api/v1/communities/{community_id}/leave", CommunityId, NoneType, people(Role.VIEWER),
    "Leave a community, or take back the request.", status=204,
)  # fmt: skip
STANDING = Operation(
    "GET", "/api/v1/communities/{community_id}/standing", CommunityId, Standing, people(Role.VIEWER),
    "Tell how the caller stands to a community.",
)  # fmt: skip


class ListRequests(msgspec.Struct, frozen=True):
    """A page of requests of one state: open ones oldest first, decided ones newest first."""

    community_id: int
    state: RequestState = "open"
    page: int = 1
    per_page: int = 25


class JoinRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody asks to come in; `platform` is where they were seen, "portal" for who asked there."""

    id: int
    member_id: str
    name: str
    message: str
    platform: str
    state: RequestState
    asked_at: datetime
    decided_at: datetime | None = None
    reason: str = ""


class RequestPage(msgspec.Struct, frozen=True):
    """One page of requests."""

    items: tuple[JoinRequest, ...]
    page: int
    per_page: int
    total: int


class Decide(msgspec.Struct, frozen=True, omit_defaults=True):
    """Let somebody in, or refuse them for seven days."""

    community_id: int
    id: int
    accept: bool
    reason: Annotated[str, Meta(max_length=REASON_LENGTH)] = ""


REQUESTS = Operation(
    "GET", "/api/v1/communities/{community_id}/requests", ListRequests, RequestPage, people(Role.MODERATOR),
    "List who asks to come in.",
)  # fmt: skip
DECIDE = Operation(
    "POST", "/api/v1/communities/{community_id}/requests/{id}", Decide, Member, people(Role.MODERATOR),
    "Accept or refuse a request.",
)  # fmt: skip


class RemoveMember(msgspec.Struct, frozen=True, omit_defaults=True):
    """Take a member out; the row stays, so that a return keeps the id."""

    community_id: int
    member_id: str
    reason: Annotated[str, Meta(max_length=REASON_LENGTH)] = ""


ADD = Operation(
    "POST", "/api/v1/communities/{community_id}/members/{member_id}/admission", MemberOf, Member,
    people(Role.MODERATOR), "Let a guest in, or ask somebody who left to come back.",
)  # fmt: skip
REMOVE = Operation(
    "DELETE", "/api/v1/communities/{community_id}/members/{member_id}", RemoveMember, NoneType,
    people(Role.MODERATOR), "Remove a member.", status=204,
)  # fmt: skip


class MakeInvitation(msgspec.Struct, frozen=True, omit_defaults=True):
    """An invitation with a link, or one without for `member_id` alone; `seconds` 0 means as long as usual."""

    community_id: int
    role: Role = Role.VIEWER
    uses: int = 1
    seconds: int = 0
    member_id: str = ""


class Invitation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A live invitation; `member` is who alone may use it, "" for whoever has the link."""

    id: int
    role: Role
    uses: int
    max_uses: int
    invited_by: str
    expires_at: datetime
    member: str = ""


class NewInvitation(msgspec.Struct, frozen=True, omit_defaults=True):
    """`token` ends the address `/i/…`; it is told this once. One for a member has none: joining is enough."""

    invitation: Invitation
    token: str = ""


class InvitationPage(msgspec.Struct, frozen=True):
    """Live invitations, newest first; there are never more than a hundred."""

    items: tuple[Invitation, ...]


class InvitationOf(msgspec.Struct, frozen=True):
    """An invitation of a community."""

    community_id: int
    id: int


class InvitationToken(msgspec.Struct, frozen=True):
    """What stands at the end of a link."""

    token: Annotated[str, Meta(max_length=100)]


class Invited(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an invitation is to: shown before somebody accepts it. `status` is how they stand there already."""

    community_id: int
    name: str
    description: str
    role: Role
    invited_by: str
    expires_at: datetime
    status: MemberStatus | None = None


INVITATIONS = Operation(
    "GET", "/api/v1/communities/{community_id}/invitations", CommunityId, InvitationPage, people(Role.MODERATOR),
    "List live invitations.",
)  # fmt: skip
INVITE = Operation(
    "POST", "/api/v1/communities/{community_id}/invitations", MakeInvitation, NewInvitation, people(Role.MODERATOR),
    "Invite with a role below the caller's own.", status=201,
)  # fmt: skip
END_INVITATION = Operation(
    "DELETE", "/api/v1/communities/{community_id}/invitations/{id}", InvitationOf, NoneType, people(Role.MODERATOR),
    "End an invitation.", status=204,
)  # fmt: skip
LOOK_INTO = Operation(
    "GET", "/api/v1/invitations/{token}", InvitationToken, Invited, signed_in(), "Show what an invitation is to."
)
ACCEPT = Operation(
    "POST", "/api/v1/invitations/{token}/accept", InvitationToken, CommunityId, signed_in(), "Accept an invitation."
)
