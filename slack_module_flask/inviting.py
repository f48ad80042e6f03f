"""Where the bot is not a member only /waddlebot works: whoever uses it there is told how to invite the bot, once."""

from __future__ import annotations

from flask_core.errors import NotFound
from flask_core.shared_state import SharedState
from slack_module_flask.responses import Responses
from slack_module_flask.workspaces import Workspaces

_ONCE_IN = 30 * 86_400.0
_HINT = "I am not in this channel and read nothing here. Invite me with /invite @WaddleBot."


class Inviting:
    """`hint` is for the background: it asks Slack."""

    def __init__(self, workspaces: Workspaces, responses: Responses, shared: SharedState) -> None:
        self._workspaces = workspaces
        self._responses = responses
        self._shared = shared

    async def hint(self, team_id: str, channel_id: str, user_id: str, name: str) -> None:
        """Say it to who asked under this name."""
        if channel_id.startswith("D"):
            return
        if not await self._shared.claim_once(f"slack:hint:{team_id}:{channel_id}:{user_id}", _ONCE_IN):
            return
        try:
            said = await self._workspaces.call(team_id, "conversations.info", channel=channel_id)
            inside = bool((said.get("channel") or {}).get("is_member"))
        except NotFound:
            # A private channel is not shown to who is outside.
            inside = False
        if not inside:
            await self._responses.say(name, {"text": _HINT})
