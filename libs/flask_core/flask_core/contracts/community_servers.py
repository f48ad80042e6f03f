"""What community offers about whole servers: a Discord guild or a Slack workspace that covers its channels."""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Literal

import msgspec

from flask_core.contracts.community import CommunityId
from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, people, services

type ServerPlatform = Literal["discord", "slack"]
Whole = Literal["", "mine", "other"]
"""Whether all of a server belongs to a community: to nobody, to this one, or to another."""
_ServerId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,128}$")]


class Server(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attached server; channels that are attached by themselves are not covered by it."""

    platform: str
    server_id: str
    community_id: int
    name: str = ""

    @property
    def channels(self) -> str:
        """How news of all its channels are written."""
        return f"{self.platform}:{self.server_id}:*"


def whole_of(owner: int, community_id: int) -> Whole:
    """As `community_id` sees it that all of a server is `owner`'s; 0 is nobody."""
    return "" if not owner else "mine" if owner == community_id else "other"


class ServerList(msgspec.Struct, frozen=True):
    """Attached servers."""

    items: tuple[Server, ...]


class AttachServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A server whose control the platform's module has seen proved."""

    community_id: int
    platform: ServerPlatform
    server_id: _ServerId
    name: str = ""


class ServerOf(msgspec.Struct, frozen=True):
    """A server of a community."""

    community_id: int
    platform: ServerPlatform
    server_id: _ServerId


class PlatformServers(msgspec.Struct, frozen=True):
    """The servers of one platform, for its module."""

    platform: ServerPlatform


SERVERS = Operation(
    "GET", "/api/v1/communities/{community_id}/servers", CommunityId, ServerList,
    people(Role.MODERATOR) | any_service(), "List attached servers.",
)  # fmt: skip
ATTACH_SERVER = Operation(
    "POST", "/api/v1/communities/{community_id}/servers", AttachServer, Server, services("discord", "slack"),
    "Attach a server whose control was proved.", status=201,
)  # fmt: skip
DETACH_SERVER = Operation(
    "DELETE", "/api/v1/communities/{community_id}/servers/{platform}/{server_id}", ServerOf, NoneType,
    people(Role.ADMIN), "Detach a server; its channels that are attached by themselves stay.", status=204,
)  # fmt: skip
PLATFORM_SERVERS = Operation(
    "GET", "/api/v1/servers", PlatformServers, ServerList, services("discord", "slack", "portal"),
    "List all attached servers of a platform.",
)  # fmt: skip
