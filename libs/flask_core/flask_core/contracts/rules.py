"""What router offers about moderation rules: keeping them, trying them, and asking them about a text."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Literal

import msgspec

from flask_core.datamodels import MessageType, Platform, Role
from flask_core.operations import Operation, any_service, people

Match = Literal["exact", "contains", "word", "regex", "wildcard"]

OFFERED_BY = "router"

MOST_RULES = 500
MOST_ACTIONS = 4
LONGEST_TIMEOUT = 14 * 86_400


class Warn(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="warn"):
    """Warn the speaker; `text` (1 to 500 characters) is what they are told."""

    text: str


class Delete(msgspec.Struct, frozen=True, tag_field="type", tag="delete"):
    """Delete the message."""


class Timeout(msgspec.Struct, frozen=True, tag_field="type", tag="timeout"):
    """Silence the speaker for 1 second to 14 days."""

    seconds: int


class Ban(msgspec.Struct, frozen=True, tag_field="type", tag="ban"):
    """Ban the speaker from the channel."""


class Block(msgspec.Struct, frozen=True, tag_field="type", tag="block"):
    """The line reaches no command and no module, and scores nothing."""


class RunLine(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="command"):
    """Run a command line; `{user}` and `{text}` are one quoted argument each.

    It runs with `role`, but never with more than the rule's author has when it runs.
    """

    line: str
    role: Role = Role.VIEWER


class CallWebhook(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="webhook"):
    """Post what happened to `url`, signed with `secret` (at least 32 characters).

    The secret can be written only: what is read has `last4` instead, and an empty one keeps what is there.
    """

    url: str
    secret: str = ""
    last4: str = ""


type RuleAction = Warn | Delete | Timeout | Ban | Block | RunLine | CallWebhook


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a rule watches; what is empty means everywhere, and everything that people write."""

    channels: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    message_types: tuple[MessageType, ...] = ()


class Exempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a rule leaves alone: a role and everything above it (None: nobody by role), a label, members by id."""

    role: Role | None = Role.MODERATOR
    label: str = ""
    members: tuple[str, ...] = ()


class Draft(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A rule as it is written. `priority` 1 (first) to 1000; `stop` ends the pass when it matched.

    A `dry_run` is counted and traced, and nothing happens.
    """

    match: Match
    pattern: str
    actions: tuple[RuleAction, ...] = ()
    name: str = ""
    normalise: bool = True
    scope: Scope = Scope()
    exempt: Exempt = Exempt()
    priority: int = 100
    stop: bool = True
    enabled: bool = True
    dry_run: bool = True
    expires_at: datetime | None = None


class Rule(Draft, frozen=True, omit_defaults=True, kw_only=True):
    """A rule as it is kept; `problem` says why it is skipped, `hits` counts matches, dry ones included."""

    number: int
    version: int
    hits: int = 0
    last_hit_at: datetime | None = None
    problem: str = ""
    author: str = ""
    changed_at: datetime | None = None


class ListRules(msgspec.Struct, frozen=True):
    """A page of rules in the order in which they are asked."""

    community_id: int
    page: int = 1
    per_page: int = 25


class RulePage(msgspec.Struct, frozen=True):
    """One page of rules."""

    items: tuple[Rule, ...]
    page: int
    per_page: int
    total: int


class AddRule(msgspec.Struct, frozen=True):
    """A new rule; it is a dry run unless it says otherwise."""

    community_id: int
    rule: Draft


class RuleOf(msgspec.Struct, frozen=True):
    """A rule of a community."""

    community_id: int
    number: int


class PutRule(msgspec.Struct, frozen=True):
    """The whole rule anew; an older `version` is stale."""

    community_id: int
    number: int
    version: int
    rule: Draft


class SwitchRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """Switch a rule on or off, or from dry run to live; what is None stays."""

    community_id: int
    number: int
    version: int
    enabled: bool | None = None
    dry_run: bool | None = None


class TestText(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text to try on the rules that are on, and on a rule that is not saved yet."""

    __test__ = False

    community_id: int
    text: str
    draft: Draft | None = None


class TestAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Numbers of the rules that match, whether the draft does, and the text as normalising rules see it."""

    __test__ = False

    rules: tuple[int, ...]
    normalised: str
    draft: bool | None = None


class Replay(msgspec.Struct, frozen=True, omit_defaults=True):
    """Try a rule (`number`), a draft, or all rules that are on, with what was written in the last `hours` (1 to 24)."""

    community_id: int
    hours: int = 24
    number: int | None = None
    draft: Draft | None = None


class WouldHit(msgspec.Struct, frozen=True):
    """A message that a rule would have hit; `rule` is 0 for a draft."""

    event_id: str
    occurred_at: datetime
    channel: str
    speaker: str
    text: str
    rule: int


class ReplayAnswer(msgspec.Struct, frozen=True):
    """`messages` were looked through, `hits` of them by `people` different people; the newest hits are listed.

    `complete` is false when there was more than can be looked through at once.
    """

    items: tuple[WouldHit, ...]
    messages: int
    hits: int
    people: int
    complete: bool


class CheckText(msgspec.Struct, frozen=True, omit_defaults=True):
    """Words that a module wants to show; `channel` is where, if it is one place."""

    community_id: int
    text: str
    channel: str = ""


class Checked(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the community's word rules let the text pass, and else the number of the rule."""

    allowed: bool
    rule: int = 0


_RULES = "/api/v1/communities/{community_id}/rules"
_ONE = f"{_RULES}/{{number}}"

LIST = Operation("GET", _RULES, ListRules, RulePage, people(Role.MODERATOR), "List moderation rules.")
ADD = Operation("POST", _RULES, AddRule, Rule, people(Role.MODERATOR), "Add a moderation rule.", status=201)
GET = Operation("GET", _ONE, RuleOf, Rule, people(Role.MODERATOR), "Show a moderation rule.")
PUT = Operation("PUT", _ONE, PutRule, Rule, people(Role.MODERATOR), "Change a moderation rule.")
SWITCH = Operation("PATCH", _ONE, SwitchRule, Rule, people(Role.MODERATOR), "Switch a moderation rule.")
DELETE = Operation("DELETE", _ONE, RuleOf, NoneType, people(Role.MODERATOR), "Remove a moderation rule.", status=204)
TEST = Operation("POST", f"{_RULES}/test", TestText, TestAnswer, people(Role.MODERATOR), "Try a text on the rules.")
REPLAY = Operation(
    "POST", f"{_RULES}/replay", Replay, ReplayAnswer, people(Role.MODERATOR),
    "Tell whom rules would have hit among what was written lately.",
)  # fmt: skip
CHECK = Operation(
    "POST", "/api/v1/communities/{community_id}/moderation/check", CheckText, Checked, any_service(),
    "Ask the word rules about a text.",
)  # fmt: skip

TOPIC_RULES = "router.rules"
