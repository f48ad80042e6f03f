"""Events that were given up: operators list them and let them be read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts import desk
from flask_core.database import AsyncDAL
from flask_core.errors import NotFound
from router_module_flask.audit import INSTALLATION, Change, write_down
from router_module_flask.ports import EventLog

MOST_LISTED = 100


class DeadLetters:
    """What a replay comes to is seen in the trace of its event."""

    def __init__(self, log: EventLog, database: AsyncDAL, now: Callable[[], datetime] = utc_now) -> None:
        self._log = log
        self._database = database
        self._now = now

    async def newest(self) -> desk.DeadLetterList:
        """Up to 100, without what was said."""
        letters = await self._log.letters(MOST_LISTED)
        found = tuple(
            desk.DeadLetter(id_, event.event_id, event.message_type.value, event.channel, event.occurred_at)
            for id_, event in letters
        )
        return desk.DeadLetterList(found, await self._log.dead())

    async def replay(self, letter_id: str, actor: str) -> desk.Replayed:
        """Put it back into the log; of two who press at once one does. Raises NotFound when it is not dead."""
        event_id = await self._log.revive(letter_id)
        if event_id is None:
            raise NotFound("No such dead letter. Somebody may have replayed it already.")
        change = Change(INSTALLATION, actor, "dead_letter.replay", event_id)
        await self._database.write(lambda tx: write_down(tx, change, self._now()))
        return desk.Replayed(event_id)
