"""Judges a line of chat by the rules of its community."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts import rules
from flask_core.contracts.rules import Rule, RuleAction
from flask_core.datamodels import Event, MessageType, Role
from flask_core.errors import Unavailable
from router_module_flask.models import Line, Outgoing, Speaker, Trace
from router_module_flask.moderation.rules.acts import delivery_of, line_of, moderate_of, webhook_of
from router_module_flask.moderation.rules.authors import Authors
from router_module_flask.moderation.rules.book import RuleBook
from router_module_flask.moderation.rules.wording import act, acts
from router_module_flask.moderation.verdicts import INNOCENT, Verdict

# What platforms tell about acts and streams has texts that nobody said to the chat.
NOT_SAID = frozenset({
    MessageType.BAN, MessageType.KICK, MessageType.TIMEOUT, MessageType.WARN, MessageType.UNBAN,
    MessageType.MESSAGE_DELETE, MessageType.STREAM_ONLINE, MessageType.STREAM_OFFLINE, MessageType.STREAM_UPDATE,
})  # fmt: skip


class _Outcome:
    """What the pass over the rules gathers."""

    def __init__(self) -> None:
        self.outgoing: list[Outgoing] = []
        self.lines: list[Line] = []
        self.blocked = False

    def verdict(self) -> Verdict:
        return Verdict(tuple(self.outgoing), tuple(self.lines), self.blocked)


class RuleWatch:
    """Rules see everything that people write, commands included; matching touches memory only."""

    def __init__(self, book: RuleBook, authors: Authors, now: Callable[[], datetime] = utc_now) -> None:
        self._book = book
        self._authors = authors
        self._now = now

    def idle(self, community_id: int) -> bool:
        """Whether no rule is on here."""
        return self._book.idle(community_id)

    async def judge(self, event: Event, speaker: Speaker, trace: Trace) -> Verdict:
        """What the rules that match do, by priority; a dry run is counted and told, and ends no pass."""
        community_id = speaker.community_id
        if event.message_type in NOT_SAID or "own_action" in event.data:
            return INNOCENT
        known = self._book.known(community_id) or await self._book.of(community_id)
        matching = known.matching(event.text)
        if not matching:
            return INNOCENT
        outcome = _Outcome()
        for rule in matching:
            if not concerns(rule, event, speaker, self._now()):
                continue
            self._book.hit(community_id, rule.number)
            if rule.dry_run:
                trace.step(f"rule #{rule.number}", True, f"dry run, would: {acts(rule)}")
                continue
            trace.step(f"rule #{rule.number}", False, f"matched: {acts(rule)}")
            for index, action in enumerate(rule.actions):
                await self._act(rule, index, action, event, speaker, trace, outcome)
            if rule.stop:
                break
        return outcome.verdict()

    async def _act(
        self, rule: Rule, index: int, action: RuleAction, event: Event, speaker: Speaker, trace: Trace, out: _Outcome
    ) -> None:
        if isinstance(action, rules.Block):
            out.blocked = True
        elif isinstance(action, rules.CallWebhook):
            out.outgoing.append(webhook_of(rule, index, event, speaker))
        elif isinstance(action, rules.RunLine):
            role = await self._lent(rule, action, speaker.community_id, trace)
            if role is not None:
                out.lines.append(line_of(rule, index, action, role, event))
        elif moderate := moderate_of(rule, action, event):
            out.outgoing.append(delivery_of(rule, index, moderate, event, speaker))
        else:
            trace.step(f"rule #{rule.number}", False, f"{act(action)}: unsupported for what happened here")

    async def _lent(self, rule: Rule, action: rules.RunLine, community_id: int, trace: Trace) -> Role | None:
        """The role with which the line runs: as its author chose, and never more than the author has now."""
        try:
            held = await self._authors.role_of(community_id, rule.author)
        except Unavailable:
            trace.step(
                f"rule #{rule.number}", False, f"{act(action)}: skipped, the author's role is not known right now"
            )
            return None
        if held < action.role:
            self._book.mark(community_id, rule.number, f"Its author is {held.word} now, and {act(action)} needs more.")
        return min(held, action.role)


def concerns(rule: Rule, event: Event, speaker: Speaker, now: datetime) -> bool:
    """Whether the rule is about this event and this speaker."""
    if rule.expires_at is not None and rule.expires_at <= now:
        return False
    exempt, member = rule.exempt, speaker.context.member
    if exempt.role is not None and speaker.role >= exempt.role:
        return False
    if member is not None and (exempt.label in member.labels or speaker.member_id in exempt.members):
        return False
    scope = rule.scope
    return within(rule, event.channel) and (not scope.message_types or event.message_type in scope.message_types)


def within(rule: Rule, channel: str) -> bool:
    """Whether the rule watches this channel."""
    scope = rule.scope
    if scope.channels and channel not in scope.channels:
        return False
    return not scope.platforms or channel.partition(":")[0] in scope.platforms
