"""The limits that Slack documents for the manifest of an app, as far as ours uses it."""

from __future__ import annotations

from typing import Any


def _text(most: int, pattern: str = "") -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, **({"pattern": pattern} if pattern else {})}


def _object(**properties: Any) -> dict[str, Any]:
    required = properties.pop("required", ())
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _list(item: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "maxItems": most, "uniqueItems": True}


_FLAG = {"type": "boolean"}
_URL = _text(3_000, "^https?://")
LIMITS = _object(
    required=["display_information"],
    display_information=_object(
        required=["name"], name=_text(35), description=_text(140), background_color=_text(7, "^#[0-9a-fA-F]{6}$")
    ),
    features=_object(
        app_home=_object(home_tab_enabled=_FLAG, messages_tab_enabled=_FLAG, messages_tab_read_only_enabled=_FLAG),
        bot_user=_object(required=["display_name"], display_name=_text(80), always_online=_FLAG),
        shortcuts=_list(
            _object(
                required=["name", "type", "callback_id", "description"],
                name=_text(24), type={"enum": ["message", "global"]}, callback_id=_text(255), description=_text(150),
            ),
            10,
        ),
        slash_commands=_list(
            _object(
                required=["command", "description"],
                command=_text(32, "^/"), url=_URL, description=_text(2_000), usage_hint=_text(1_000),
                should_escape=_FLAG,
            ),
            50,
        ),
    ),
    oauth_config=_object(redirect_urls=_list(_text(2_500), 1_000), scopes=_object(bot=_list(_text(50), 255))),
    settings=_object(
        event_subscriptions=_object(request_url=_URL, bot_events=_list(_text(50), 100)),
        interactivity=_object(
            required=["is_enabled"], is_enabled=_FLAG, request_url=_URL, message_menu_options_url=_URL
        ),
        org_deploy_enabled=_FLAG, socket_mode_enabled=_FLAG, token_rotation_enabled=_FLAG,
    ),
)  # fmt: skip
