"""Takes events at the door: each is checked alone, kept once, and never waits for a module."""

from __future__ import annotations

import re

import msgspec

from flask_core.contracts.router import IngestAnswer, IngestResult, Outcome, RawBatch
from flask_core.datamodels import MAX_EVENT_DATA, MAX_EVENTS, MAX_TEXT, ChannelKey, Event
from flask_core.errors import Forbidden, InvalidInput, TooMany
from router_module_flask.measures import Measures
from router_module_flask.ports import EventLog

_PLATFORM_OF = {"portal": "console"}
_MOST_AMOUNT = 2**53
# Behind an even number of backslashes; behind an odd one they are six characters that somebody typed.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Ingest:
    """`take` answers per event; a bad one never rejects its neighbours."""

    def __init__(self, log: EventLog, measures: Measures, *, backlog_limit: int) -> None:
        self._log = log
        self._measures = measures
        self._limit = backlog_limit
        self._decoder = msgspec.json.Decoder(Event)
        self._channels: set[str] = set()
        self._check_every = max(1, backlog_limit // 10)
        self._since_check = self._check_every
        self._full = False

    async def take(self, batch: RawBatch, issuer: str) -> IngestAnswer:
        """Keep 1 to 100 events of the issuer's own platform.

        Raises Forbidden for another platform's event, TooMany while too many events wait.
        """
        if not 1 <= len(batch.events) <= MAX_EVENTS:
            raise InvalidInput(f"Send 1 to {MAX_EVENTS} events.")
        await self._check_backlog(len(batch.events))
        results: list[IngestResult | None] = []
        events: list[Event] = []
        platform = _PLATFORM_OF.get(issuer, issuer)
        for raw in batch.events:
            event, result = self._check(raw, platform)
            results.append(result)
            if event is not None:
                events.append(event)
        fresh = iter(await self._log.append(events) if events else [])
        kept = iter(events)
        answer = IngestAnswer(tuple(r or _kept(next(kept), next(fresh)) for r in results))
        self._measures.took(platform, answer.results)
        return answer

    @property
    def full(self) -> bool:
        """Whether triggers were turned away the last time."""
        return self._full

    async def _check_backlog(self, arriving: int) -> None:
        """Ask the log how much waits once for every tenth of the limit, and every time while it is too much."""
        self._since_check += arriving
        if self._full or self._since_check >= self._check_every:
            self._since_check = 0
            waiting, _ = await self._log.depth()
            self._full = waiting >= self._limit
        if self._full:
            raise TooMany("More events are waiting than can be taken. Send again shortly.", retry_after=1)

    def _check(self, raw: msgspec.Raw, platform: str) -> tuple[Event | None, IngestResult | None]:
        try:
            if b"\\u0000" in bytes(raw) and _NUL.search(raw):
                raise InvalidInput("An event has no NUL character.")
            event = self._decoder.decode(raw)
            self._check_fields(event)
        except (msgspec.MsgspecError, InvalidInput) as error:
            return None, IngestResult(_id_of(raw), Outcome.INVALID, getattr(error, "message", str(error)))
        if event.platform != platform:
            raise Forbidden(f"This module may post events of {platform} only.")
        return event, None

    def _check_fields(self, event: Event) -> None:
        if not event.event_id or len(event.event_id) > 200:
            raise InvalidInput("An event id has 1 to 200 characters.")
        if len(event.text) > MAX_TEXT:
            raise InvalidInput(f"A text has at most {MAX_TEXT} characters.")
        if event.amount is not None and abs(event.amount) > _MOST_AMOUNT:
            raise InvalidInput("This amount is too large.")
        if event.occurred_at.tzinfo is None:
            raise InvalidInput("A time needs its offset.")
        if event.data and len(msgspec.json.encode(event.data)) > MAX_EVENT_DATA:
            raise InvalidInput(f"`data` may have {MAX_EVENT_DATA} bytes.")
        if event.channel not in self._channels:
            ChannelKey.parse(event.channel)
            self._remember(event.channel)

    def _remember(self, channel: str) -> None:
        if len(self._channels) >= 10_000:
            self._channels.clear()
        self._channels.add(channel)


def _kept(event: Event, fresh: bool) -> IngestResult:
    return IngestResult(event.event_id, Outcome.ACCEPTED if fresh else Outcome.DUPLICATE)


def _id_of(raw: msgspec.Raw) -> str:
    """The id of an event that cannot be read, if at least that can."""
    try:
        found = msgspec.json.decode(raw)
    except msgspec.MsgspecError:
        return ""
    event_id = found.get("event_id") if isinstance(found, dict) else None
    return event_id[:200] if isinstance(event_id, str) else ""
