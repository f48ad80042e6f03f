"""What notifications tell about our own upkeep: live or not, last heard, challenges and revocations."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_core.contracts.twitch import AccountState
from flask_core.datamodels import Event, MessageType, Role
from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.models import SeenRole
from twitch_module_flask.subscription_repository import SubscriptionRepository

_HEARD_EVERY, _HEARD_KEPT = 10.0, 7 * 86_400.0
_BOTS_SECONDS = 30.0
_LIVE = {MessageType.STREAM_ONLINE: True, MessageType.STREAM_OFFLINE: False}
REASONS = {
    "authorization_revoked": "The streamer took our rights at Twitch back: connect the channel again.",
    "user_removed": "This account does not exist at Twitch any more.",
    "notification_failures_exceeded": "Twitch could not reach us too often.",
    "version_removed": "Twitch ended this version of the notification: WaddleBot needs an update.",
}


class ChannelWatch:
    """Small facts, remembered where the health tile finds them."""

    def __init__(
        self,
        accounts: AccountRepository,
        subscriptions: SubscriptionRepository,
        shared: SharedState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = accounts
        self._subscriptions = subscriptions
        self._shared = shared
        self._clock = clock
        self._heard: dict[str, float] = {}
        self._bots: frozenset[str] = frozenset()
        self._bots_until = 0.0

    async def bots(self) -> frozenset[str]:
        """The ids of our bot accounts, at most half a minute old."""
        if self._bots_until <= self._clock():
            found = await self._accounts.accounts()
            self._bots = frozenset(account.user_id for account in found if account.kind == "bot")
            self._bots_until = self._clock() + _BOTS_SECONDS
        return self._bots

    async def happened(self, event: Event) -> None:
        """An event was accepted."""
        broadcaster = event.channel.rpartition(":")[2]
        if event.message_type in _LIVE:
            await self._accounts.set_live(broadcaster, _LIVE[event.message_type])
        if self._heard.get(broadcaster, -_HEARD_EVERY) + _HEARD_EVERY <= self._clock():
            self._heard[broadcaster] = self._clock()
            try:
                await self._shared.set(_heard(broadcaster), event.occurred_at.isoformat().encode(), _HEARD_KEPT)
            except ServiceError:
                # Only the tile would have shown it; the event itself is kept.
                return

    async def role_changed(self, seen: SeenRole) -> None:
        """A streamer gave or took a role; whether our bot moderates decides how much it may say."""
        if seen.user_id in await self.bots():
            await self._accounts.set_moderator(seen.broadcaster_id, seen.role >= Role.MODERATOR)
            await self._subscriptions.try_again(seen.broadcaster_id)

    async def last_heard(self, broadcaster_id: str) -> datetime | None:
        """When Twitch last told something about a channel."""
        said = await self._shared.get(_heard(broadcaster_id))
        return datetime.fromisoformat(said.decode()) if said else None

    async def answered(self, subscription: dict[str, Any]) -> bool:
        """Whether a challenge belongs to something we asked for, which is enabled then."""
        return await self._subscriptions.answered(
            broadcaster_of(subscription), subscription["type"], str(subscription.get("id", ""))
        )

    async def revoked(self, subscription: dict[str, Any]) -> None:
        """Twitch ended a subscription."""
        broadcaster, status = broadcaster_of(subscription), str(subscription.get("status", ""))
        reason = REASONS.get(status, "Twitch ended this.")
        await self._subscriptions.revoked(broadcaster, subscription["type"], reason)
        if status in {"authorization_revoked", "user_removed"}:
            await self._accounts.set_state(broadcaster, AccountState.NEEDS_LOGIN, reason)


def broadcaster_of(subscription: dict[str, Any]) -> str:
    """Whose channel a subscription is about; a raid is about the channel that is raided."""
    condition = subscription.get("condition") or {}
    return str(condition.get("broadcaster_user_id") or condition.get("to_broadcaster_user_id") or "")


def _heard(broadcaster_id: str) -> str:
    return f"twitch:heard:{broadcaster_id}"
