"""What the Events API tells: news about the workspace itself is noted, everything else becomes an event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flask_core.contracts.slack import WorkspaceSettings
from flask_core.datamodels import Event
from flask_core.handover import Handover
from slack_module_flask.behind import Behind
from slack_module_flask.events import Told, event_of, moment, people_in
from slack_module_flask.home import Home
from slack_module_flask.models import Workspace
from slack_module_flask.newcomers import Newcomers
from slack_module_flask.news import TEST_LINE, News
from slack_module_flask.people import People, person_of
from slack_module_flask.workspaces import Workspaces

type Fields = dict[str, Any]


class Listening:
    """`heard` returns once the event is kept. Raises KeyError and its like for other fields than Slack's."""

    def __init__(
        self,
        workspaces: Workspaces,
        people: People,
        handover: Handover,
        home: Home,
        newcomers: Newcomers,
        news: News,
        behind: Behind,
    ) -> None:
        self._workspaces = workspaces
        self._people = people
        self._handover = handover
        self._home = home
        self._newcomers = newcomers
        self._news = news
        self._behind = behind
        self._about_us: dict[str, Callable[[str, Fields], Awaitable[None]]] = {
            "app_uninstalled": self._gone,
            "tokens_revoked": self._revoked,
            "user_change": self._renamed,
            "app_home_opened": self._came_home,
            "channel_rename": self._channels,
            "channel_archive": self._channels,
        }

    async def heard(self, workspace: Workspace, payload: Fields) -> None:
        """One delivery."""
        event: Fields = payload["event"]
        if about_us := self._about_us.get(event["type"]):
            await about_us(workspace.team_id, event)
            return
        team = workspace.team_id
        told = Told(
            workspace, event, str(payload["event_id"]), moment(payload["event_time"]),
            await self._people.known(team, people_in(event)), await self._people.roles(team),
        )  # fmt: skip
        if event["type"] == "team_join":
            for joined in await self._newcomers.joined(told):
                await self._handover.take(joined)
            return
        made = event_of(told)
        if made is None or not _read(made, workspace.settings):
            if event.get("text") == TEST_LINE and event.get("user") == workspace.bot_user_id:
                await self._news.echo(team, str(event["ts"]))
            self._news.count("ignored")
            return
        await self._handover.take(made)

    async def _gone(self, team_id: str, _: Fields) -> None:
        await self._workspaces.uninstalled(team_id)

    async def _revoked(self, team_id: str, event: Fields) -> None:
        if (event.get("tokens") or {}).get("bot"):
            await self._workspaces.uninstalled(team_id)

    async def _renamed(self, team_id: str, event: Fields) -> None:
        await self._people.keep(team_id, str(event["user"]["id"]), person_of(event["user"]))

    async def _came_home(self, team_id: str, event: Fields) -> None:
        self._behind.start("a home tab", self._home.draw(team_id, str(event["user"])))

    async def _channels(self, team_id: str, _: Fields) -> None:
        await self._newcomers.channels_changed(team_id)


def _read(event: Event, settings: WorkspaceSettings) -> bool:
    """Whether the workspace wants it to be known."""
    if event.account is not None and event.account.bot and not settings.other_bots:
        return False
    return event.channel.rpartition(":")[2] not in settings.unread
