"""The way of an event, top to bottom; every step is a verb on a port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import msgspec

from flask_core.datamodels import LIVE_AFTER, Event, MessageType, Role
from flask_core.errors import InvalidInput
from flask_core.shared_state import SharedState
from router_module_flask.delivering.addressing import say
from router_module_flask.dispatch import Dispatch, Turn
from router_module_flask.forms import filled_in
from router_module_flask.hearing import Hearing
from router_module_flask.models import Entry, Finished, FoundCommand, Interest, Line, Outgoing, Run, Speaker, Trace
from router_module_flask.moderation.verdicts import INNOCENT, Verdict
from router_module_flask.permissions import refusal_of, speaker_of
from router_module_flask.ports import Contexts, Directory, Limits, Moderation, Modules, Records
from router_module_flask.sessions.sessions import Awaited, Sessions
from router_module_flask.streams import Streams

_TYPED = frozenset({MessageType.CHAT, MessageType.SLASH_COMMAND})
_CANCEL = "cancel"
_NO_SUCH = "There is no such command here. !commands lists what you may use."
_POINTER_SECONDS = 60.0
_NEEDED = {role: f"{role.word} needed" for role in Role}
_NO_COMMANDS = {"own_action", "no_commands"}
"""What a line has in its data that runs nothing: our own, and one where the server takes no commands."""


class Permitted(msgspec.Struct, frozen=True):
    """What shall run for an event now; `begin` hands it to `execute`."""

    entry: Entry
    trace: Trace
    speaker: Speaker
    found: FoundCommand | None = None
    lines: tuple[Line, ...] = ()
    listeners: Sequence[Interest] = ()
    said: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`begin` takes the events of a channel one at a time; `execute` may overlap with the next ones."""

    contexts: Contexts
    moderation: Moderation
    directory: Directory
    limits: Limits
    dispatch: Dispatch
    hearing: Hearing
    records: Records

    @classmethod
    def around(
        cls,
        contexts: Contexts,
        moderation: Moderation,
        directory: Directory,
        limits: Limits,
        modules: Modules,
        records: Records,
        shared: SharedState,
    ) -> Self:
        """The pipeline whose lines and events run in `modules`."""
        dispatch = Dispatch(directory, limits, modules, Sessions(shared))
        hearing = Hearing(directory, modules, Streams(shared))
        return cls(contexts, moderation, directory, limits, dispatch, hearing, records)

    async def begin(self, entry: Entry) -> Permitted | None:
        """Resolve, moderate, look up and permit. What shall run is returned; an event that runs nothing is recorded.

        Raises Unavailable when the event has to be read again later: without a context nothing runs.
        """
        event, trace = entry.event, Trace(entry.received_at)
        context = self.contexts.known(event) or await self.contexts.ask(event)
        speaker = speaker_of(event, context)
        trace.step("resolved", True, speaker.described)
        if "own_action" in event.data and event.message_type in _TYPED:
            # What our account did to others is no line, and everybody may hear of it.
            trace.ends("own", "moderation", "our own line: dropped", ok=True)
            await self.records.record(Finished(entry, trace, speaker))
            return None
        judged = event.text and not self.moderation.idle(speaker.community_id)
        verdict = await self.moderation.judge(event, speaker, trace) if judged else INNOCENT
        over = verdict.blocked or "edited" in event.data
        if verdict.outgoing and (verdict.lines or not over):
            # Whatever else this line causes may take long; what it deserves must not wait for that.
            await self.records.hand_out(verdict.outgoing)
        if over:
            trace.outcome = "blocked" if verdict.blocked else "edited"
            work = Permitted(entry, trace, speaker, lines=verdict.lines, said=() if verdict.lines else verdict.outgoing)
        else:
            work = await self._understand(entry, trace, speaker, verdict)
        if work.found or work.lines or work.listeners:
            return work
        await self.records.record(Finished(entry, trace, speaker, outgoing=list(work.said)))
        return None

    async def _understand(self, entry: Entry, trace: Trace, speaker: Speaker, verdict: Verdict) -> Permitted:
        """What the line asks for, if its speaker may; else what is said about it, or who else wants to hear it."""
        event, community_id, typed = entry.event, speaker.community_id, _typed_by_somebody(entry.event)
        if event.message_type in LIVE_AFTER:
            self.contexts.told(event)
            await self.hearing.streams.note(event)
        if not self.directory.prepared(community_id):
            await self.directory.prepare(community_id)
        if self._only_watched(event, speaker):
            trace.ends("bot", "heard", "a bot wrote that: watched, but neither answered nor heard", ok=True)
            return Permitted(entry, trace, speaker, None, verdict.lines)
        try:
            found = self._recognise(event, community_id, trace, typed=typed)
        except InvalidInput as usage:
            trace.ends("usage", "understood", usage.message)
            return Permitted(entry, trace, speaker, None, verdict.lines, (), (say(event, speaker, usage.message),))
        awaited = self.dispatch.sessions.awaited(event.channel, speaker.member_id)
        if awaited is not None and typed:
            found = await self._as_answer(awaited, found, event, speaker, trace)
            if found is None:
                trace.ends("cancelled", "understood", f"!{awaited.path} does not wait any more", ok=True)
                return Permitted(entry, trace, speaker, None, verdict.lines, (), (say(event, speaker, "Cancelled."),))
        if found is None:
            trace.outcome = "plain"
            listeners = self.directory.listeners(event, speaker)
            missed = typed and self.directory.missed(event.text, community_id)
            # Whoever calls the bot by name, and is heard for that, did not mistype a command.
            missed = missed and not any(interest.mentions_bot for _, interest in listeners)
            said = await self._pointer(event, speaker, trace) if missed else ()
            return Permitted(entry, trace, speaker, None, verdict.lines, listeners, said)
        answer = await self._permit(found, entry, speaker, trace)
        allowed = found if answer is None else None
        return Permitted(entry, trace, speaker, allowed, verdict.lines, (), tuple(answer) if answer else ())

    def _only_watched(self, event: Event, speaker: Speaker) -> bool:
        """Whether a bot speaks that is not allowed here; our own never is, or it would talk to itself."""
        member = speaker.context.member
        if not (event.account is not None and event.account.bot) and not (member and "bot" in member.labels):
            return False
        allowed = self.directory.customs(speaker.community_id).choices.bots_allowed_in
        return "own_action" in event.data or speaker.context.channel.key not in allowed

    def _recognise(self, event: Event, community_id: int, trace: Trace, *, typed: bool) -> FoundCommand | None:
        if typed:
            found = self.directory.find(event.text, community_id)
        elif event.message_type is MessageType.MODAL_SUBMIT:
            found = filled_in(self.directory, event, community_id)
        else:
            return None
        if found is not None:
            trace.command = found.card.path
            trace.step("understood", True, f"command !{found.card.path} of {found.module}")
        return found

    async def _as_answer(
        self, awaited: Awaited, found: FoundCommand | None, event: Event, speaker: Speaker, trace: Trace
    ) -> FoundCommand | None:
        """The line as the answer that a command waits for. Another command takes its place, `cancel` ends it."""
        await self.dispatch.sessions.stop_waiting(event.channel, speaker.member_id)
        await self.directory.prepare(speaker.community_id)
        if found is not None or event.text.strip().lower() == _CANCEL:
            return found
        card = self.directory.card(awaited.module, awaited.path, speaker.community_id)
        if card is None:
            return None
        trace.command = card.path
        trace.step("understood", True, f"the answer that !{card.path} of {awaited.module} waits for")
        return FoundCommand(awaited.module, card, card.path, event.text, {}, answers="line")

    async def _pointer(self, event: Event, speaker: Speaker, trace: Trace) -> tuple[Outgoing, ...]:
        """What is said about a word that is no command, where the community wants that, once in a while."""
        trace.step("understood", False, _NO_SUCH)
        told = await self.limits.told_lately("no such command", speaker, _POINTER_SECONDS)
        return () if told else tuple(self._refusal(event, speaker, _NO_SUCH))

    def _refusal(self, event: Event, speaker: Speaker, sentence: str, *, private: bool = False) -> list[Outgoing]:
        """The sentence as the community wants refusals told."""
        style = self.directory.customs(speaker.community_id).choices.refusals
        return [] if style == "silent" else [say(event, speaker, sentence, private=private or style == "private")]

    async def _permit(self, found: FoundCommand, entry: Entry, speaker: Speaker, trace: Trace) -> list[Outgoing] | None:
        """None when the command may run, else what is said about it (nothing, for a silent refusal)."""
        event = entry.event
        refusal = self._forbidden(found, event, speaker, trace)
        if refusal is not None:
            told = not refusal or await self.limits.told_already(found, speaker)
            return [] if told else self._refusal(event, speaker, refusal)
        # A taken over entry had its turn: its cooldown is running because of itself.
        if entry.attempts > 1 or found.answers:
            return None
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
        return [] if told else self._refusal(event, speaker, sentence, private=True)

    def _forbidden(self, found: FoundCommand, event: Event, speaker: Speaker, trace: Trace) -> str | None:
        """The sentence why the command may not run, "" for a reason that nobody is told; None when it may."""
        card, member = found.card, speaker.context.member
        if "late" in event.data:
            trace.ends("late", "in time", "too old when it arrived: counted, not answered")
            return ""
        if member is not None and member.status == "banned":
            trace.ends("banned", "allowed", "banned in this community: no answer")
            return ""
        if found.absent is not None and (reason := found.absent(event, speaker)):
            trace.ends("refused", "allowed", f"!{card.path} {reason}: no answer")
            return ""
        off = self.directory.refusal(found.module, speaker)
        refusal = off or refusal_of(card, speaker, event)
        if refusal is not None:
            trace.ends("refused", "enabled" if off else "allowed", refusal)
            return refusal
        trace.step("allowed", True, _NEEDED[card.role])
        return None

    async def execute(self, permitted: Permitted) -> None:
        """Run everything that shall run, record what came of it, hand its actions to the outbox."""
        entry, trace, speaker = permitted.entry, permitted.trace, permitted.speaker
        again = entry.attempts > 1
        runs: list[Run] = []
        outgoing = list(permitted.said)
        for line in permitted.lines:
            turn = await self.dispatch.run_line(line, entry.event, speaker, trace, again=again)
            runs += turn.runs
            outgoing += turn.outgoing
        if permitted.found is not None:
            turn = Turn(entry.event, speaker, trace, again=again, first=entry.attempts == 1)
            await self.dispatch.run(turn, permitted.found)
            runs += turn.runs
            outgoing += turn.outgoing
        elif permitted.listeners:
            heard, said = await self.hearing.tell(permitted.listeners, entry.event, speaker, trace)
            runs += heard
            outgoing += said
            trace.outcome = "heard"
        await self.records.record(Finished(entry, trace, speaker, runs, outgoing, datetime.now(UTC)))


def _typed_by_somebody(event: Event) -> bool:
    typed = bool(event.text) and event.message_type in _TYPED and event.account is not None
    return typed and _NO_COMMANDS.isdisjoint(event.data)
