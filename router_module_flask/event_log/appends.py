"""Writes events into the streams of the log: each once, in few round trips, and again for a Redis that forgot."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import islice

import msgspec

from flask_core.batching import Batcher
from flask_core.datamodels import Event
from flask_core.shared_redis_line import RedisLine, Script
from router_module_flask.event_log.lately import Lately

APPENDED_AT_ONCE = 200
_SEEN_SECONDS = 86_400
# For each event: keep it and then remember its id, or tell that it was seen. KEYS: streams; ARGV: seconds, and all
# events as one packed list of id, number of the stream, body: as single arguments they would cost more than all else.
APPEND = Script("""
local fresh = {}
for i, event in ipairs(cmsgpack.unpack(ARGV[2])) do
  local seen = 'wb:seen:' .. event[1]
  fresh[i] = 1 - redis.call('EXISTS', seen)
  if fresh[i] == 1 then
    redis.call('XADD', KEYS[event[2]], '*', 'e', event[3])
    redis.call('SET', seen, '1', 'EX', ARGV[1])
  end
end
return fresh
""")
_encoder = msgspec.json.Encoder()
_pack = msgspec.msgpack.Encoder().encode


class StreamAppends:
    """What several requests bring at once goes out together."""

    def __init__(self, line: RedisLine, streams: Sequence[str]) -> None:
        self._line = line
        self._streams = streams
        self._keys = [stream.encode() for stream in streams]
        self._batches: Batcher[Sequence[Event], list[bool]] = Batcher(self._append_together)
        self._lately = Lately()
        self._run_id = ""

    def _place_of(self, channel: str) -> int:
        """Which of the streams a channel's events go to, counted as Lua does."""
        return zlib.crc32(channel.encode()) % len(self._streams) + 1

    def stream_of(self, channel: str) -> str:
        """The stream that a channel's events go to."""
        return self._streams[self._place_of(channel) - 1]

    async def append(self, events: Sequence[Event]) -> list[bool]:
        """Keep events; False for an id that was seen in the last 24 h."""
        return await self._batches.add(events)

    async def _append_together(self, arrivals: list[Sequence[Event]]) -> list[list[bool]]:
        """What several requests brought, in scripts of a size that keeps nobody else waiting."""
        events = [event for arrived in arrivals for event in arrived]
        fresh: list[bool] = []
        for start in range(0, len(events), APPENDED_AT_ONCE):
            fresh += await self._append_all(events[start : start + APPENDED_AT_ONCE])
        flags = iter(fresh)
        return [list(islice(flags, len(arrived))) for arrived in arrivals]

    async def _append_all(self, events: Sequence[Event]) -> list[bool]:
        packed = _pack([(e.event_id, self._place_of(e.channel), _encoder.encode(e).decode()) for e in events])
        fresh = await self._line.ask(*APPEND.call(self._keys, _SEEN_SECONDS, packed))
        self._lately.remember(events)
        return [bool(flag) for flag in fresh]

    async def again_after_a_restart(self) -> None:
        """A Redis that was killed may have forgotten its last seconds; what it still knows is not kept again."""
        run_id = _run_id(await self._line.ask("INFO", "server"))
        known, self._run_id = self._run_id, run_id
        if known not in {"", run_id}:
            events = self._lately.all()
            await self._append_together([events])


def _run_id(info: bytes) -> str:
    """Which start of Redis this is, out of what INFO answers."""
    said = dict(line.partition(":")[::2] for line in info.decode().splitlines())
    return said["run_id"]
