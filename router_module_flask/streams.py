"""Which line is somebody's first while a channel is live, the same for all replicas."""

from __future__ import annotations

from flask_core.datamodels import Event, MessageType
from flask_core.shared_state import SharedState
from router_module_flask.models import Speaker

_STREAM_SECONDS = 48 * 3_600.0


class Streams:
    """A stream is named by the event that began it."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def note(self, event: Event) -> None:
        """Remember that a stream began or ended."""
        if event.message_type is MessageType.STREAM_ONLINE:
            await self._shared.set(_stream(event.channel), event.event_id.encode(), _STREAM_SECONDS)
        elif event.message_type is MessageType.STREAM_OFFLINE:
            await self._shared.delete(_stream(event.channel))

    async def is_first(self, event: Event, speaker: Speaker) -> bool:
        """Whether this event is the member's first in the stream; asked again for the same event: the same."""
        stream = await self._shared.get(_stream(event.channel))
        if stream is None or not speaker.member_id:
            return False
        key = f"first:{event.channel}:{stream.decode()}:{speaker.member_id}"
        if await self._shared.claim_once(f"{key}:claimed", _STREAM_SECONDS):
            await self._shared.set(key, event.event_id.encode(), _STREAM_SECONDS)
            return True
        return await self._shared.get(key) == event.event_id.encode()


def _stream(channel: str) -> str:
    return f"stream:{channel}"
