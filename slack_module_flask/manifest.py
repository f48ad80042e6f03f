"""The manifest of the operator's Slack app, made from what the code hears and asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from urllib.parse import quote

from slack_module_flask.scopes import BOT_EVENTS, COMMAND, SHORTCUT
from slack_module_flask.webhook import PATH

NAME = "WaddleBot"
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="

type Mode = Literal["socket", "http"]


def manifest_of(mode: Mode, *, scopes: Sequence[str], address: str = "", redirect: str = "") -> dict[str, Any]:
    """The manifest; over HTTP everything goes to `address`, and `redirect` is where installations come back to."""
    command: dict[str, Any] = {
        "command": COMMAND, "description": "Ask the bot", "usage_hint": "help | status | <command>",
        "should_escape": True,
    }  # fmt: skip
    events: dict[str, Any] = {"bot_events": list(BOT_EVENTS)}
    clicks: dict[str, Any] = {"is_enabled": True}
    if mode == "http":
        url = f"{address}{PATH}"
        command["url"] = events["request_url"] = clicks["request_url"] = clicks["message_menu_options_url"] = url
    oauth: dict[str, Any] = {"scopes": {"bot": list(scopes)}}
    if redirect:
        oauth["redirect_urls"] = [redirect]
    return {
        "display_information": {
            "name": NAME,
            "description": "Commands, forms and moderation for your community.",
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [
                {"name": "Ask WaddleBot", "type": "global", "callback_id": SHORTCUT, "description": "Ask the bot"}
            ],
            "slash_commands": [command],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": events,
            "interactivity": clicks,
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }  # fmt: skip


def link_of(manifest: dict[str, Any]) -> str:
    """Where an app is made of it in three clicks."""
    return NEW_APP + quote(json.dumps(manifest, separators=(",", ":")), safe="")


def yaml_of(manifest: dict[str, Any]) -> str:
    """The manifest as a file for people."""
    return "\n".join(_lines(manifest, "")) + "\n"


def _lines(value: dict[str, Any], indent: str) -> Iterator[str]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield f"{indent}{name}:"
            yield from _lines(inner, f"{indent}  ")
        elif isinstance(inner, list):
            yield f"{indent}{name}:"
            for one in inner:
                yield from _item(one, f"{indent}  ")
        else:
            yield f"{indent}{name}: {json.dumps(inner)}"


def _item(one: Any, indent: str) -> Iterator[str]:
    if not isinstance(one, dict):
        yield f"{indent}- {json.dumps(one)}"
        return
    first, *rest = _lines(one, f"{indent}  ")
    yield f"{indent}- {first.strip()}"
    yield from rest
