"""How services outside are asked: with the operator's key, within bounds, and every answer kept for a while."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx
import msgspec

from alias_interaction_module_flask.evaluator.world import Facts, LookupFailed
from flask_core.errors import TooMany
from flask_core.http_client import HttpClient
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

PER_MINUTE = 30
_SECONDS = 5.0
_BAD, _NOT_FOUND, _KEY_REFUSED = 400, 404, frozenset({401, 403})


class _Kept(msgspec.Struct, frozen=True):
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Asking:
    """What all sources share; one community asks them `per_minute` times in all."""

    http: HttpClient
    shared: SharedState
    per_minute: int = PER_MINUTE

    async def kept(
        self, source: str, asked: str, community_id: int, seconds: float, find: Callable[[], Awaitable[Facts | None]]
    ) -> Facts | None:
        """What is known about `asked`, or what `find` finds, which everybody is told for `seconds`."""
        key = f"source:{source}:{hashlib.sha256(asked.encode('utf-8', 'replace')).hexdigest()}"
        known = await self.shared.get(key)
        if known is not None:
            return msgspec.json.decode(known, type=_Kept).facts
        if await self.shared.spend(f"sources:{community_id}", capacity=self.per_minute, per_seconds=60):
            raise LookupFailed("busy")
        found = await find()
        await self.shared.set(key, msgspec.json.encode(_Kept(found)), seconds)
        return found

    async def read[T](
        self, name: str, url: str, kind: type[T], params: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> T | None:
        """A page of the service `name`; None where nothing is found. Raises LookupFailed, and UpstreamFailed."""
        try:
            answer = await self.http.request(
                "GET", url, params=params, headers=headers or {}, timeout=_SECONDS, credential=f"alias:{name}",
                name=name,
            )  # fmt: skip
        except TooMany:
            raise LookupFailed("busy") from None
        if answer.status_code == _NOT_FOUND:
            return None
        return _decoded(name, answer, kind)


def _decoded[T](name: str, answer: httpx.Response, kind: type[T]) -> T:
    if answer.status_code in _KEY_REFUSED:
        log.warning("%s refuses the key", name, extra={"status": answer.status_code})
        raise LookupFailed("key refused")
    if answer.status_code >= _BAD:
        raise LookupFailed("not answering")
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.MsgspecError:
        raise LookupFailed("not answering") from None
