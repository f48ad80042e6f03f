"""One way for everything that Slack delivers, over a socket or HTTPS: kept first, acknowledged then."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Any

from flask_core.errors import InvalidInput, ServiceError, Unavailable
from flask_core.shared_state import SharedState
from slack_module_flask.behind import Behind
from slack_module_flask.clicks import Clicks
from slack_module_flask.listening import Listening
from slack_module_flask.models import Workspace
from slack_module_flask.news import News
from slack_module_flask.slash import Slash
from slack_module_flask.telling import Telling
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

SECONDS = 2.5
_SEEN_SECONDS = 86_400.0


class Intake:
    """`take` returns what to acknowledge with once the router or the spool has it.

    Raises Unavailable when neither could keep it, or not within 2.5 s: Slack sends it again, and then it is the same
    event. InvalidInput means that Slack's fields are not what they are known to be.
    """

    def __init__(
        self,
        workspaces: Workspaces,
        listening: Listening,
        slash: Slash,
        clicks: Clicks,
        shared: SharedState,
        news: News,
        telling: Telling,
        behind: Behind,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._workspaces = workspaces
        self._listening = listening
        self._slash = slash
        self._clicks = clicks
        self._shared = shared
        self._news = news
        self._telling = telling
        self._behind = behind
        self._seconds = seconds

    async def take(self, kind: str, payload: dict[str, Any], *, again: bool = False) -> dict[str, Any]:
        """Keep a delivery of one of Socket Mode's kinds."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._seconds):
                if again:
                    await self._news.repeated()
                return await self._taken(kind, payload)
        except TimeoutError as slow:
            self._news.count("lost")
            raise Unavailable("This could not be kept in time.") from slow
        except Unavailable:
            self._news.count("lost")
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise InvalidInput("This delivery has other fields.") from error
        finally:
            self._news.took(time.perf_counter() - began)

    async def _taken(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        workspace = await self._workspaces.of(_team_of(payload))
        if workspace is None or (workspace.app_id and payload.get("api_app_id", "") not in {"", workspace.app_id}):
            self._news.count("unknown")
            return {}
        if payload.get("type") == "app_rate_limited":
            await self._held_back(workspace, payload)
            return {}
        await self._news.heard(workspace.team_id)
        if kind == "slash_commands":
            await self._slash.take(workspace, payload)
        elif kind == "interactive":
            return await self._clicks.take(workspace, payload)
        elif payload.get("type") == "event_callback":
            await self._once(workspace, payload)
        self._news.count("taken")
        return {}

    async def _held_back(self, workspace: Workspace, payload: dict[str, Any]) -> None:
        minute = datetime.fromtimestamp(int(payload["minute_rate_limited"]), UTC)
        log.error("slack holds events back", extra={"team": workspace.team_id, "minute": f"{minute:%H:%M}"})
        self._news.count("held back")
        await self._news.held_back(workspace.team_id, minute)
        self._behind.start("a notice", self._telling.held_back(workspace, minute))

    async def _once(self, workspace: Workspace, payload: dict[str, Any]) -> None:
        seen = f"slack:seen:{payload['event_id']}"
        if await self._shared.get(seen) is not None:
            self._news.count("repeated")
            return
        await self._listening.heard(workspace, payload)
        try:
            # Remembered only now: what could not be kept has to come again. The event's own id is stable besides.
            await self._shared.set(seen, b"1", _SEEN_SECONDS)
        except ServiceError as error:
            log.info("an event id is not remembered: %s", error.code)


def _team_of(payload: dict[str, Any]) -> str:
    """Where the app is installed; a message in a shared channel may come from another workspace."""
    for authorization in payload.get("authorizations") or ():
        if authorization.get("team_id"):
            return str(authorization["team_id"])
    team = payload.get("team")
    return str((team or {}).get("id") or "") if isinstance(team, dict) else str(payload.get("team_id") or "")
