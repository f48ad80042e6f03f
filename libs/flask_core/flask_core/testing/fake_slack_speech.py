"""What an app says on the fake Slack: messages with their limits, ephemeral ones, modals and home tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_core.testing.fake_slack import FakeSlack, FakeWorkspace

type Fields = dict[str, Any]
MOST_TEXT, MOST_BLOCKS, MOST_VIEW_BLOCKS, MOST_TITLE, MOST_METADATA = 40_000, 50, 100, 24, 3_000
MOST_SECTION, MOST_HEADER, MOST_BUTTON, MOST_OPTIONS, MOST_CHOICES, MOST_ID = 3_000, 150, 75, 100, 10, 255


class Speech:
    """Everything is kept in `slack.said`, with what Slack would have refused refused."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack

    async def post(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """A message in a channel or, to a user's id, a direct one."""
        channel = str(given.get("channel", ""))
        if word := self._wrong_place(workspace, channel) or _wrong(given):
            return {"error": word}
        ts = self._slack.deliveries.ts()
        self._slack.said.append({**given, "team": workspace.team_id, "ts": ts, "ephemeral": False})
        if self._slack.echoes:
            self._slack.deliveries.echo(workspace, channel, str(given.get("text", "")), ts)
        where = f"D{channel[1:]}" if channel.startswith("U") else channel
        text = str(given.get("text", ""))[:MOST_TEXT]
        return {"channel": where, "ts": ts, "message": {"text": text, "ts": ts, "user": workspace.bot_user_id}}

    async def post_ephemeral(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """A message that one member sees."""
        if word := self._wrong_place(workspace, str(given.get("channel", ""))) or _wrong(given):
            return {"error": word}
        if given.get("user") not in workspace.members:
            return {"error": "user_not_in_channel"}
        ts = self._slack.deliveries.ts()
        self._slack.said.append({**given, "team": workspace.team_id, "ts": ts, "ephemeral": True})
        return {"message_ts": ts}

    async def delete(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """Of one's own only, but for administrators."""
        channel, ts = str(given.get("channel")), str(given.get("ts"))
        is_admin = bool(workspace.admin_token) and workspace.asked_with == workspace.admin_token
        if not is_admin and not any(one.get("channel") == channel and one.get("ts") == ts for one in self._slack.said):
            return {"error": "cant_delete_message"}
        self._slack.deleted.append((channel, ts))
        return {"channel": channel, "ts": ts}

    async def permalink(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """Where a message is read."""
        ts = str(given.get("message_ts")).replace(".", "")
        return {"permalink": f"https://{workspace.name.lower()}.slack.com/archives/{given.get('channel')}/p{ts}"}

    async def open_view(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """A modal, once per trigger and within its three seconds."""
        until = self._slack.triggers.pop(str(given.get("trigger_id")), None)
        if until is None:
            return {"error": "exchanged_trigger_id"}
        if self._slack.clock() > until:
            return {"error": "expired_trigger_id"}
        view = given["view"]
        if word := _wrong_view(view):
            return {"error": word}
        self._slack.views.append(view)
        return {"view": {**view, "id": f"V{len(self._slack.views)}"}}

    async def publish(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        """A home tab."""
        if word := _wrong_blocks(given["view"].get("blocks", []), MOST_VIEW_BLOCKS):
            return {"error": word}
        self._slack.homes.append(given)
        return {"view": given["view"]}

    def _wrong_place(self, workspace: FakeWorkspace, channel: str) -> str:
        if channel.startswith(("U", "D")):
            return "" if channel.startswith("D") or channel in workspace.members else "channel_not_found"
        if channel not in workspace.channels:
            return "channel_not_found"
        if channel in workspace.archived:
            return "is_archived"
        return "" if channel in workspace.bot_in else "not_in_channel"


def _wrong(given: Fields) -> str:
    if not given.get("text") and not given.get("blocks"):
        return "no_text"
    return _wrong_blocks(given.get("blocks") or [], MOST_BLOCKS)


def _wrong_view(view: Fields) -> str:
    if view.get("type") != "modal" or not view.get("title") or len(view["title"]["text"]) > MOST_TITLE:
        return "invalid_arguments"
    if len(view.get("private_metadata", "")) > MOST_METADATA:
        return "invalid_arguments"
    return _wrong_blocks(view.get("blocks", []), MOST_VIEW_BLOCKS)


def _wrong_blocks(blocks: list[Fields], most: int) -> str:
    return "invalid_blocks" if len(blocks) > most or any(not _fits(block) for block in blocks) else ""


def _fits(block: Fields) -> bool:
    kind, text = block.get("type"), (block.get("text") or {}).get("text", "")
    elements = [*block.get("elements", ()), *([block["element"]] if "element" in block else ())]
    if kind == "section" and not (0 < len(text) <= MOST_SECTION or block.get("fields")):
        return False
    if kind == "header" and not 0 < len(text) <= MOST_HEADER:
        return False
    if kind == "image" and not (block.get("image_url", "").startswith("https://") and block.get("alt_text")):
        return False
    return all(_element_fits(element) for element in elements if isinstance(element, dict))


def _element_fits(element: Fields) -> bool:
    kind, options = element.get("type", ""), element.get("options")
    if len(element.get("action_id", "")) > MOST_ID:
        return False
    if kind == "button":
        return 0 < len(element["text"]["text"]) <= MOST_BUTTON
    if options is not None:
        most = MOST_CHOICES if kind in {"radio_buttons", "checkboxes"} else MOST_OPTIONS
        return 0 < len(options) <= most and all(0 < len(one["text"]["text"]) <= MOST_BUTTON for one in options)
    return True
