"""Events that were given up, in a Redis stream of their own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

import msgspec

from flask_core.datamodels import Event
from flask_core.shared_redis_line import RedisLine, Script
from router_module_flask.event_log.dead_rows import concerns, late

DEAD = "wb:events:dead"
KEPT = 10_000
_AT_ONCE = 500
_ID = re.compile(r"[0-9]{1,19}-[0-9]{1,19}", re.ASCII)
# Out of one stream and into the other, unless somebody was faster. KEYS: dead, living; ARGV: id, body.
REVIVE = Script("""
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', 'e', ARGV[2])
return 1
""")
_event = msgspec.json.Decoder(Event)


class DeadStream:
    """All methods raise Unavailable while Redis is away."""

    def __init__(self, line: RedisLine, stream_of: Callable[[str], str]) -> None:
        self._line = line
        self._stream_of = stream_of

    async def letters(self, limit: int) -> list[tuple[str, Event]]:
        """Ids and events, newest first."""
        found = await self._line.ask("XREVRANGE", DEAD, "+", "-", "COUNT", limit)
        return [(entry_id.decode(), _event.decode(fields[1])) for entry_id, fields in found]

    async def revive(self, entry_id: str) -> str | None:
        """Put it back into its channel's stream; its event id, or None when it is not dead."""
        if not _ID.fullmatch(entry_id):
            return None
        found = await self._line.ask("XRANGE", DEAD, entry_id, entry_id, "COUNT", 1)
        if not found:
            return None
        event = late(_event.decode(found[0][1][1]))
        keys = [DEAD.encode(), self._stream_of(event.channel).encode()]
        revived = await self._line.ask(*REVIVE.call(keys, entry_id.encode(), msgspec.json.encode(event)))
        return event.event_id if revived else None

    async def forget(self, accounts: Sequence[tuple[str, str]], channels: Sequence[str]) -> int:
        """Delete those that concern these accounts or channels."""
        gone = 0
        async for page in self._pages():
            ids = [entry_id for entry_id, body in page if concerns(_event.decode(body), accounts, channels)]
            if ids:
                gone += await self._line.ask("XDEL", DEAD, *ids)
        return gone

    async def bury(self, before: datetime) -> int:
        """Delete those that died before then."""
        return int(await self._line.ask("XTRIM", DEAD, "MINID", f"{int(before.timestamp() * 1_000)}-0"))

    async def _pages(self) -> AsyncIterator[list[tuple[bytes, bytes]]]:
        start = "-"
        while found := await self._line.ask("XRANGE", DEAD, start, "+", "COUNT", _AT_ONCE):
            yield [(entry_id, fields[1]) for entry_id, fields in found]
            start = f"({found[-1][0].decode()}"
