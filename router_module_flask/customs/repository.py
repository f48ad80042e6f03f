"""The rows behind a community's customs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from flask_core.community_settings import CommunitySettings
from flask_core.contracts.commands import CommandChoice
from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Stale
from router_module_flask.audit import Change, write_down
from router_module_flask.customs.choices import CommunityChoices
from router_module_flask.customs.known import Customs, Terms
from router_module_flask.customs.wishes import wishes_of

_CHOICE = "rename, role, member_seconds, channel_seconds, global_seconds, channels"
_words = msgspec.json.Decoder(tuple[str, ...])


class CustomsRepository:
    """Reads everything of a community at once, and changes what it chose about one command."""

    def __init__(self, database: AsyncDAL, settings: CommunitySettings[CommunityChoices]) -> None:
        self._database = database
        self._settings = settings

    async def of(self, community_id: int) -> Customs:
        """All customs of a community."""
        choices, _ = await self._settings.read_fresh(community_id)
        switches, overrides, wishes = await self._database.read(
            lambda tx: (
                tx.rows(
                    "SELECT module, channel, enabled, paused, entitled_until FROM enablement WHERE community_id = ?",
                    community_id,
                ),
                tx.rows(f"SELECT command, {_CHOICE} FROM command_overrides WHERE community_id = ?", community_id),
                wishes_of(tx, community_id),
            )
        )
        return Customs.made(
            choices=choices,
            switched={(module, channel): bool(enabled) for module, channel, enabled, *_ in switches},
            terms={module: Terms(paused, until) for module, channel, _, paused, until in switches if not channel},
            commands={command: _choice(row) for command, *row in overrides},
            wishes=wishes,
        )

    async def command(self, community_id: int, command: str) -> tuple[CommandChoice, int]:
        """What is different about a command, and its version; 0 while nothing ever was."""
        row = await self._database.read(lambda tx: _command(tx, community_id, command))
        return row or (CommandChoice(), 0)

    async def put_command(
        self, community_id: int, command: str, choice: CommandChoice, version: int, actor: str, now: datetime
    ) -> int:
        """Keep what is different; the new version. Raises Stale, and Conflict for a name that is taken."""

        def unit(tx: Tx) -> int | None:
            before = _command(tx, community_id, command)
            if (before[1] if before else 0) != version:
                return None
            keep_command(tx, community_id, command, choice, version, now)
            former = before[0] if before else CommandChoice()
            said = ", ".join(_changes(former, choice)) or "nothing"
            was, became = _different(former, choice), _different(choice, former)
            write_down(tx, Change(community_id, actor, "command.change", command, said, was, became), now)
            return version + 1

        try:
            written = await self._database.write(unit)
        except UniqueViolation:
            # Either somebody was faster with this command, or with that name.
            if (await self.command(community_id, command))[1] == version:
                raise Conflict(f"Another command is called {choice.rename} here already.", field="rename") from None
            written = None
        if written is None:
            current, known = await self.command(community_id, command)
            raise Stale("Somebody changed this command meanwhile.", current=msgspec.to_builtins(current), version=known)
        return written


def keep_command(tx: Tx, community_id: int, command: str, choice: CommandChoice, version: int, now: datetime) -> None:
    """Write the row of a command whose `version` was just read; raises UniqueViolation for a name that is taken."""
    values = (
        choice.rename, None if choice.role is None else int(choice.role), choice.member, choice.channel,
        choice.everywhere, msgspec.json.encode(choice.channels).decode(),
    )  # fmt: skip
    if version == 0:
        tx.run(
            f"INSERT INTO command_overrides (community_id, command, {_CHOICE}, version, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
            community_id, command, *values, now,
        )  # fmt: skip
        return
    tx.run(
        "UPDATE command_overrides SET rename = ?, role = ?, member_seconds = ?, channel_seconds = ?,"
        " global_seconds = ?, channels = ?, version = version + 1, changed_at = ?"
        " WHERE community_id = ? AND command = ?",
        *values, now, community_id, command,
    )  # fmt: skip


def rename_commands(tx: Tx, community_id: int, names: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Give commands (`#roll`) other names and leave what else is different about them; their names before.

    Raises UniqueViolation.
    """
    before = {}
    for command, name in sorted(names.items()):
        choice, version = _command(tx, community_id, command) or (CommandChoice(), 0)
        before[command] = choice.rename
        if choice.rename != name:
            keep_command(tx, community_id, command, msgspec.structs.replace(choice, rename=name), version, now)
    return before


def _command(tx: Tx, community_id: int, command: str) -> tuple[CommandChoice, int] | None:
    row = tx.row(
        f"SELECT {_CHOICE}, version FROM command_overrides WHERE community_id = ? AND command = ?",
        community_id, command,
    )  # fmt: skip
    return None if row is None else (_choice(row[:-1]), row[-1])


def _choice(row: Any) -> CommandChoice:
    rename, role, member, channel, everywhere, channels = row
    return CommandChoice(
        rename, None if role is None else Role(role), member, channel, everywhere, _words.decode(channels)
    )


def _different(one: CommandChoice, other: CommandChoice) -> dict[str, Any]:
    """What `one` has and `other` has not."""
    parts = {name: getattr(one, name) for name in CommandChoice.__struct_fields__}
    return {
        name: part.word if isinstance(part, Role) else part
        for name, part in parts.items()
        if part != getattr(other, name)
    }


def _changes(before: CommandChoice, after: CommandChoice) -> list[str]:
    """`role moderator`, `member 30`: what the change made of what it changed."""
    said = []
    for name in CommandChoice.__struct_fields__:
        was, became = getattr(before, name), getattr(after, name)
        if was != became:
            word = became.word if isinstance(became, Role) else became
            said.append(f"{name} {'as declared' if word in {None, '', ()} else word}")
    return said
