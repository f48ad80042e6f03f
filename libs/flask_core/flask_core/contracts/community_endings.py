"""What community offers to owners who part with a community: handing it over, deleting it, bringing it back."""

from __future__ import annotations

from datetime import datetime
from types import NoneType

import msgspec

from flask_core.contracts.community import Community, CommunityId
from flask_core.datamodels import Role
from flask_core.operations import Operation, people, signed_in


class DeleteCommunity(msgspec.Struct, frozen=True):
    """The short name, typed again, says that it is meant."""

    community_id: int
    slug: str


class RestoreCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """`name` is another name, for a community whose own was taken meanwhile."""

    community_id: int
    name: str = ""


class Deleted(msgspec.Struct, frozen=True):
    """A deleted community that can be brought back before `until`."""

    id: int
    slug: str
    name: str
    deleted_at: datetime
    until: datetime


class DeletedList(msgspec.Struct, frozen=True):
    """The last deleted first; how many `days` one can be brought back."""

    items: tuple[Deleted, ...]
    days: int


class Nothing(msgspec.Struct, frozen=True):
    """No questions."""


DELETE = Operation(
    "DELETE", "/api/v1/communities/{community_id}", DeleteCommunity, Deleted, people(Role.OWNER), "Delete a community."
)
RESTORE = Operation(
    "POST", "/api/v1/communities/{community_id}/restore", RestoreCommunity, Community, signed_in(),
    "Bring a deleted community of one's own back.",
)  # fmt: skip
DELETED = Operation(
    "GET", "/api/v1/deleted-communities", Nothing, DeletedList, signed_in(), "List deleted communities of one's own."
)


class Transfer(msgspec.Struct, frozen=True):
    """A community that is being handed over to a member; done as soon as both agreed."""

    id: int
    community_id: int
    member_id: str
    name: str
    owner_name: str
    expires_at: datetime
    owner_agreed: bool
    member_agreed: bool

    @property
    def done(self) -> bool:
        """Whether the member is the owner now."""
        return self.owner_agreed and self.member_agreed


class OpenTransfer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The transfer that is under way, for those whom it concerns; `mine` says that the caller is to become owner."""

    transfer: Transfer | None = None
    mine: bool = False


class BeginTransfer(msgspec.Struct, frozen=True):
    """The short name, typed again, is the owner's word; the member's is asked for."""

    community_id: int
    member_id: str
    slug: str


class TransferOf(msgspec.Struct, frozen=True):
    """A transfer of a community."""

    community_id: int
    transfer_id: int


TRANSFER = Operation(
    "POST", "/api/v1/communities/{community_id}/transfer", BeginTransfer, Transfer, people(Role.OWNER),
    "Begin to hand a community over.", status=201,
)  # fmt: skip
OPEN_TRANSFER = Operation(
    "GET", "/api/v1/communities/{community_id}/transfer", CommunityId, OpenTransfer, people(Role.VIEWER),
    "Show the transfer that is under way to the two whom it concerns.",
)  # fmt: skip
ACCEPT_TRANSFER = Operation(
    "POST", "/api/v1/communities/{community_id}/transfer/{transfer_id}/accept", TransferOf, Transfer,
    people(Role.VIEWER), "Agree to a transfer, as its owner or as the member named.",
)  # fmt: skip
CALL_OFF_TRANSFER = Operation(
    "DELETE", "/api/v1/communities/{community_id}/transfer/{transfer_id}", TransferOf, NoneType, people(Role.VIEWER),
    "Call a transfer off, as its owner or as the member named.", status=204,
)  # fmt: skip
