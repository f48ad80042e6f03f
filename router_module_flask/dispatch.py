"""Runs command lines to their end: what was typed, what a module asks for in turn, and what nobody typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import msgspec

from flask_core.contracts.module import Priority
from flask_core.datamodels import Event, Reply, RunCommand
from flask_core.errors import InvalidInput, ServiceError, Unavailable
from flask_core.grammar import clean
from router_module_flask.delivering.addressing import BOT, outgoing
from router_module_flask.invocations import execution_id_of, invocation_of
from router_module_flask.models import FoundCommand, Line, Outgoing, Run, Speaker, Trace
from router_module_flask.permissions import acting_as, refusal_of
from router_module_flask.ports import Directory, Limits, Modules, Records
from router_module_flask.sessions.sessions import Sessions

DEEPEST = 5
_OUR_FAULT = 500
_TOO_DEEP = f"A command can lead to {DEEPEST} others at most."
_GONE = "!{} leads to a command that does not exist here."


class Turn(msgspec.Struct):
    """One line and all that comes of it: `names` ran already, `runs` and `outgoing` are to be recorded.

    `cause` keeps apart what different causes make of one event; `quiet` lines were typed by nobody, so nobody is
    told about refusals; `again` is an entry that was taken over, whose cooldowns are running because of itself, and
    `first` one that nobody read before.
    """

    event: Event
    speaker: Speaker
    trace: Trace
    cause: str = ""
    quiet: bool = False
    again: bool = False
    first: bool = False
    priority: int = Priority.REPLY
    names: list[str] = []
    runs: list[Run] = []
    outgoing: list[Outgoing] = []

    def execution_id(self, path: str) -> str:
        """The same for the same event, cause and command."""
        return execution_id_of(self.event.event_id, f"{self.cause}\n{path}" if self.cause else path)

    def says(self, sentence: str, *, private: bool = False) -> None:
        """Tell the caller, unless nobody asked."""
        if not self.quiet:
            key = self.execution_id(f"\nrouter {len(self.outgoing)}")
            self.outgoing += outgoing(self.event, self.speaker, key, BOT, Reply.chat(sentence, private=private))


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The whole chain of a line goes into one turn; no name runs twice in it, and it is five steps deep at most."""

    directory: Directory
    limits: Limits
    modules: Modules
    sessions: Sessions

    async def run(self, turn: Turn, found: FoundCommand, depth: int = 0) -> bool:
        """Run a command that may run, and the lines its module asks for; False when anything was refused or failed.

        A refusal at any depth gives back the cooldowns of everything before it.
        """
        path = found.card.path
        turn.names.append(path)
        began = perf_counter()
        execution_id = turn.execution_id(path)
        invocation = invocation_of(turn.event, turn.speaker, found, execution_id, depth, first=turn.first)
        try:
            if turn.speaker.member_id and not turn.quiet:
                await self.sessions.begin(invocation.session_id, found.module)
            reply = await self.modules.run(found.module, invocation, found.card.timeout)
            outcome, done = "pending" if reply.pending else "said", True
            said = f"{found.module} answered, actions: {len(reply.actions)}"
            turn.trace.ends(outcome, "module", said, ok=True)
        except ServiceError as refusal:
            outcome, done = refusal.code, False
            ends = "refused" if refusal.status < _OUR_FAULT else "failed"
            turn.trace.ends(ends, "module", refusal.message)
            reply = Reply() if turn.quiet else Reply.chat(refusal.message)
        turn.runs.append(Run(execution_id, found.module, path, outcome, (perf_counter() - began) * 1000))
        turn.outgoing += outgoing(turn.event, turn.speaker, execution_id, found.module, reply, turn.priority)
        if reply.expects_reply > 0:
            await self._wait_for_reply(turn, found, reply)
        for line in self._lines(found, reply, turn):
            done &= await self._again(turn, line, found, depth + 1)
        if not done:
            await self._give_back(found, turn.speaker)
        return done

    async def _wait_for_reply(self, turn: Turn, found: FoundCommand, reply: Reply) -> None:
        if turn.speaker.member_id and not turn.quiet:
            await self.sessions.wait_for(
                turn.event.channel, turn.speaker.member_id, found.module, found.card.path, reply.expects_reply
            )

    def _lines(self, found: FoundCommand, reply: Reply, turn: Turn) -> list[str]:
        lines = [action.line for action in reply.actions if isinstance(action, RunCommand)]
        if lines and not self.directory.may_dispatch(found.module):
            turn.trace.step("dispatched", False, f"{found.module} may not start commands")
            return []
        return lines

    async def _again(self, turn: Turn, line: str, before: FoundCommand, depth: int) -> bool:
        """Look the line up with the caller's own rights and run it."""
        try:
            found = await self._find(line, turn.speaker.community_id)
        except InvalidInput as usage:
            return self._misunderstood(turn, usage)
        if found is None or (found.absent is not None and found.absent(turn.event, turn.speaker)):
            return self._refuses(turn, "refused", _GONE.format(before.card.path))
        if found.card.path in turn.names:
            return self._refuses(turn, "refused", f"!{found.card.path} runs itself.")
        if depth > DEEPEST:
            return self._refuses(turn, "refused", _TOO_DEEP)
        turn.trace.step("dispatched", True, f"!{before.card.path} → !{found.card.path} of {found.module}")
        return await self._permitted(turn, found) and await self.run(turn, found, depth)

    async def _find(self, line: str, community_id: int) -> FoundCommand | None:
        line = line.strip()
        if not line:
            return None
        await self.directory.prepare(community_id)
        return self.directory.find(line if line[0] in "!#" else f"!{line}", community_id)

    async def _permitted(self, turn: Turn, found: FoundCommand) -> bool:
        refusal = self.directory.refusal(found.module, turn.speaker)
        refusal = refusal or refusal_of(found.card, turn.speaker, turn.event)
        if refusal is not None:
            return self._refuses(turn, "refused", refusal)
        wait = 0.0 if turn.again else await self.limits.wait_for(found, turn.speaker)
        if wait:
            return self._refuses(turn, "cooldown", f"Ready in {max(1, round(wait))} s.", private=True)
        return True

    def _refuses(self, turn: Turn, outcome: str, sentence: str, *, private: bool = False) -> bool:
        """Stop, and say so as the community wants refusals told."""
        turn.trace.ends(outcome, "dispatched", sentence)
        style = self.directory.customs(turn.speaker.community_id).choices.refusals
        if style != "silent":
            turn.says(sentence, private=private or style == "private")
        return False

    def _misunderstood(self, turn: Turn, usage: InvalidInput) -> bool:
        turn.trace.ends("usage", "dispatched", usage.message)
        turn.says(usage.message)
        return False

    async def _give_back(self, found: FoundCommand, speaker: Speaker) -> None:
        try:
            await self.limits.give_back(found, speaker)
        except Unavailable:
            # The cooldown runs out by itself; the apology must still go out.
            return

    async def run_line(self, line: Line, event: Event, speaker: Speaker, trace: Trace, *, again: bool = False) -> Turn:
        """Run a line that a rule or a timer carries, with the line's role and no rule watching.

        Nobody typed it, so refusals are silent: they are steps of `trace`. What came of it is for the caller to
        record. `event` is what the line is about: the one that a rule matched, or one made for a timer's run.
        """
        turn = Turn(
            event,
            acting_as(speaker, line.role),
            trace,
            cause=line.cause,
            quiet=True,
            again=again,
            priority=line.priority,
        )
        outcome = trace.outcome
        await self._run_quietly(line, turn)
        # The word for the whole is that of the event, whatever became of a line that somebody else added.
        trace.outcome = outcome
        return turn

    async def _run_quietly(self, line: Line, turn: Turn) -> None:
        turn.trace.step("line", True, f"{line.cause} runs a command as {line.role.word}")
        try:
            found = await self._find(line.text, turn.speaker.community_id)
        except InvalidInput as usage:
            self._misunderstood(turn, usage)
            return
        if found is None or (found.absent is not None and found.absent(turn.event, turn.speaker)):
            self._refuses(turn, "refused", "no such command")
        elif await self._permitted(turn, found):
            await self.run(turn, found)


@dataclass(frozen=True, slots=True)
class Lines:
    """Runs lines outside of any event of the log and records what came of them: timers, and buttons of the portal."""

    dispatch: Dispatch
    records: Records
    now: Callable[[], float] = perf_counter

    async def run(self, line: Line, event: Event, speaker: Speaker) -> Turn:
        """Run the line; runs and deliveries are committed when this returns, the same event and cause once."""
        turn = await self.dispatch.run_line(line, event, speaker, Trace(self.now()))
        await self.records.keep(turn.event.event_id, turn.speaker, turn.runs, turn.outgoing)
        return turn


def as_one_argument(text: str) -> str:
    """`text` as one quoted word of a command line, whatever is written in it."""
    # Cleaned first: a quote of another width becomes a plain one when the line is read.
    escaped = " ".join(clean(text).split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
