"""A chat action as the bodies of Discord messages."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from discord_module_flask.embeds import Embed
from discord_module_flask.wording import parts_of, with_times
from flask_core.contracts.module import Delivery
from flask_core.datamodels import Chat
from flask_core.errors import InvalidInput

type Body = dict[str, Any]


def bodies_of(delivery: Delivery, action: Chat, most: int) -> list[Body]:
    """The messages that say it, each with a nonce of its own: the same delivery never makes another message."""
    text = with_times(action.text)
    name = named(delivery) if action.mention else ""
    pinged = [delivery.account.user_id] if name and delivery.account else []
    mentions = {"parse": [], "users": pinged, "replied_user": False}
    parts = parts_of(name + text, most)
    if not (name + text).strip():
        raise InvalidInput("There is nothing to say.")
    if not parts:
        return [{"content": name, "file": text, "allowed_mentions": mentions, **_nonce(delivery, 0)}]
    return [
        {"content": part, "allowed_mentions": mentions, **_nonce(delivery, number)} for number, part in enumerate(parts)
    ]


def shown(delivery: Delivery, embed: Embed) -> Body:
    """The message that shows something; nothing in it pings anybody."""
    return {"content": "", "embeds": [embed], "allowed_mentions": {"parse": []}, **_nonce(delivery, 0)}


def as_sent(body: Body) -> tuple[Body | None, list[dict[str, Any]] | None]:
    """As JSON, or with its file as a form."""
    if "file" not in body:
        return body, None
    rest = {name: value for name, value in body.items() if name != "file"}
    rest["attachments"] = [{"id": 0, "filename": "answer.txt"}]
    return None, [
        {"name": "payload_json", "value": json.dumps(rest)},
        {"name": "files[0]", "value": body["file"].encode(), "filename": "answer.txt", "content_type": "text/plain"},
    ]


def named(delivery: Delivery) -> str:
    """Who is answered, at the beginning of a text."""
    return f"<@{delivery.account.user_id}> " if delivery.account else ""


def _nonce(delivery: Delivery, number: int) -> Body:
    said = f"{delivery.idempotency_key}:{number}".encode()
    return {"nonce": hashlib.blake2b(said, digest_size=12).hexdigest(), "enforce_nonce": True}
