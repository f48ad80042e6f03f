"""The way of an event, top to bottom; every step is a verb on a port."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from flask_core.contracts.module import Priority
from flask_core.datamodels import Event, MessageType, Reply
from flask_core.errors import InvalidInput, ServiceError, Unavailable
from router_module_flask.addressing import outgoing, say
from router_module_flask.invocations import execution_id_of, invocation_of
from router_module_flask.models import Entry, Finished, FoundCommand, Outgoing, Run, Speaker, Trace
from router_module_flask.moderation.verdicts import INNOCENT, Verdict
from router_module_flask.permissions import refusal_of, speaker_of
from router_module_flask.ports import Contexts, Directory, Limits, Moderation, Modules, Records

_TYPED = frozenset({MessageType.CHAT, MessageType.SLASH_COMMAND})
_LISTENER_TIMEOUT = 5.0
_OUR_FAULT = 500


class Permitted(msgspec.Struct, frozen=True):
    """A command that may run now: what `begin` hands to `execute`."""

    entry: Entry
    trace: Trace
    speaker: Speaker
    found: FoundCommand


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`begin` takes the events of a channel one at a time; `execute` may overlap with the next ones."""

    contexts: Contexts
    moderation: Moderation
    directory: Directory
    limits: Limits
    modules: Modules
    records: Records

    async def begin(self, entry: Entry) -> Permitted | None:
        """Resolve, moderate, look up and permit. A command that may run is returned, everything else is recorded.

        Raises Unavailable when the event has to be read again later: without a context nothing runs.
        """
        event, trace = entry.event, Trace(entry.received_at)
        context = self.contexts.known(event) or await self.contexts.ask(event)
        speaker = speaker_of(event, context)
        trace.step("resolved", True, speaker.described)
        verdict = await self._moderate(event, speaker, trace)
        if verdict.blocked or "edited" in event.data:
            trace.outcome = "blocked" if verdict.blocked else "edited"
            await self._end(entry, trace, speaker, list(verdict.outgoing))
            return None
        if verdict.outgoing:
            # Whatever else this line causes may take long; what it deserves must not wait for that.
            await self.records.hand_out(verdict.outgoing)
        try:
            found = self._recognise(event, speaker, trace)
        except InvalidInput as usage:
            trace.ends("usage", "understood", usage.message)
            await self._end(entry, trace, speaker, [say(event, speaker, usage.message)])
            return None
        if found is None:
            await self._hear(entry, trace, speaker)
            return None
        answer = await self._permit(found, entry, speaker, trace)
        if answer is None:
            return Permitted(entry, trace, speaker, found)
        await self._end(entry, trace, speaker, answer)
        return None

    async def _moderate(self, event: Event, speaker: Speaker, trace: Trace) -> Verdict:
        if not event.text or self.moderation.idle(speaker.community_id):
            return INNOCENT
        return await self.moderation.judge(event, speaker, trace)

    def _recognise(self, event: Event, speaker: Speaker, trace: Trace) -> FoundCommand | None:
        account = event.account
        if not event.text or event.message_type not in _TYPED or account is None or account.bot:
            return None
        if "own_action" in event.data:
            return None
        found = self.directory.find(event.text, speaker.community_id)
        if found is not None:
            trace.command = found.card.path
            trace.step("understood", True, f"command !{found.card.path} of {found.module}")
        return found

    async def _permit(self, found: FoundCommand, entry: Entry, speaker: Speaker, trace: Trace) -> list[Outgoing] | None:
        """None when the command may run, else what is said about it (nothing, for a silent refusal)."""
        event, member = entry.event, speaker.context.member
        if "late" in event.data:
            trace.ends("late", "in time", "too old when it arrived: counted, not answered")
            return []
        if member is not None and member.status == "banned":
            trace.ends("banned", "allowed", "banned in this community: no answer")
            return []
        refusal = await self.directory.refusal(found.module, speaker) or refusal_of(found.card, speaker, event)
        if refusal is not None:
            trace.ends("refused", "allowed", refusal)
            told = await self.limits.told_already(found, speaker)
            return [] if told else [say(event, speaker, refusal)]
        trace.step("allowed", True, f"{found.card.role.word} needed")
        # A taken over entry had its turn: its cooldown is running because of itself.
        return None if entry.attempts > 1 else await self._wait(found, event, speaker, trace)

    async def _wait(self, found: FoundCommand, event: Event, speaker: Speaker, trace: Trace) -> list[Outgoing] | None:
        if not self.limits.admits(event):
            trace.ends("flooded", "admitted", "too many commands in 10 s: dropped")
            return []
        wait = await self.limits.wait_for(found, speaker)
        if not wait:
            trace.step("cooldown", True, "ready")
            return None
        sentence = f"Ready in {max(1, round(wait))} s."
        trace.ends("cooldown", "cooldown", sentence)
        told = await self.limits.told_already(found, speaker, wait)
        return [] if told else [say(event, speaker, sentence, private=True)]

    async def execute(self, permitted: Permitted) -> None:
        """Run the command, record what came of it, hand its actions to the outbox."""
        entry, trace, speaker, found = permitted.entry, permitted.trace, permitted.speaker, permitted.found
        began = time.perf_counter()
        execution_id = execution_id_of(entry.event.event_id, found.card.path)
        try:
            invocation = invocation_of(entry.event, speaker, found, execution_id)
            reply = await self.modules.run(found.module, invocation, found.card.timeout)
            outcome = "pending" if reply.pending else "said"
            trace.ends(outcome, "module", f"{found.module} answered, actions: {len(reply.actions)}", ok=True)
        except ServiceError as refusal:
            reply, outcome = Reply.chat(refusal.message), refusal.code
            trace.ends("refused" if refusal.status < _OUR_FAULT else "failed", "module", refusal.message)
            await self._give_back(found, speaker)
        run = Run(execution_id, found.module, found.card.path, outcome, (time.perf_counter() - began) * 1000)
        actions = outgoing(entry.event, speaker, execution_id, found.module, reply)
        await self.records.record(Finished(entry, trace, speaker, [run], actions, datetime.now(UTC)))

    async def _give_back(self, found: FoundCommand, speaker: Speaker) -> None:
        try:
            await self.limits.give_back(found, speaker)
        except Unavailable:
            # The cooldown runs out by itself; the apology must still go out.
            return

    async def _hear(self, entry: Entry, trace: Trace, speaker: Speaker) -> None:
        """Run the modules that asked for this kind of event; each fails alone."""
        listeners = self.directory.listeners(entry.event, speaker)
        if not listeners:
            trace.outcome = "plain"
            await self._end(entry, trace, speaker, [])
            return
        runs, actions = [], []
        for module in listeners:
            run, said = await self._hear_one(module, entry.event, speaker, trace)
            runs.append(run)
            actions += said
        trace.outcome = "heard"
        await self.records.record(Finished(entry, trace, speaker, runs, actions, datetime.now(UTC)))

    async def _hear_one(self, module: str, event: Event, speaker: Speaker, trace: Trace) -> tuple[Run, list[Outgoing]]:
        began = time.perf_counter()
        execution_id = execution_id_of(event.event_id, module)
        try:
            if await self.directory.refusal(module, speaker) is not None:
                reply, outcome = Reply(), "off"
            else:
                invocation = invocation_of(event, speaker, None, execution_id)
                reply, outcome = await self.modules.run(module, invocation, _LISTENER_TIMEOUT), "said"
        except ServiceError as refusal:
            reply, outcome = Reply(), refusal.code
        trace.step(module, outcome == "said", outcome)
        run = Run(execution_id, module, "", outcome, (time.perf_counter() - began) * 1000)
        return run, outgoing(event, speaker, execution_id, module, reply, Priority.ALERT)

    async def _end(self, entry: Entry, trace: Trace, speaker: Speaker, said: list[Outgoing]) -> None:
        await self.records.record(Finished(entry, trace, speaker, outgoing=said))
