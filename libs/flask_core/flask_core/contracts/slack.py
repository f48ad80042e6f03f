"""What slack offers: installing workspaces, their channels and settings, the manifest, the health tile."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, Literal

import msgspec

from flask_core.contracts.community_servers import Whole
from flask_core.contracts.people_facts import Holders, UserList
from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, no_keys, operators, people, services, signed_in


class StartInstall(msgspec.Struct, frozen=True, omit_defaults=True):
    """Install the app in a workspace for a community; 0 attaches it to none yet (operators)."""

    community_id: int = 0


class InstallUrl(msgspec.Struct, frozen=True):
    """Where Slack asks the person; good once, within ten minutes."""

    url: str


class FinishInstall(msgspec.Struct, frozen=True):
    """What Slack sent back to the redirect address."""

    state: str
    code: str


class Installed(msgspec.Struct, frozen=True):
    """The workspace, and the community for which it was installed."""

    team_id: str
    name: str
    community_id: int


START = Operation(
    "POST", "/api/v1/grants/start", StartInstall, InstallUrl, no_keys(people(Role.ADMIN) | operators()),
    "Begin to install the app in a workspace.", status=201,
)  # fmt: skip
FINISH = Operation(
    "POST",
    "/api/v1/grants/finish",
    FinishInstall,
    Installed,
    no_keys(signed_in()),
    "Finish what was begun, after Slack's yes.",
)


class WorkspaceState(StrEnum):
    """`needs_login` has to be installed again; `uninstalled` was taken out, its data goes after 30 days."""

    OK = "ok"
    NEEDS_LOGIN = "needs_login"
    UNINSTALLED = "uninstalled"


class WorkspaceSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the bot behaves in a workspace; `notice_channel` is where moderators read what Slack cannot do.

    `prefix` begins commands beside `!`; in `unread` channels only /waddlebot is answered; lines of `other_bots` are
    left to each community's own choice, or not heard at all.
    """

    reply_in_thread: bool = True
    slash_public: bool = False
    platform_roles: bool = True
    notice_channel: str = ""
    other_bots: bool = True
    prefix: Annotated[str, msgspec.Meta(pattern=r"^[^\s/.#@\"'!<>&]{0,3}$")] = ""
    unread: Annotated[tuple[str, ...], msgspec.Meta(max_length=1_000)] = ()


class WorkspaceView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A workspace without its tokens; `held_back_at` is when Slack began to leave out events, within a day.

    `whole` says whose it is when all of it is attached.
    """

    team_id: str
    name: str
    state: WorkspaceState
    reason: str = ""
    missing_scopes: tuple[str, ...] = ()
    settings: WorkspaceSettings = WorkspaceSettings()
    last_event_at: datetime | None = None
    channels: int = 0
    held_back_at: datetime | None = None
    whole: Whole = ""


class OfCommunity(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a community uses; 0 means the whole installation (services and operators)."""

    community_id: int = 0


class WorkspaceList(msgspec.Struct, frozen=True):
    """Workspaces by name."""

    items: tuple[WorkspaceView, ...]


class WorkspaceOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A workspace that a community uses."""

    team_id: str
    community_id: int = 0


class UseWorkspace(msgspec.Struct, frozen=True):
    """Let a community use a workspace that is installed already."""

    team_id: str
    for_community: int


class PutWorkspaceSettings(msgspec.Struct, frozen=True):
    """New settings of a workspace."""

    team_id: str
    community_id: int
    settings: WorkspaceSettings


WORKSPACES = Operation(
    "GET", "/api/v1/workspaces", OfCommunity, WorkspaceList, people(Role.ADMIN) | operators(), "List workspaces."
)
USE = Operation(
    "POST", "/api/v1/workspaces/{team_id}/communities", UseWorkspace, NoneType, operators(),
    "Let a community use a workspace.", status=204,
)  # fmt: skip
REMOVE = Operation(
    "DELETE", "/api/v1/workspaces/{team_id}", WorkspaceOf, NoneType, people(Role.ADMIN) | operators(),
    "End a community's use of a workspace; when nobody uses it any more, give its tokens back.", status=204,
)  # fmt: skip
SET_UP = Operation(
    "PUT", "/api/v1/workspaces/{team_id}/settings", PutWorkspaceSettings, NoneType, people(Role.ADMIN),
    "Change how the bot behaves in a workspace.", status=204,
)  # fmt: skip


class ChannelView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel; whether it is `attached` to a community, and to the asker's: `mine`.

    A `covered` one is attached with the whole workspace.
    """

    channel_id: str
    name: str
    key: str
    kind: Literal["public", "private", "group"] = "public"
    is_member: bool = False
    archived: bool = False
    attached: bool = False
    mine: bool = False
    unread: bool = False
    covered: bool = False


