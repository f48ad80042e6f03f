"""Workspaces with their tokens sealed, who uses them, their channels and mapped user groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from flask_core.contracts.slack import WorkspaceSettings, WorkspaceState
from flask_core.database import AsyncDAL, Tx
from flask_core.encryption import Sealer
from slack_module_flask.models import Channel, Workspace

_COLUMNS = (
    "team_id, name, bot_user_id, bot_id, bot_token, scopes, changed_at, expires_at, refresh_token, app_id,"
    " enterprise_id, installed_by, person_id, state, reason, settings"
)
_settings = msgspec.json.Decoder(WorkspaceSettings)
_AT_MOST = 5_000


class WorkspaceRepository:
    """Tokens are readable in memory only."""

    def __init__(self, database: AsyncDAL, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def keep(self, workspace: Workspace) -> None:
        """Install a workspace, or install it again; its settings stay."""
        given = (
            workspace.team_id, workspace.name, workspace.bot_user_id, workspace.bot_id, self._seal(workspace.bot_token),
            " ".join(workspace.scopes), workspace.changed_at, workspace.expires_at,
            self._seal(workspace.refresh_token), workspace.app_id, workspace.enterprise_id, workspace.installed_by,
            workspace.person_id, str(workspace.state), workspace.reason, msgspec.json.encode(workspace.settings).decode(),
        )  # fmt: skip
        names = [name for name in _COLUMNS.replace(" ", "").split(",") if name not in {"team_id", "settings"}]
        changes = ", ".join(f"{name} = excluded.{name}" for name in names)
        await self._database.write(
            lambda tx: tx.run(
                f"INSERT INTO workspaces ({_COLUMNS}) VALUES ({', '.join('?' * len(given))})"
                f" ON CONFLICT (team_id) DO UPDATE SET {changes}",
                *given,
            )
        )

    async def all(self) -> list[Workspace]:
        """Every workspace, with its tokens open."""
        rows = await self._database.read(
            lambda tx: tx.rows(f"SELECT {_COLUMNS} FROM workspaces ORDER BY name LIMIT ?", _AT_MOST)
        )
        return [self._workspace(row) for row in rows]

    async def one(self, team_id: str) -> Workspace | None:
        """A workspace as it is now."""
        row = await self._database.read(
            lambda tx: tx.row(f"SELECT {_COLUMNS} FROM workspaces WHERE team_id = ?", team_id)
        )
        return None if row is None else self._workspace(row)

    async def set_state(self, team_id: str, state: WorkspaceState, reason: str, now: datetime) -> bool:
        """Say whether it works; False when it was so already. What was uninstalled loses its tokens in the same step."""
        tokens = ", bot_token = '', refresh_token = ''" if state is WorkspaceState.UNINSTALLED else ""
        return bool(
            await self._database.write(
                lambda tx: tx.run(
                    f"UPDATE workspaces SET state = ?, reason = ?, changed_at = ?{tokens}"
                    " WHERE team_id = ? AND state <> ?",
                    str(state), reason, now, team_id, str(state),
                )
            )
        )  # fmt: skip

    async def use(self, team_id: str, community_id: int) -> None:
        """Let a community use it."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO workspace_communities (team_id, community_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                team_id, community_id,
            )
        )  # fmt: skip

    async def users_of(self) -> list[tuple[str, int]]:
        """Who uses what: team and community."""
        return await self._database.read(
            lambda tx: list(tx.rows("SELECT team_id, community_id FROM workspace_communities"))
        )

    async def leave(self, team_id: str, community_id: int) -> int:
        """End a community's use; how many still use it."""

        def unit(tx: Tx) -> int:
            tx.run("DELETE FROM workspace_communities WHERE team_id = ? AND community_id = ?", team_id, community_id)
            return int(tx.value("SELECT count(*) FROM workspace_communities WHERE team_id = ?", team_id))

        return await self._database.write(unit)

    async def forget(self, team_id: str) -> None:
        """Forget a workspace and everything that belongs to it."""

        def unit(tx: Tx) -> None:
            for table in ("workspace_communities", "channels", "group_map", "forms", "workspaces"):
                tx.run(f"DELETE FROM {table} WHERE team_id = ?", team_id)

        await self._database.write(unit)

    async def long_gone(self, before: datetime) -> list[str]:
        """Teams whose app was taken out before then."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT team_id FROM workspaces WHERE state = 'uninstalled' AND changed_at < ?", before)
        )
        return [team_id for (team_id,) in rows]

    async def put_channels(self, team_id: str, channels: Sequence[Channel]) -> None:
        """These are the channels now."""
        rows = [(c.team_id, c.channel_id, c.name, c.kind, c.is_member, c.archived) for c in channels]

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM channels WHERE team_id = ?", team_id)
            tx.many(
                "INSERT INTO channels (team_id, channel_id, name, kind, is_member, archived)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows,
            )  # fmt: skip

        await self._database.write(unit)

    async def channels(self, team_id: str) -> list[Channel]:
        """Its channels by name."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT team_id, channel_id, name, kind, is_member, archived FROM channels WHERE team_id = ?"
                " ORDER BY name LIMIT ?", team_id, _AT_MOST,
            )
        )  # fmt: skip
        return [Channel(*row) for row in rows]

    def _seal(self, token: str) -> str:
        return self._sealer.seal(token) if token else ""

    def _opened(self, sealed: str) -> str:
        return self._sealer.open(sealed).decode() if sealed else ""

    def _workspace(self, row: tuple[Any, ...]) -> Workspace:
        team_id, name, bot_user, bot_id, token, scopes, changed, expires, refresh, *rest = row
        app_id, enterprise_id, installed_by, person_id, state, reason, settings = rest
        return Workspace(
            team_id, name, bot_user, bot_id, self._opened(token), tuple(scopes.split()), changed, expires,
            self._opened(refresh), app_id, enterprise_id, installed_by, person_id, WorkspaceState(state), reason,
            _settings.decode(settings),
        )  # fmt: skip
