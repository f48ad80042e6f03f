"""What may be written into a rule, and by whom; every refusal names the field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from flask_core.contracts import rules
from flask_core.contracts.rules import LONGEST_TIMEOUT, MOST_ACTIONS, Draft, Rule, RuleAction
from flask_core.datamodels import ChannelKey, Role
from flask_core.encryption import Sealer
from flask_core.errors import Forbidden, InvalidInput
from flask_core.grammar import tokenize
from flask_core.url_guard import UrlGuard
from router_module_flask.models import FoundCommand
from router_module_flask.moderation.rules.acts import filled_in, has_slots
from router_module_flask.moderation.rules.patterns import sought

LONGEST_TEXT, LONGEST_NAME, MOST_NAMED = 500, 60, 100
SHORTEST_SECRET, LONGEST_SECRET = 32, 200

type FindCommand = Callable[[str, int], Awaitable[FoundCommand | None]]


class RuleChecks:
    """Looks at drafts before they are kept."""

    def __init__(self, find: FindCommand, sealer: Sealer, guard: UrlGuard) -> None:
        self._find = find
        self._sealer = sealer
        self._guard = guard

    def plain(self, draft: Draft) -> None:
        """Everything that needs nobody else; raises InvalidInput."""
        sought(draft.match, draft.pattern, draft.normalise)
        _need(draft.name.isprintable() and len(draft.name) <= LONGEST_NAME, "name",
              f"A name has at most {LONGEST_NAME} characters.")  # fmt: skip
        _need(1 <= draft.priority <= 1000, "priority", "A priority is a number from 1 (first) to 1000.")
        for key in draft.scope.channels:
            ChannelKey.parse(key)
        named = max(len(draft.scope.channels), len(draft.scope.message_types), len(draft.exempt.members))
        _need(named <= MOST_NAMED, "scope", f"Name at most {MOST_NAMED} of a kind.")
        ids = (draft.exempt.label, *draft.exempt.members)
        _need(all(len(known) <= 200 for known in ids), "exempt", "That is no member and no label.")

    async def kept(self, draft: Draft, was: Rule | None, community_id: int, held: Role, now: datetime) -> Draft:
        """The draft as it is kept, secrets sealed; `held` is what its author may do.

        Raises InvalidInput, or Forbidden where a command would run with more rights than the author has.
        """
        self.plain(draft)
        _need(1 <= len(draft.actions) <= MOST_ACTIONS, "actions", f"A rule has 1 to {MOST_ACTIONS} actions.")
        moved = was is None or was.expires_at != draft.expires_at
        if moved and draft.expires_at is not None:
            _need(draft.expires_at.tzinfo is not None, "expires_at", "Say in which time zone the rule ends.")
            _need(draft.expires_at > now, "expires_at", "A rule ends in the future.")
        actions = [await self._action(action, was, community_id, held) for action in draft.actions]
        return msgspec.structs.replace(draft, actions=tuple(actions))

    async def _action(self, action: RuleAction, was: Rule | None, community_id: int, held: Role) -> RuleAction:
        if isinstance(action, rules.Timeout):
            _need(1 <= action.seconds <= LONGEST_TIMEOUT, "actions", "A timeout lasts 1 second to 14 days.")
        elif isinstance(action, rules.Warn):
            _need(bool(action.text.strip()) and len(action.text) <= LONGEST_TEXT, "actions",
                  f"A warning has 1 to {LONGEST_TEXT} characters.")  # fmt: skip
        elif isinstance(action, rules.RunLine):
            await self._line(action, community_id, held)
        elif isinstance(action, rules.CallWebhook):
            return self._webhook(action, was)
        return action

    async def _line(self, action: rules.RunLine, community_id: int, held: Role) -> None:
        line = action.line.strip()
        _need(line[:1] in {"!", "#"} and len(line) <= LONGEST_TEXT and line.isprintable(), "actions",
              f"A command line begins with ! or # and has at most {LONGEST_TEXT} characters.")  # fmt: skip
        for token in tokenize(line):
            alone = not token.quoted and token.text in {"{user}", "{text}"}
            _need(alone or not has_slots(token.text), "actions",
                  "Write {user} and {text} as words of their own; quotes come by themselves.")  # fmt: skip
        found = await self._find(filled_in(line, "somebody", "something"), community_id)
        _need(found is not None, "actions", f"There is no command {line.split(maxsplit=1)[0][:50]} here.")
        assert found is not None
        needed = found.card.role
        if max(needed, action.role) > held:
            raise Forbidden(
                f"{found.prefix}{found.card.path} runs with the rights of {max(needed, action.role).word}s here,"
                f" and you are {held.word}.",
                field="actions",
            )
        _need(needed <= action.role, "actions",
              f"{found.prefix}{found.card.path} is for {needed.word}s: let the line run as {needed.word}.")  # fmt: skip

    def _webhook(self, action: rules.CallWebhook, was: Rule | None) -> rules.CallWebhook:
        self._guard.checked_url(action.url)
        before = was.actions if was is not None else ()
        known = [a for a in before if isinstance(a, rules.CallWebhook) and a.url == action.url]
        if not action.secret and known:
            return known[0]
        _need(SHORTEST_SECRET <= len(action.secret) <= LONGEST_SECRET, "actions",
              f"A webhook needs a secret of {SHORTEST_SECRET} to {LONGEST_SECRET} characters.")  # fmt: skip
        return rules.CallWebhook(action.url, self._sealer.seal(action.secret), action.secret[-4:])


def shown(rule: Rule) -> Rule:
    """The rule as people read it: secrets stay where they are."""
    actions = tuple(
        rules.CallWebhook(action.url, last4=action.last4) if isinstance(action, rules.CallWebhook) else action
        for action in rule.actions
    )
    return msgspec.structs.replace(rule, actions=actions)


def _need(holds: bool, field: str, sentence: str) -> None:
    if not holds:
        raise InvalidInput(sentence, field=field)