class ChannelViews(msgspec.Struct, frozen=True):
    """Channels by name."""

    items: tuple[ChannelView, ...]


class ChannelOf(msgspec.Struct, frozen=True):
    """A channel of a workspace that a community uses."""

    team_id: str
    channel_id: str
    community_id: int


CHANNELS = Operation(
    "GET", "/api/v1/workspaces/{team_id}/channels", WorkspaceOf, ChannelViews, people(Role.ADMIN),
    "List a workspace's channels.",
)  # fmt: skip
ATTACH = Operation(
    "POST", "/api/v1/workspaces/{team_id}/channels/{channel_id}", ChannelOf, ChannelView, people(Role.ADMIN),
    "Attach a channel to a community that uses its workspace.", status=201,
)  # fmt: skip
ATTACH_WHOLE = Operation(
    "POST", "/api/v1/workspaces/{team_id}/attach", WorkspaceOf, NoneType, people(Role.ADMIN),
    "Attach all of a workspace to a community that uses it.", status=204,
)  # fmt: skip


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the checklist: whether it is done, and what to do where it is not."""

    name: str
    state: Literal["ok", "you", "waiting", "failed"]
    said: str


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """The health tile: `reason` says in a sentence what has to be done first, "" when all is well."""

    connected: bool
    transport: str
    workspaces: tuple[WorkspaceView, ...] = ()
    steps: tuple[Step, ...] = ()
    sockets: int = 0
    sockets_wanted: int = 0
    spooled: int = 0
    retries: int = 0
    reason: str = ""
    can_install: bool = False
    last_event_at: datetime | None = None


STATUS = Operation(
    "GET", "/api/v1/status", OfCommunity, Status, people(Role.MODERATOR) | services("portal") | operators(),
    "Show the health tile.",
)  # fmt: skip


class TestLine(msgspec.Struct, frozen=True):
    """Where the test line was said, and how long Slack took, in seconds.

    `heard` is how long it took until Slack told us of the line, as of any other; None when it did not within seconds.
    """

    __test__ = False

    channel: str
    seconds: float
    heard: float | None = None


TEST = Operation(
    "POST", "/api/v1/workspaces/{team_id}/channels/{channel_id}/test", ChannelOf, TestLine, people(Role.ADMIN),
    "Say a test line in a channel.",
)  # fmt: skip


class ManifestOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which manifest; without a mode, that of the installation."""

    mode: Literal["", "socket", "http"] = ""


class ManifestView(msgspec.Struct, frozen=True):
    """The app's manifest, as an object and as YAML, and a link that begins an app with it.

    `missing_scopes` are those that an installed workspace lacks, by its id.
    """

    manifest: dict[str, Any]
    yaml: str
    link: str
    missing_scopes: dict[str, tuple[str, ...]]


MANIFEST = Operation(
    "GET", "/api/v1/manifest", ManifestOf, ManifestView, operators(), "Show the manifest of the Slack app."
)


class UserQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """Members of a workspace: one by `id`, or all whose login or display name is `login`."""

    team: str
    id: str = ""
    login: str = ""


USERS = Operation(
    "GET", "/api/v1/lookups/users", UserQuery, UserList, any_service(), "Look up members of a workspace by id or name."
)


class ChannelQuery(msgspec.Struct, frozen=True):
    """A channel of a workspace, by its id."""

    team: str
    channel_id: str


class ChannelFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel as Slack shows it now; `key` is its name everywhere."""

    channel_id: str
    key: str
    name: str
    kind: Literal["public", "private", "group", "direct"] = "public"
    is_member: bool = False
    archived: bool = False


CHANNEL = Operation(
    "GET", "/api/v1/lookups/channels/{channel_id}", ChannelQuery, ChannelFacts, any_service(), "Look up a channel."
)


class RoleQuery(msgspec.Struct, frozen=True):
    """A member of a workspace, by id."""

    team: str
    user: str


class RoleFacts(msgspec.Struct, frozen=True):
    """What the workspace makes of somebody, as it was lately."""

    account: str
    role: Role


ROLE = Operation(
    "GET", "/api/v1/lookups/roles", RoleQuery, RoleFacts, any_service(), "Tell the role of a member of a workspace."
)


class GroupOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user group of a workspace, by its id."""

    team: str
    group: str
    kind: Literal["slack_user_group"] = "slack_user_group"


HOLDERS = Operation(
    "GET", "/api/v1/role-holders", GroupOf, Holders, services("labels"), "List the members of a user group."
)
