"""Runs modules of third parties: told what they may know, tried again where that is harmless, left alone when down."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

import msgspec

from flask_core.breaker import Breaker
from flask_core.datamodels import Invocation, Reply, Trigger
from flask_core.encryption import Sealer
from flask_core.errors import Forbidden, ServiceError, TooMany, Unavailable, UnknownOutcome, UpstreamFailed
from flask_core.service_client import not_answering
from router_module_flask.executors.callbacks import Callbacks
from router_module_flask.executors.calling import MOST_BYTES, Asked
from router_module_flask.executors.cutting import cut, may_hear
from router_module_flask.executors.grants import Grants
from router_module_flask.executors.register import Register
from router_module_flask.executors.trust import trusted

log = logging.getLogger(__name__)

_RETRY_WAITS = (0.2, 0.5, 1.0)
_OUR_FAULT = 500
_encoder = msgspec.json.Encoder()
_reply = msgspec.json.Decoder(Reply)


class Outside:
    """Whatever goes wrong out there, people read that the module is not answering; the log says why."""

    def __init__(
        self,
        register: Register,
        grants: Grants,
        callbacks: Callbacks,
        sealer: Sealer,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._register = register
        self._grants = grants
        self._callbacks = callbacks
        self._sealer = sealer
        self._clock = clock
        self._sleep = sleep

    def has(self, module: str) -> bool:
        """Whether `module` is a third party's."""
        return module in self._register.executors

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        """The module's reply, cut down; raises its own refusal (4xx with a message), or UpstreamFailed."""
        scopes = await self._grants.of(invocation.community.id, module)
        if invocation.trigger is Trigger.EVENT and not may_hear(invocation.event.message_type, scopes):
            raise Forbidden(f"{module} may not hear this kind of event here.")
        place = f"{module} {invocation.community.id}"
        told = cut(
            invocation, scopes, lambda what: self._pseudonym(place, what), self._callbacks.url_for(invocation, module)
        )
        asked = Asked(module, _encoder.encode(told), invocation.execution_id, timeout)
        breaker = self._register.breakers[module]
        if not breaker.allows():
            raise UpstreamFailed(not_answering(module), retry_after=max(1.0, breaker.wait))
        answer = await self._counted(asked, breaker)
        if answer is None:
            return Reply(pending=True)
        return Reply(trusted(answer.actions, scopes), answer.pending)

    def _pseudonym(self, place: str, what: str) -> str:
        """Stable for one module in one community, and nothing anywhere else."""
        return self._sealer.keyed_hash(f"{place} {what}")[:20]

    async def _counted(self, asked: Asked, breaker: Breaker) -> Reply | None:
        try:
            body = await self._with_retries(asked)
            reply = None if body is None else _read(body)
        except ServiceError as error:
            if error.status < _OUR_FAULT and not isinstance(error, TooMany) and "reason" not in error.details:
                breaker.succeeded()
                raise
            breaker.failed()
            reason = str(error.details.get("reason", error.code))
            log.warning("the module %s gave no answer: %s", asked.module, reason)
            raise UpstreamFailed(not_answering(asked.module), reason=reason) from error
        breaker.succeeded()
        return reply

    async def _with_retries(self, asked: Asked) -> bytes | None:
        executor = self._register.executors[asked.module]
        caller = self._register.callers.get(type(executor))
        if caller is None:
            raise Unavailable("Not set up.", reason="this kind of executor is not set up")
        ends = self._clock() + asked.timeout
        for wait in _RETRY_WAITS:
            try:
                return await caller.call(executor, self._in_time(asked, ends))
            except UpstreamFailed as error:
                pause = wait * random.uniform(0.8, 1.2)
                if not _worth_another(error) or self._clock() + pause >= ends:
                    raise
                await self._sleep(pause)
        return await caller.call(executor, self._in_time(asked, ends))

    def _in_time(self, asked: Asked, ends: float) -> Asked:
        return msgspec.structs.replace(asked, timeout=max(0.05, ends - self._clock()))


def _worth_another(error: UpstreamFailed) -> bool:
    """Only when nothing was sent, or when somebody says that nobody is there: what ran must not run twice."""
    if isinstance(error, UnknownOutcome):
        return False
    return error.details.get("reason") == "no answer" or error.details.get("status") == 503


def _read(body: bytes) -> Reply:
    if len(body) > MOST_BYTES:
        raise UpstreamFailed("The answer is too long.", reason="response too long")
    try:
        return _reply.decode(body)
    except msgspec.MsgspecError as error:
        raise UpstreamFailed("The answer cannot be read.", reason=f"cannot be read: {error}") from error
