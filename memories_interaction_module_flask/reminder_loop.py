"""Says reminders when they are due: handed to the router, marked delivered only when the router says so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.datamodels import Action, Chat, Origin, Ticker
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient
from memories_interaction_module_flask.models import Reminder
from memories_interaction_module_flask.reminder_repository import ReminderRepository
from memories_interaction_module_flask.reminders import Reminders

LATE, TOO_LATE = timedelta(minutes=10), timedelta(hours=24)
RETRIES = [timedelta(seconds=s) for s in (15, 30, 60, 120, 300, 600)]
_STEADY_RETRY = timedelta(minutes=15)
_ASK_AFTER = timedelta(seconds=2)
_SECONDS = 2.0
_UNDER_WAY = frozenset({"waiting", "sending"})
_SAID_MAYBE = frozenset({"unknown", "unconfirmed"})


class ReminderLoop:
    """The same loop in every replica; a claimed row is one replica's for a minute."""

    def __init__(
        self,
        reminders: Reminders,
        repository: ReminderRepository,
        client: ServiceClient,
        owner: str,
        *,
        public_url: str = "",
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._reminders = reminders
        self._repository = repository
        self._client = client
        self._owner = owner
        self._public_url = public_url
        self._now = now

    async def run(self) -> None:
        """For ever, every two seconds or so."""
        while True:
            await self.work()
            await asyncio.sleep(_SECONDS * random.uniform(0.8, 1.2))

    async def work(self) -> int:
        """Deal with everything that is due now; returns how many rows that were."""
        due = await self._repository.claim(self._owner, self._now())
        for reminder in due:
            try:
                await (self._follow_up(reminder) if reminder.status == "handed_over" else self._hand_over(reminder))
            except ServiceError as error:
                await self._try_again(reminder, error.message)
        return len(due)

    async def _hand_over(self, reminder: Reminder) -> None:
        if self._now() - reminder.due_at > TOO_LATE:
            await self._repository.fired(reminder, "missed", self._reminders.next_of(reminder), self._now())
            return
        await self._client.call("router", router.ACT, self._request(reminder))
        await self._repository.handed_over(reminder, self._now() + _ASK_AFTER)

    async def _follow_up(self, reminder: Reminder) -> None:
        """Ask what became of it. A line that may have been said is not said again."""
        answer = await self._client.call("router", router.ACTIONS, router.ActionKey(_key(reminder)))
        said = answer.deliveries[0]
        if said.state in _UNDER_WAY:
            await self._repository.handed_over(reminder, self._now() + _ASK_AFTER)
        elif said.state == "done" or said.state in _SAID_MAYBE:
            await self._repository.fired(reminder, "delivered", self._reminders.next_of(reminder), self._now())
        else:
            await self._refused(reminder, said.reason or said.state)

    async def _refused(self, reminder: Reminder, reason: str) -> None:
        """The channel does not take it; a recurring one tries again next time."""
        following = self._reminders.next_of(reminder)
        if following is not None:
            await self._repository.fired(reminder, "failed", following, self._now())
        else:
            await self._repository.set_status(reminder, "failed", reason)

    async def _try_again(self, reminder: Reminder, error: str) -> None:
        wait = RETRIES[reminder.attempts - 1] if reminder.attempts <= len(RETRIES) else _STEADY_RETRY
        await self._repository.try_again(reminder, self._now() + wait, error)

    def _request(self, reminder: Reminder) -> router.ActionsRequest:
        text = self._reminders.text_of(reminder)
        lateness = self._now() - reminder.due_at
        late = f" (late by {int(lateness.total_seconds() // 60)} min)" if lateness > LATE else ""
        if reminder.target == "channel":
            actions: tuple[Action, ...] = (
                Chat(f"{text}{late}", reply=False, origin=Origin.EXTERNAL),
                Ticker(text[:200], priority=4, duration=10),
            )
            return router.ActionsRequest(
                reminder.community_id, router.Target(channel=reminder.channel), _key(reminder), actions
            )
        mention = f"@{reminder.owner_name}"
        where = f": {self._public_url}/c/{reminder.community_id}/memories" if self._public_url else "."
        said = Chat(
            f"{mention}, you wanted to be reminded: {text}{late}",
            reply=False,
            private=reminder.private,
            origin=Origin.EXTERNAL,
            public_fallback=f"{mention}, a private reminder is due{where}" if reminder.private else "",
        )
        target = router.Target(channel=reminder.channel, account=(reminder.platform, reminder.user_id))
        return router.ActionsRequest(reminder.community_id, target, _key(reminder), (said,), private=reminder.private)


def _key(reminder: Reminder) -> str:
    """The same for one occurrence, so that a second hand-over says nothing twice."""
    return f"mem-{reminder.id}-{reminder.occurrence}"
