"""What ai offers about tools: servers that speak the Model Context Protocol, what may be used of them, and by whom."""

from __future__ import annotations

from types import NoneType
from typing import Annotated, Any, Literal

import msgspec

from flask_core.contracts.ai import OfCommunity
from flask_core.datamodels import Role
from flask_core.operations import Operation, people

_SERVERS = "/api/v1/communities/{community_id}/mcp/servers"
_ONE = f"{_SERVERS}/{{name}}"
MOST_RESOURCES, MOST_RESOURCE_BYTES = 5, 32 * 1024

type ServerName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
type ToolRole = Literal["viewer", "subscriber", "regular", "vip", "moderator", "admin", "owner"]
type Url = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
type HeaderName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,60}$")]
type HeaderValue = Annotated[str, msgspec.Meta(max_length=2_000, pattern=r"^[\x20-\x7e]*$")]
type Headers = Annotated[dict[HeaderName, HeaderValue], msgspec.Meta(max_length=10)]


class ToolChoice(msgspec.Struct, frozen=True):
    """What was decided about a tool; a `suspended` one changed since."""

    tool: str
    allowed: bool
    role: ToolRole
    writes: bool
    note: str
    hash: str
    suspended: bool


class ServerView(msgspec.Struct, frozen=True):
    """A server; the operator's have no address here. Headers are told by name only."""

    name: str
    url: str
    header_names: tuple[str, ...]
    enabled: bool
    operators: bool
    version: int
    tools: tuple[ToolChoice, ...]
    resources: tuple[str, ...]


class ServerList(msgspec.Struct, frozen=True):
    """The community's, then the operator's."""

    items: tuple[ServerView, ...]


class AddServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A server to use, by its address for streamable HTTP."""

    community_id: int
    name: ServerName
    url: Url
    headers: Headers = {}
    enabled: bool = True


class ChangeServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is given is changed; headers are replaced as a whole."""

    community_id: int
    name: str
    version: int
    url: Url | None = None
    headers: Headers | None = None
    enabled: bool | None = None


class NamedServer(msgspec.Struct, frozen=True):
    """Names a server of a community."""

    community_id: int
    name: str


class ToolSeen(msgspec.Struct, frozen=True):
    """A tool as its server describes it; `hash` is of description and schema, `writes` what the server says of it."""

    name: str
    description: str
    input_schema: dict[str, Any]
    hash: str
    writes: bool
    usable: bool


class ResourceSeen(msgspec.Struct, frozen=True):
    """A resource that may be attached."""

    uri: str
    name: str
    description: str


class Probe(msgspec.Struct, frozen=True):
    """What a server says of itself."""

    server: str
    server_version: str
    tools: tuple[ToolSeen, ...]
    resources: tuple[ResourceSeen, ...]
    prompts: tuple[str, ...]


class PutTool(msgspec.Struct, frozen=True, omit_defaults=True):
    """Allow a tool as it was seen: `hash` is that of the probe."""

    community_id: int
    name: str
    tool: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    allowed: bool
    hash: Annotated[str, msgspec.Meta(max_length=64)]
    role: ToolRole = "viewer"
    writes: bool = False
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class PutResources(msgspec.Struct, frozen=True, omit_defaults=True):
    """Attach these to every question, instead of those before."""

    community_id: int
    name: str
    uris: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=500)], ...], msgspec.Meta(max_length=50)] = ()


_ADMINS = people(Role.ADMIN)
SERVERS = Operation("GET", _SERVERS, OfCommunity, ServerList, _ADMINS, "List servers of tools.")
ADD_SERVER = Operation("POST", _SERVERS, AddServer, ServerView, _ADMINS, "Add a server of tools.", status=201)
CHANGE_SERVER = Operation("PATCH", _ONE, ChangeServer, ServerView, _ADMINS, "Change a server of tools.")
DELETE_SERVER = Operation(
    "DELETE", _ONE, NamedServer, NoneType, _ADMINS, "Forget a server and what was allowed of it.", status=204
)
PROBE = Operation("POST", f"{_ONE}/probe", NamedServer, Probe, _ADMINS, "Ask a server what it has.")
PUT_TOOL = Operation("PUT", f"{_ONE}/tools/{{tool}}", PutTool, ToolChoice, _ADMINS, "Allow or forbid a tool.")
PUT_RESOURCES = Operation(
    "PUT", f"{_ONE}/resources", PutResources, ServerView, _ADMINS, "Choose what is attached to every question."
)
