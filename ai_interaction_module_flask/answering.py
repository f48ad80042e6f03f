"""Answers at once where it goes, else later through the router; an execution that comes again asks no model again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from ai_interaction_module_flask.budget_repository import BudgetRepository
from ai_interaction_module_flask.job_repository import JobRepository, Late
from ai_interaction_module_flask.ports import AWAY, SLOW
from flask_core.contracts import router
from flask_core.datamodels import Chat, Invocation, Reply
from flask_core.due_work import Due
from flask_core.encryption import Sealer
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

PATIENCE, EVENT_PATIENCE, AGAIN_SECONDS = 20.0, 4.0, 30.0
_REPLY_SECONDS, _QUESTION_SECONDS = 3_600.0, 900.0
_MARGIN = 10.0
_encoder = msgspec.json.Encoder()
_reply = msgspec.json.Decoder(Reply)
_invocation = msgspec.json.Decoder(Invocation)

type Answer = Callable[[Invocation], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was asked and answered, by execution, in shared state: no database ever holds the words."""

    shared: SharedState
    sealer: Sealer

    async def reply(self, execution_id: str) -> Reply | None:
        """The answer that was given."""
        kept = await self.shared.get(f"ai:said:{execution_id}")
        return None if kept is None else _reply.decode(kept)

    async def keep_reply(self, execution_id: str, reply: Reply) -> None:
        """Keep an answer for an hour, longer than an execution takes to come again."""
        await self.shared.set(f"ai:said:{execution_id}", _encoder.encode(reply), _REPLY_SECONDS)

    async def question(self, execution_id: str) -> Invocation | None:
        """What was asked, while it may have to be asked again."""
        kept = await self.shared.get(f"ai:asked:{execution_id}")
        return None if kept is None else _invocation.decode(self.sealer.open(kept.decode()))

    async def keep_question(self, invocation: Invocation) -> None:
        """Keep it sealed for a quarter of an hour."""
        sealed = self.sealer.seal(_encoder.encode(invocation)).encode()
        await self.shared.set(f"ai:asked:{invocation.execution_id}", sealed, _QUESTION_SECONDS)

    async def may_ask_again(self, execution_id: str) -> bool:
        """True once."""
        return await self.shared.claim_once(f"ai:again:{execution_id}", _REPLY_SECONDS)


class Answering:
    """`answer` makes the whole reply of an invocation, failures included; `hard` seconds are the most it may take."""

    def __init__(
        self,
        kept: Kept,
        budgets: BudgetRepository,
        jobs: JobRepository,
        answer: Answer,
        now: Callable[[], datetime],
        *,
        hard: float,
        patience: float = PATIENCE,
    ) -> None:
        self._kept = kept
        self._budgets = budgets
        self._jobs = jobs
        self._answer = answer
        self._now = now
        self._hard = hard
        self._patience = patience
        self._running: dict[str, asyncio.Task[Reply]] = {}

    async def run(self, invocation: Invocation, *, quiet: bool) -> Reply:
        """The reply, or a pending one when it takes longer than whoever asks can wait."""
        execution_id = invocation.execution_id
        patience = min(EVENT_PATIENCE, self._patience) if quiet else self._patience
        known = await self._kept.reply(execution_id)
        if known is not None:
            return known
        task = self._running.get(execution_id)
        if task is None:
            task = self._running[execution_id] = asyncio.create_task(self._work(invocation, quiet))
            task.add_done_callback(lambda _: self._running.pop(execution_id, None))
        done, _ = await asyncio.wait({task}, timeout=patience)
        if done:
            return task.result()
        await self._promise(invocation, self._hard - patience + _MARGIN, quiet)
        if task.done():
            await self._jobs.ready(execution_id, self._now())
        return Reply(pending=True)

    async def _work(self, invocation: Invocation, quiet: bool) -> Reply:
        if await self._budgets.outcome(invocation.execution_id) is not None:
            # Another replica is at it, or died over it: its row will tell.
            await self._promise(invocation, self._hard + _MARGIN, quiet)
            return Reply(pending=True)
        reply = await self._within(invocation, self._hard, quiet)
        await self._kept.keep_reply(invocation.execution_id, reply)
        await self._jobs.ready(invocation.execution_id, self._now())
        return reply

    async def _within(self, invocation: Invocation, seconds: float, quiet: bool) -> Reply:
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(invocation)
        except TimeoutError:
            return Reply() if quiet else Reply.chat(SLOW)

    async def _promise(self, invocation: Invocation, seconds: float, quiet: bool) -> None:
        await self._kept.keep_question(invocation)
        member, now = invocation.member, self._now()
        late = Late(
            invocation.execution_id, invocation.community.id, invocation.channel.key, member.id,
            member.account.user_id, quiet,
        )  # fmt: skip
        await self._jobs.add(late, now, now + timedelta(seconds=seconds))

    async def request(self, due: Due[Late]) -> router.ActionsRequest | None:
        """What the router is asked to say for a due row."""
        late = due.row
        reply = await self._kept.reply(late.execution_id) or await self._again(late)
        actions = tuple(_unasked(action, late) for action in reply.actions if isinstance(action, Chat))
        if not actions:
            return None
        account = (late.channel.partition(":")[0], late.user_id) if late.user_id else None
        return router.ActionsRequest(late.community_id, router.Target(late.channel, account=account), due.key, actions)

    async def _again(self, late: Late) -> Reply:
        """Whoever was at it is gone: ask once more, or say that there is no answer."""
        invocation = await self._kept.question(late.execution_id)
        reply = Reply() if late.quiet else Reply.chat(AWAY)
        if invocation is not None and await self._kept.may_ask_again(late.execution_id):
            second = msgspec.structs.replace(invocation, execution_id=f"{late.execution_id}#2")
            reply = await self._within(second, AGAIN_SECONDS, late.quiet)
        await self._kept.keep_reply(late.execution_id, reply)
        return reply

    def running(self) -> set[asyncio.Task[Reply]]:
        """What is under way."""
        return set(self._running.values())

    async def finish(self) -> None:
        """Let it come to its end."""
        if self._running:
            await asyncio.wait(self.running())


def _unasked(said: Chat, late: Late) -> Chat:
    """The line as one that stands for itself: there is nothing any more that it could be a reply to."""
    return msgspec.structs.replace(said, reply=False, mention=said.reply and bool(late.user_id))
