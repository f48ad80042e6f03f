"""What people of a crowd write, and how it reaches the router's door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import aiohttp
import msgspec

from flask_core.contracts import router
from flask_core.datamodels import Account, Event, MessageType


def channel_of(number: int) -> str:
    """The key of a Twitch channel."""
    return f"twitch:{number}:{number}"


def line(number: int, text: str, *, people: int, channels: int, moderator: bool = True) -> Event:
    """Line `number`: everybody speaks in turn, always in the same channel; moderators wait for no cooldown."""
    who = f"viewer-{number % people}"
    account = Account(who, who, who.capitalize(), moderator=moderator)
    channel, now = channel_of(number % people % channels), datetime.now(UTC)
    data = {"message_id": str(number)}
    return Event(f"twitch:chat:{number}", MessageType.CHAT, channel, now, account, text, data=data)


async def post(session: aiohttp.ClientSession, url: str, token: str, events: Sequence[Event]) -> None:
    """Hand events in. Raises RuntimeError when they are not taken."""
    body = msgspec.json.encode(router.batch_of(list(events)))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with session.post(url, data=body, headers=headers) as answer:
        if answer.status != 202:
            raise RuntimeError(f"answered {answer.status}: {await answer.text()}")
        await answer.read()
