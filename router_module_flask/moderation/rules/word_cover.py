"""What others wrote and the bot is about to say passes the word rules first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.rules import Rule
from flask_core.datamodels import Chat, Origin
from router_module_flask.delivering.rows import Due
from router_module_flask.moderation.rules.book import RuleBook
from router_module_flask.moderation.rules.watch import within

HIDDEN = "(hidden by this channel's word filter)"


class WordCover:
    """Rules that are live hide words whoever says them; nobody is exempt, and nothing else of a rule happens."""

    def __init__(self, book: RuleBook, now: Callable[[], datetime] = utc_now) -> None:
        self._book = book
        self._now = now

    async def cover(self, dues: Sequence[Due]) -> list[Due]:
        """The same deliveries, with what a rule hides replaced; raises Unavailable when rules cannot be read."""
        return [await self._covered(due) for due in dues]

    async def _covered(self, due: Due) -> Due:
        action, community_id = due.delivery.action, due.delivery.community_id
        if not isinstance(action, Chat) or action.origin is not Origin.EXTERNAL or self._book.idle(community_id):
            return due
        rule = await self.hit(community_id, action.text, due.delivery.channel)
        if rule is None:
            return due
        self._book.hit(community_id, rule.number)
        hidden = msgspec.structs.replace(action, text=HIDDEN, origin=Origin.OWN)
        delivery = msgspec.structs.replace(due.delivery, action=hidden)
        return replace(due, delivery=delivery, note=f"Hidden by rule #{rule.number}.")

    async def hit(self, community_id: int, text: str, channel: str = "") -> Rule | None:
        """The first live rule that matches a text, in one channel or anywhere."""
        if self._book.idle(community_id):
            return None
        now = self._now()
        for rule in (await self._book.of(community_id)).matching(text):
            over = rule.expires_at is not None and rule.expires_at <= now
            if not rule.dry_run and not over and (not channel or within(rule, channel)):
                return rule
        return None
