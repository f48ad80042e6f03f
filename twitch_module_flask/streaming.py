"""What moderators change from chat: title, category, clips, markers, announcements, VIPs."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from flask_core.contracts.module import DeliveryStatus
from flask_core.datamodels import GrantRole
from flask_core.shared_state import SharedState
from twitch_module_flask.doing.granting import Granting
from twitch_module_flask.doing.stream import Stream
from twitch_module_flask.lookups.channels import Channels
from twitch_module_flask.spans import position
from twitch_module_flask.speaking import Speaking
from twitch_module_flask.voices import Voice

_KEPT = 86_400.0


class Streaming:
    """Every answer is a sentence; what would be a nuisance twice is done once per execution."""

    def __init__(
        self, stream: Stream, granting: Granting, speaking: Speaking, channels: Channels, shared: SharedState
    ) -> None:
        self._stream = stream
        self._granting = granting
        self._speaking = speaking
        self._channels = channels
        self._shared = shared

    async def set_title(self, voice: Voice, title: str) -> str:
        """Another title."""
        await self._stream.set_title(voice, title)
        await self._channels.changed(voice.broadcaster_id)
        return "Title set."

    async def set_category(self, voice: Voice, name: str) -> str:
        """Another category."""
        category = await self._stream.set_category(voice, name)
        await self._channels.changed(voice.broadcaster_id)
        return f"Category set: {category.name}."

    async def clip(self, voice: Voice, title: str, execution_id: str) -> str:
        """A clip; its address."""
        return await self._once(execution_id, lambda: self._stream.clip(voice, title))

    async def mark(self, voice: Voice, text: str, execution_id: str) -> str:
        """A marker; where it stands."""

        async def marked() -> str:
            return f"Marker at {position(await self._stream.mark(voice, text))}."

        return await self._once(execution_id, marked)

    async def announce(self, voice: Voice, text: str, color: str, execution_id: str) -> str:
        """An announcement in a channel that is not the one in which it was asked for."""

        async def announced() -> str:
            await self._speaking.announce_text(voice, text, color)
            return f"Announced in the chat of {voice.login}."

        return await self._once(execution_id, announced)

    async def vip(self, voice: Voice, user_id: str, name: str, *, grant: bool) -> str:
        """Make somebody a VIP, or end that."""
        done = await self._granting.grant(voice, GrantRole("grant" if grant else "revoke", "vip", user_id))
        if grant:
            held = done.status is DeliveryStatus.HELD_BEFORE
            return f"{name} is a VIP or moderator already." if held else f"{name} is a VIP now."
        return f"{name} is no VIP." if done.reason else f"{name} is no VIP any more."

    async def _once(self, execution_id: str, work: Callable[[], Awaitable[str]]) -> str:
        """What an execution that is asked for again answered the first time."""
        key = f"twitch:said-of:{hashlib.sha256(execution_id.encode()).hexdigest()[:32]}"
        if (said := await self._shared.get(key)) is not None:
            return said.decode()
        answer = await work()
        await self._shared.set(key, answer.encode(), _KEPT)
        return answer
