"""Files on the fake Slack: an address to upload to, the upload, and where the file is shared."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from flask_core.testing.fake_slack import FakeSlack, FakeWorkspace

type Fields = dict[str, Any]
_SCOPE = "files:write"


class Files:
    """What is shared is in `slack.shared`: its text, title, channels and thread."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._begun: dict[str, dict[str, Any]] = {}

    async def begin(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """An address that takes one file of the length that was told."""
        if _SCOPE not in workspace.scopes:
            return {"error": "missing_scope", "needed": _SCOPE}
        if not given.get("filename") or int(given.get("length") or 0) < 1:
            return {"error": "invalid_arguments"}
        file_id = f"F{secrets.token_hex(5).upper()}"
        self._begun[file_id] = {"length": int(given["length"]), "filename": given["filename"]}
        return {"upload_url": f"{self._slack.url}/upload/{file_id}", "file_id": file_id}

    async def upload(self, request: web.Request) -> web.Response:
        """Take the bytes."""
        begun, content = self._begun.get(request.match_info["file"]), await request.read()
        if begun is None or len(content) != begun["length"]:
            return web.Response(status=400, text="wrong")
        begun["text"] = content.decode()
        return web.Response(text=f"OK - {len(content)}")

    async def complete(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """Share what was uploaded."""
        files = json.loads(given["files"]) if isinstance(given.get("files"), str) else given.get("files") or []
        begun = self._begun.pop(str(files[0].get("id")), None) if files else None
        if begun is None or "text" not in begun:
            return {"error": "file_not_found"}
        places = str(given.get("channel_id") or given.get("channels") or "").split(",")
        for place in places:
            if place not in workspace.bot_in and place not in workspace.members:
                return {"error": "channel_not_found"}
        self._slack.shared.append({
            **begun, "title": files[0].get("title", ""), "channels": places, "thread_ts": given.get("thread_ts", ""),
        })  # fmt: skip
        return {"files": files}
