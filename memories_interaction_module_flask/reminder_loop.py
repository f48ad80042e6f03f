"""Says reminders when they are due: handed to the router, marked delivered only when the router says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import community, router
from flask_core.datamodels import Action, Chat, Origin, Ticker
from flask_core.due_delivery import RouterDelivery, next_key
from flask_core.due_work import Due, DueWork, Result, State
from flask_core.service_client import ServiceClient
from memories_interaction_module_flask.models import Reminder
from memories_interaction_module_flask.reminders import Reminders

LATE = timedelta(minutes=10)
_OVER = frozenset(State) - {State.WAITING, State.HANDED_OVER}


class DueReminders:
    """Rows for DueWork: what is over comes again when its rule says so."""

    def __init__(self, reminders: Reminders) -> None:
        self._reminders = reminders

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Reminder]]:
        """What is due now."""
        return await self._reminders.repository.claim(owner, now, limit)

    async def record(self, due: Due[Reminder], result: Result) -> None:
        """What became of it."""
        following = self._reminders.next_of(due.row) if result.state in _OVER else None
        await self._reminders.repository.record(due, result, following, self._reminders.now())


class Sayings:
    """The words of a due reminder, and where they go."""

    def __init__(
        self,
        reminders: Reminders,
        off_air: Callable[[Reminder], Awaitable[bool]],
        client: ServiceClient,
        public_url: str,
    ) -> None:
        self._reminders = reminders
        self._off_air = off_air
        self._client = client
        self._public_url = public_url

    async def request(self, due: Due[Reminder]) -> router.ActionsRequest | None:
        """What the router is asked to do; nothing in a channel that wants to be reminded only while it is live."""
        reminder = due.row
        if reminder.target == "channel":
            if await self._off_air(reminder):
                return None
            target, actions = router.Target(channel=reminder.channel), self._for_everybody(reminder)
            return router.ActionsRequest(reminder.community_id, target, due.key, actions)
        if reminder.elsewhere:
            platform, _, user_id = reminder.elsewhere.split()[-1].partition(":")
            target, private = router.Target(account=(platform, user_id)), True
        else:
            target = router.Target(channel=reminder.channel, account=(reminder.platform, reminder.user_id))
            private = reminder.private
        said = self._for_one(reminder, private=private)
        return router.ActionsRequest(reminder.community_id, target, due.key, (said,), private=private)

    def _for_everybody(self, reminder: Reminder) -> tuple[Action, ...]:
        text = self._reminders.text_of(reminder)
        return (
            Chat(f"{text}{self._late(reminder)}{self._ending(reminder)}", reply=False, origin=Origin.EXTERNAL),
            Ticker(text[:200], priority=4, duration=10),
        )

    def _for_one(self, reminder: Reminder, *, private: bool) -> Chat:
        mention, text = f"@{reminder.owner_name}", self._reminders.text_of(reminder)
        where = f": {self._public_url}/c/{reminder.community_id}/memories/reminders" if self._public_url else "."
        return Chat(
            f"{mention}, you wanted to be reminded: {text}{self._late(reminder)}{self._ending(reminder)}",
            reply=False,
            private=private,
            origin=Origin.EXTERNAL,
            public_fallback=f"{mention}, a private reminder is due{where}" if reminder.private else "",
        )

    def _late(self, reminder: Reminder) -> str:
        lateness = self._reminders.now() - reminder.due_at
        return f" (late by {int(lateness.total_seconds() // 60)} min)" if lateness > LATE else ""

    def _ending(self, reminder: Reminder) -> str:
        if not self._reminders.asks_for_renewal(reminder):
            return ""
        end = reminder.ends_at
        return f" (This ends on {end.day} {end:%b %Y}. To go on: !reminder renew {reminder.label})"

    async def refused(self, due: Due[Reminder], reason: str) -> Result:
        """Another account of the person gets it privately, one after another; a channel has no other."""
        reminder = due.row
        if reminder.target == "me":
            asked = community.MemberOf(reminder.community_id, reminder.owner)
            member = await self._client.call("community", community.MEMBER, asked)
            tried = {f"{reminder.platform}:{reminder.user_id}", *reminder.elsewhere.split()}
            for account in member.accounts:
                key = f"{account.platform}:{account.user_id}"
                if key not in tried:
                    await self._reminders.repository.go_elsewhere(reminder, key)
                    return due.again(self._reminders.now(), reason, key=next_key(due.key))
        return due.ends(State.FAILED, reason)


def reminder_work(
    reminders: Reminders,
    off_air: Callable[[Reminder], Awaitable[bool]],
    client: ServiceClient,
    *,
    owner: str = "",
    public_url: str = "",
    now: Callable[[], datetime] = utc_now,
) -> DueWork[Reminder]:
    """The loop; the same in every replica."""
    sayings = Sayings(reminders, off_air, client, public_url)
    delivery = RouterDelivery(client, sayings.request, now=now, refused=sayings.refused)
    return DueWork(DueReminders(reminders), delivery, now=now, owner=owner)
