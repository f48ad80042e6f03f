"""What a community changes about the commands of its modules."""

from __future__ import annotations

from typing import Annotated

import msgspec

from flask_core.datamodels import CommandCard, Role
from flask_core.operations import Operation, people

LONGEST_COOLDOWN = 86_400.0
MOST_CHANNELS = 50

type Seconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST_COOLDOWN)]


class CommandChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is different here; None and empty mean as the module declared it.

    `rename` is how it is typed here too, without its sign; cooldowns are seconds per member, per channel and for all.
    """

    rename: str = ""
    role: Role | None = None
    member: Seconds | None = None
    channel: Seconds | None = None
    everywhere: Seconds | None = None
    channels: tuple[str, ...] = ()


class CommandOf(msgspec.Struct, frozen=True):
    """A command by its path; a third party's begins with `#`."""

    community_id: int
    path: str


class PutCommand(msgspec.Struct, frozen=True):
    """What shall be different from now on; an older `version` is refused as stale."""

    community_id: int
    path: str
    choice: CommandChoice
    version: int


class CommandView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command as its module declared it, what is different here, and as it works here (`card`)."""

    module: str
    typed: str
    declared: CommandCard
    card: CommandCard
    choice: CommandChoice
    version: int


COMMAND = Operation(
    "GET", "/api/v1/communities/{community_id}/commands/{path}", CommandOf, CommandView, people(Role.MODERATOR),
    "Tell how a command works here.",
)  # fmt: skip
PUT_COMMAND = Operation(
    "PUT", "/api/v1/communities/{community_id}/commands/{path}", PutCommand, CommandView, people(Role.ADMIN),
    "Change how a command works here.",
)  # fmt: skip
