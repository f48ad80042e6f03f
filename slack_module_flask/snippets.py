"""What is too long for messages, as a text file behind them."""

from __future__ import annotations

import json

from slack_module_flask.web_api import WebApi
from slack_module_flask.workspaces import Workspaces

_NAME, _TITLE = "answer.txt", "The rest of the answer"


class Snippets:
    """`share` needs the right files:write, and raises what the Web API raises."""

    def __init__(self, workspaces: Workspaces, api: WebApi) -> None:
        self._workspaces = workspaces
        self._api = api

    async def share(self, team_id: str, place: str, text: str, thread_ts: str = "") -> None:
        """Show a text in a channel, or to a member by their id."""
        content = text.encode()
        begun = await self._workspaces.call(
            team_id, "files.getUploadURLExternal", filename=_NAME, length=len(content), snippet_type="text"
        )
        await self._api.upload(str(begun["upload_url"]), content)
        files = json.dumps([{"id": begun["file_id"], "title": _TITLE}])
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        await self._workspaces.call(team_id, "files.completeUploadExternal", files=files, channels=place, **thread)
