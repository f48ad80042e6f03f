"""Tells modules that only listen (overlays, scores) what happened, in batches, until they have taken it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from datetime import UTC, datetime, timedelta

import msgspec

from flask_core.contracts.module import EVENTS, EventBatch, ScoredEvent
from flask_core.errors import InvalidInput, ServiceError
from flask_core.service_client import ServiceClient
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.listener_repository import ListenerQueue
from router_module_flask.models import Finished

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
AT_ONCE = 100
_UNSCORED = frozenset({"banned", "blocked", "edited"})
_PAUSE = 0.05
_AFTER_FAILURE = 5.0
_encoder = msgspec.json.Encoder()


class Listeners:
    """What was heard commits with the event's record; a module that is away finds it all later."""

    def __init__(
        self, queue: ListenerQueue, client: ServiceClient, directory: CommandDirectory, digest_key: str
    ) -> None:
        self._queue = queue
        self._client = client
        self._directory = directory
        self._digest_key = digest_key.encode()
        self._wake = asyncio.Event()

    def heard(self, finished: Finished) -> list[tuple[str, bytes]]:
        """(module, encoded event) for every module that listens to this type; the text stays here."""
        event, speaker = finished.entry.event, finished.speaker
        modules = self._directory.listening.get(event.message_type)
        if not modules or speaker is None:
            return []
        scored = ScoredEvent(
            event=msgspec.structs.replace(event, text="", reply_to=None),
            community_id=speaker.community_id,
            member_id=speaker.member_id,
            scores=not (event.data and ("own_action" in event.data or "shared" in event.data))
            and event.platform != "console"
            and finished.trace.outcome not in _UNSCORED,
            simulated=event.platform == "console",
            text_length=len(event.text),
            text_digest=self._digest(event.text),
        )
        body = _encoder.encode(scored)
        return [(module, body) for module in modules]

    def _digest(self, text: str) -> str:
        if not text:
            return ""
        return hmac.new(self._digest_key, text.casefold().encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    async def run(self) -> None:
        """For ever: hand out what is queued, oldest first, per module."""
        while True:
            failed = False
            for module in await self._queue.modules():
                failed |= not await self._hand_out(module)
            self._wake.clear()
            wait = _AFTER_FAILURE if failed else 1.0
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_AFTER_FAILURE if failed else _PAUSE)

    async def _hand_out(self, module: str) -> bool:
        """Hand out all batches of `module`; False when it did not take one."""
        while queued := await self._queue.oldest(module, AT_ONCE):
            batch = EventBatch(tuple(item.event for item in queued))
            try:
                await self._client.call(module, EVENTS, batch, timeout=10)
            except InvalidInput as error:
                # It will never take these; keeping them would hold back everything behind them.
                log.error("%s refused a batch of events: %s", module, error.details)
            except ServiceError as error:
                log.warning("%s does not take events: %s", module, error.code)
                await self._queue.drop_old(datetime.now(UTC) - KEPT)
                return False
            await self._queue.drop(queued)
        return True
