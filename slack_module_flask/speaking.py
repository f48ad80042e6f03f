"""Says and does what the router asks for; what Slack cannot do is said, not pretended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from flask_core.auth import utc_now
from flask_core.contracts.module import Delivery, Priority
from flask_core.datamodels import ChannelKey, Chat, Form, General, GrantRole, Media, Moderate
from flask_core.delivering import Done, Partly, Unsupported
from flask_core.errors import NotFound, ServiceError, TooMany
from slack_module_flask.blocks import form_message, general_message, media_message
from slack_module_flask.budgets import Budgets
from slack_module_flask.forms import LIFE, Forms
from slack_module_flask.granting import Granting
from slack_module_flask.models import SentForm, Workspace, user_of
from slack_module_flask.moderating import Moderating
from slack_module_flask.responses import PREFIX, Responses, whisper
from slack_module_flask.scopes import FILES
from slack_module_flask.snippets import Snippets
from slack_module_flask.wording import divided, mrkdwn, unmarked
from slack_module_flask.workspaces import Workspaces

_SERVER_ERROR = 500
_PAUSES = (0.5, 1.0)
_LONGEST_WAIT = 5.0
_FILE = "file"


class Speaking:
    """`do` carries out one delivery; raises an error of the family, and Unsupported for what Slack has not."""

    def __init__(
        self,
        workspaces: Workspaces,
        responses: Responses,
        forms: Forms,
        moderating: Moderating,
        granting: Granting,
        snippets: Snippets,
        *,
        budgets: Budgets,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._workspaces = workspaces
        self._responses = responses
        self._forms = forms
        self._moderating = moderating
        self._granting = granting
        self._snippets = snippets
        self._budgets = budgets
        self._now = now
        self._sleep = sleep

    async def do(self, delivery: Delivery) -> Done:
        """One delivery."""
        key = ChannelKey.parse(delivery.channel)
        workspace = await self._workspaces.of(key.server_id)
        if workspace is None:
            raise NotFound("The bot is not installed in that workspace.")
        action = delivery.action
        if isinstance(action, Moderate):
            return await self._moderating.do(workspace, key, delivery, action)
        if isinstance(action, GrantRole):
            return await self._granting.do(workspace, key, delivery, action)
        if isinstance(action, Chat):
            messages = self._chat(workspace, action, delivery)
        elif isinstance(action, Media):
            messages = [media_message(action)]
        elif isinstance(action, General):
            messages = [general_message(action)]
        elif isinstance(action, Form):
            messages = [await self._form(action, delivery, key)]
        else:
            raise Unsupported(f"Slack has nothing like this: {action.__struct_config__.tag}.")
        private = isinstance(action, Form) or (isinstance(action, Chat) and action.private)
        return await self._say_all(workspace, key, delivery, messages, private=private)

    def _chat(self, workspace: Workspace, action: Chat, delivery: Delivery) -> list[dict[str, Any]]:
        text = mrkdwn(action.text, delivery.time_zone, verbatim_start=action.verbatim_start)
        if action.mention and delivery.account:
            text = f"<@{user_of(delivery.account.user_id)}> {text}"
        if action.style == "me":
            text = f"_{text}_"
        quiet = {"unfurl_links": False, "unfurl_media": False}
        parts, rest = divided(text)
        if rest and FILES not in workspace.scopes:
            parts[-1] += "…"
            rest = ""
        return [{"text": part, **quiet} for part in parts] + ([{_FILE: unmarked(rest)}] if rest else [])

    async def _form(self, form: Form, delivery: Delivery, key: ChannelKey) -> dict[str, Any]:
        user = user_of(delivery.account.user_id) if delivery.account else ""
        # The key begins with the module that asked: its values go back to it.
        module = delivery.idempotency_key.partition(":")[0]
        sent = SentForm(
            self._forms.name_of(delivery.idempotency_key), key.server_id, key.channel_id, delivery.channel,
            delivery.community_id, user, module, form, self._now() + LIFE,
        )  # fmt: skip
        return form_message(form, await self._forms.send(sent))

    async def _say_all(
        self,
        workspace: Workspace,
        key: ChannelKey,
        delivery: Delivery,
        messages: list[dict[str, Any]],
        *,
        private: bool,
    ) -> Done:
        said: list[str] = []
        for number, message in enumerate(messages):
            try:
                await self._spend(key, delivery, patient=number > 0)
                said.append(await self._say(workspace, key, delivery, message, private))
            except ServiceError as error:
                if said:
                    raise Partly(tuple(said), error) from error
                raise
        return Done(tuple(one for one in said if one))

    async def _spend(self, key: ChannelKey, delivery: Delivery, *, patient: bool) -> None:
        urgent = delivery.priority == Priority.MODERATION
        try:
            await self._budgets.spend(key.server_id, key.channel_id, urgent=urgent)
        except TooMany as full:
            if not patient or (full.retry_after or 1) > _LONGEST_WAIT:
                raise
            await self._sleep(full.retry_after or 1)
            await self._budgets.spend(key.server_id, key.channel_id, urgent=urgent)

    async def _say(
        self, workspace: Workspace, key: ChannelKey, delivery: Delivery, message: dict[str, Any], private: bool
    ) -> str:
        reply = not isinstance(delivery.action, Chat) or delivery.action.reply
        to_asker = delivery.reply_to.startswith(PREFIX) and (reply or private)
        if not to_asker and reply and not key.direct:
            message = {**message, **self._thread(workspace, delivery, private=private)}
        if _FILE in message:
            return await self._share(workspace, key, delivery, message, to_asker=to_asker)
        if to_asker:
            public = workspace.settings.slash_public and not private
            return await self._responses.say(delivery.reply_to, message, public=public)
        channel = channel_of(key)
        if private and not key.direct and delivery.account:
            user = user_of(delivery.account.user_id)
            return await whisper(self._workspaces, key.server_id, channel, user, message)
        return await self._with_patience(key.server_id, {"channel": channel, **message})

    async def _share(
        self, workspace: Workspace, key: ChannelKey, delivery: Delivery, message: dict[str, Any], *, to_asker: bool
    ) -> str:
        """The rest as a file, behind the messages; what one member alone may see goes to them directly."""
        private = isinstance(delivery.action, Chat) and delivery.action.private
        place, thread = channel_of(key), str(message.get("thread_ts", ""))
        asked = await self._responses.place(delivery.reply_to) if to_asker else None
        if asked is not None:
            place = asked.channel_id if workspace.settings.slash_public and not private else asked.user_id
        elif private and delivery.account:
            place, thread = user_of(delivery.account.user_id), ""
        await self._snippets.share(key.server_id, place, str(message[_FILE]), thread)
        return ""

    def _thread(self, workspace: Workspace, delivery: Delivery, *, private: bool) -> dict[str, str]:
        """An answer belongs into the thread of what it answers, where there is one or the workspace wants one.

        What one member alone sees begins no thread: nobody would find it there.
        """
        ts, _, thread = delivery.reply_to.partition("/")
        if not ts or ts.startswith(PREFIX):
            return {}
        if thread:
            return {"thread_ts": thread}
        return {"thread_ts": ts} if workspace.settings.reply_in_thread and not private else {}

    async def _with_patience(self, team_id: str, message: dict[str, Any]) -> str:
        for pause in (*_PAUSES, None):
            try:
                said = await self._workspaces.call(team_id, "chat.postMessage", **message)
                return str(said.get("ts", ""))
            except ServiceError as error:
                if pause is None or error.details.get("status", 0) < _SERVER_ERROR:
                    raise
                await self._sleep(pause)
        raise AssertionError("the last try returns or raises")


def channel_of(key: ChannelKey) -> str:
    """What Slack calls the channel: a direct one is named by its member."""
    return key.channel_id.removeprefix("dm:")
