"""Keeping moderation rules: who may write which, what is tried on them, and everybody told about changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import asdict, replace

from flask_core.auth import utc_now
from flask_core.contracts.rules import Draft, Rule, RulePage, RunLine, TestAnswer
from flask_core.datamodels import MAX_TEXT, Role
from flask_core.errors import InvalidInput, NotFound, Stale
from router_module_flask.moderation.normalising import seen
from router_module_flask.moderation.rules.authors import Authors
from router_module_flask.moderation.rules.book import RuleBook
from router_module_flask.moderation.rules.checks import RuleChecks, shown
from router_module_flask.moderation.rules.pattern_set import RuleSet
from router_module_flask.moderation.rules.repository import RuleRepository

MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Writer:
    """Who changes a rule: how the audit and how the rule names them, and their role where they ask."""

    actor: str
    author: str
    role: Role


class Rules:
    """Rules of one community at a time; those of another are not found."""

    def __init__(
        self,
        rules: RuleRepository,
        book: RuleBook,
        checks: RuleChecks,
        authors: Authors,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._rules = rules
        self._book = book
        self._checks = checks
        self._authors = authors
        self._now = now

    async def page(self, community_id: int, page: int, per_page: int) -> RulePage:
        """A page in the order in which rules act."""
        page, per_page = max(1, page), min(max(1, per_page), MOST_PER_PAGE)
        found, total = await self._rules.page(community_id, page, per_page)
        return RulePage(tuple(map(shown, found)), page, per_page, total)

    async def one(self, community_id: int, number: int) -> Rule:
        """A rule as people read it; raises NotFound."""
        return shown(await self._kept(community_id, number))

    async def _kept(self, community_id: int, number: int) -> Rule:
        found = await self._rules.one(community_id, number)
        if found is None:
            raise NotFound(f"No rule #{number} here.")
        return found

    async def add(self, community_id: int, draft: Draft, by: Writer) -> Rule:
        """Keep a new rule; raises InvalidInput, Forbidden, LimitReached."""
        now = self._now()
        draft = await self._checks.kept(draft, None, community_id, await self._held(community_id, draft, by), now)
        rule = await self._rules.add(community_id, draft, by.author, now, (by.actor, "rule.add"))
        self._book.changed(community_id)
        return shown(rule)

    async def put(self, community_id: int, number: int, version: int, draft: Draft, by: Writer) -> Rule:
        """Replace a rule, whose author is the writer from now on; raises Stale besides what `add` does."""
        was, now = await self._kept(community_id, number), self._now()
        draft = await self._checks.kept(draft, was, community_id, await self._held(community_id, draft, by), now)
        return await self._put(community_id, was, version, draft, by.author, (by.actor, "rule.change"))

    async def switch(
        self, community_id: int, number: int, by: Writer, *, version: int | None = None,
        enabled: bool | None = None, dry_run: bool | None = None,
    ) -> Rule:  # fmt: skip
        """Switch a rule on or off, live or to a dry run; its author stays. Without `version` whatever is there."""
        was = await self._kept(community_id, number)
        draft = replace(
            _draft(was),
            enabled=was.enabled if enabled is None else enabled,
            dry_run=was.dry_run if dry_run is None else dry_run,
        )
        version = was.version if version is None else version
        return await self._put(community_id, was, version, draft, was.author, (by.actor, "rule.switch"))

    async def _put(
        self, community_id: int, was: Rule, version: int, draft: Draft, author: str, act: tuple[str, str]
    ) -> Rule:
        kept = await self._rules.put(community_id, was.number, version, draft, author, self._now(), act)
        if kept is None:
            current = await self.one(community_id, was.number)
            raise Stale(f"Rule #{was.number} was changed meanwhile. Look at it again.", current=asdict(current))
        self._book.changed(community_id)
        return shown(kept)

    async def delete(self, community_id: int, number: int, by: Writer) -> None:
        """Forget a rule; raises NotFound."""
        if not await self._rules.delete(community_id, number, self._now(), (by.actor, "rule.remove")):
            raise NotFound(f"No rule #{number} here.")
        self._book.changed(community_id)

    async def test(self, community_id: int, text: str, draft: Draft | None = None) -> TestAnswer:
        """Which rules that are on match a text, wherever they watch and whomever they exempt."""
        if len(text) > MAX_TEXT:
            raise InvalidInput(f"A text has at most {MAX_TEXT} characters.", field="text")
        matching = (await self._book.of(community_id)).matching(text)
        return TestAnswer(
            tuple(rule.number for rule in matching),
            seen(text),
            None if draft is None else bool(self.only(draft).matching(text)),
        )

    def only(self, draft: Draft) -> RuleSet:
        """A set of one rule that is not kept; raises InvalidInput."""
        self._checks.plain(draft)
        return RuleSet([Rule(**{name: getattr(draft, name) for name in Draft.__struct_fields__}, number=0, version=0)])

    async def sets(self, community_id: int, number: int | None, draft: Draft | None) -> RuleSet:
        """What a replay tries: a draft, one rule whether it is on or not, or all that are on."""
        if draft is not None:
            return self.only(draft)
        return RuleSet([await self._kept(community_id, number)]) if number else await self._book.of(community_id)

    async def _held(self, community_id: int, draft: Draft, by: Writer) -> Role:
        """What counts for commands is the role that can be asked for again when the rule runs."""
        if not any(isinstance(action, RunLine) for action in draft.actions):
            return by.role
        return min(by.role, await self._authors.role_of(community_id, by.author))


def _draft(rule: Rule) -> Draft:
    return Draft(**{name: getattr(rule, name) for name in Draft.__struct_fields__})
