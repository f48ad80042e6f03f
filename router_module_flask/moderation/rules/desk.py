"""Phrases what `!rule` says."""

from __future__ import annotations

from flask_core.contracts import rules as contract
from flask_core.contracts.rules import Draft, Match, RuleAction
from flask_core.datamodels import Invocation, Role
from flask_core.errors import InvalidInput
from flask_core.grammar import duration_seconds
from router_module_flask.moderation.rules.authors import author_of
from router_module_flask.moderation.rules.service import Rules, Writer
from router_module_flask.moderation.rules.wording import described, state

_LISTED = 5


class RuleDesk:
    """One sentence each; numbers are always shown."""

    def __init__(self, rules: Rules, *, public_url: str) -> None:
        self._rules = rules
        self._public_url = public_url

    async def add(self, call: Invocation, match: Match, pattern: str, action: str, args: str) -> str:
        """Save a dry run with one action."""
        draft = Draft(match=match, pattern=pattern, actions=(_action(action, args.strip(), call.member.role),))
        rule = await self._rules.add(call.community.id, draft, _writer(call))
        return f"Rule #{rule.number} saved as dry run. Switch on: !rule live {rule.number}"

    async def listed(self, community_id: int) -> str:
        """Five rules, and where the others are."""
        found = await self._rules.page(community_id, 1, _LISTED)
        if not found.items:
            return 'No rules here yet. For example: !rule add contains "free followers" delete'
        told = "; ".join(f"#{rule.number} {described(rule)}, {rule.hits}×" for rule in found.items)
        more = found.total - len(found.items)
        page = f": {self._public_url}/c/{community_id}/moderation" if self._public_url else ""
        return f"{told} (+{more} more{page})" if more else told

    async def test(self, community_id: int, text: str) -> str:
        """Numbers of the rules that match."""
        matching = (await self._rules.test(community_id, text)).rules
        return f"Matches {', '.join(f'#{number}' for number in matching)}." if matching else "No rule matches that."

    async def switch(
        self, call: Invocation, number: int, *, enabled: bool, dry_run: bool | None = None
    ) -> str:  # fmt: skip
        """On, off, or live."""
        rule = await self._rules.switch(call.community.id, number, _writer(call), enabled=enabled, dry_run=dry_run)
        if rule.enabled and rule.dry_run:
            return f"Rule #{number} is a dry run: it is counted, and nothing happens. Switch on: !rule live {number}"
        return f"Rule #{number} is {state(rule)}."

    async def remove(self, call: Invocation, number: int) -> str:
        """Forget it."""
        await self._rules.delete(call.community.id, number, _writer(call))
        return f"Rule #{number} is removed."


def _writer(call: Invocation) -> Writer:
    member = call.member
    return Writer(member.id, author_of(member.person_id, member.id), member.role)


def _action(word: str, args: str, role: Role) -> RuleAction:
    if word == "warn":
        return contract.Warn(args or "Please mind the rules of this chat.")
    if word == "timeout":
        seconds = duration_seconds(args or "10m")
        if seconds is None:
            raise InvalidInput("Say how long: 30s, 10m, 2h or 7d.")
        return contract.Timeout(seconds)
    if word == "command":
        return contract.RunLine(args, role)
    if args:
        raise InvalidInput(f"{word.capitalize()} takes nothing behind it. Put a pattern with spaces into quotes.")
    plain: dict[str, RuleAction] = {"delete": contract.Delete(), "ban": contract.Ban(), "block": contract.Block()}
    return plain[word]
