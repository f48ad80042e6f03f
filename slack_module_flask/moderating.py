"""Moderation as far as Slack has it: warnings and our own messages; the rest is said to the moderators."""

from __future__ import annotations

import logging
from typing import Any

from flask_core.contracts.module import Delivery
from flask_core.datamodels import ChannelKey, GrantRole, Moderate
from flask_core.delivering import Done, Unsupported
from flask_core.errors import Forbidden, InvalidInput, ServiceError
from slack_module_flask.models import Workspace, user_of
from slack_module_flask.responses import whisper
from slack_module_flask.wording import escaped, mrkdwn
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

_HAS_NOT = {
    "timeout": "Slack has no time-outs.",
    "ban": "Slack lets no app ban a member. The community's ban still holds everywhere for the bot.",
    "unban": "Slack lets no app ban a member, so there is nothing to lift there.",
}


class Moderating:
    """`do` warns and deletes; raises Unsupported with a sentence for everything else."""

    def __init__(self, workspaces: Workspaces, moderator_token: str = "") -> None:
        self._workspaces = workspaces
        self._moderator_token = moderator_token
        self._moderators_team = ""

    async def do(self, workspace: Workspace, key: ChannelKey, delivery: Delivery, action: Moderate) -> Done:
        """One act of moderation."""
        if action.operation == "warn":
            return await self._warn(workspace, key, action)
        if action.operation == "delete":
            return await self._delete(workspace, key, action)
        sentence = _HAS_NOT[action.operation]
        await self._tell(workspace, f"{sentence} It was meant for <@{user_of(action.target)}>"
                         f"{f': {escaped(action.reason)}' if action.reason else '.'}")  # fmt: skip
        raise Unsupported(sentence)

    async def _warn(self, workspace: Workspace, key: ChannelKey, action: Moderate) -> Done:
        user = user_of(action.target)
        if not user:
            raise InvalidInput("Whom to warn is missing.")
        text = f"You are warned{': ' if action.reason else '.'}{mrkdwn(action.reason)}"
        said = [await whisper(self._workspaces, workspace.team_id, key.channel_id, user, {"text": text})]
        if not key.direct:
            # The line in the channel is gone with the next restart of a client; this one stays.
            record = await self._workspaces.call(workspace.team_id, "chat.postMessage", channel=user, text=text)
            said.append(str(record.get("ts", "")))
        return Done(tuple(one for one in said if one))

    async def _delete(self, workspace: Workspace, key: ChannelKey, action: Moderate) -> Done:
        ts = action.message_id.partition("/")[0]
        try:
            await self._workspaces.call(workspace.team_id, "chat.delete", channel=key.channel_id, ts=ts)
        except Forbidden as refused:
            if refused.details.get("word") != "cant_delete_message":
                raise
            if await self._as_moderator(workspace.team_id, key.channel_id, ts):
                return Done((ts,))
            sentence = "Slack lets the bot delete its own messages only."
            await self._tell(workspace, f"{sentence} Please look at {await self._link(workspace, key, ts)}")
            raise Unsupported(sentence) from refused
        return Done((ts,))

    async def _as_moderator(self, team_id: str, channel_id: str, ts: str) -> bool:
        """Delete somebody's message with the administrator's token, where it is that workspace's."""
        token, api = self._moderator_token, self._workspaces.api
        if not token:
            return False
        self._moderators_team = self._moderators_team or str((await api.call(token, "auth.test")).get("team_id", ""))
        if self._moderators_team != team_id:
            return False
        await api.call(token, "chat.delete", of=f"{team_id}:moderator", channel=channel_id, ts=ts)
        return True

    async def _link(self, workspace: Workspace, key: ChannelKey, ts: str) -> str:
        try:
            said = await self._workspaces.call(
                workspace.team_id, "chat.getPermalink", channel=key.channel_id, message_ts=ts
            )
            return str(said.get("permalink", ""))
        except ServiceError:
            return f"a message in <#{key.channel_id}>"

    async def _tell(self, workspace: Workspace, text: str) -> None:
        """The moderators' channel, where the workspace has one."""
        if not workspace.settings.notice_channel:
            return
        message: dict[str, Any] = {"channel": workspace.settings.notice_channel, "text": text}
        try:
            await self._workspaces.call(workspace.team_id, "chat.postMessage", **message)
        except ServiceError as error:
            log.warning("moderators are not told: %s", error.message)


def safe_twice(delivery: Delivery) -> bool:
    """A warning that comes again would be another one; what is deleted is deleted, who is in a group is in it."""
    if isinstance(delivery.action, GrantRole):
        return True
    return isinstance(delivery.action, Moderate) and delivery.action.operation == "delete"
