"""What notifications tell about our own upkeep: live or not, last heard, challenges and revocations."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_core.datamodels import LIVE_AFTER, Event, MessageType, Role
from flask_core.errors import ServiceError
from flask_core.remembered import Remembered
from flask_core.seen_role_repository import SeenRole
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.models import Subscription
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.telling import Telling
from twitch_module_flask.voices import bot_for

log = logging.getLogger(__name__)

_HEARD_EVERY, _HEARD_KEPT = 10.0, 7 * 86_400.0
_SCENE_SECONDS = 30.0
REASONS = {
    "authorization_revoked": "The streamer took our rights at Twitch back: connect the channel again.",
    "user_removed": "This account does not exist at Twitch any more.",
    "notification_failures_exceeded": "Twitch could not reach us too often.",
    "version_removed": "Twitch ended this version of the notification: WaddleBot needs an update.",
}


_TAKEN_BACK = frozenset({"authorization_revoked", "user_removed"})
_ENDED = {"version_removed": "gone", **dict.fromkeys(_TAKEN_BACK, "refused")}
"""What is not asked for again by itself: an update, or a grant, has to come first."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What one has to know to read a notification."""

    bots: frozenset[str] = frozenset()
    including: frozenset[str] = frozenset()


class ChannelWatch:
    """Small facts, remembered where the health tile finds them."""

    def __init__(
        self,
        accounts: AccountRepository,
        subscriptions: SubscriptionRepository,
        shared: SharedState,
        news: News,
        telling: Telling,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = accounts
        self._subscriptions = subscriptions
        self._shared = shared
        self._news = news
        self._telling = telling
        self._clock = clock
        self._heard: dict[str, float] = {}
        self._scene = Remembered(self._look_around, _SCENE_SECONDS, clock)

    async def scene(self) -> Scene:
        """Who our bots are and which channels hear shared chats, at most half a minute old."""
        return await self._scene.get()

    async def _look_around(self) -> Scene:
        return Scene(await self._accounts.bots(), await self._accounts.including())

    def forget(self) -> None:
        """A bot or a channel's setting changed."""
        self._scene.forget()

    async def happened(self, event: Event) -> None:
        """An event was accepted."""
        if event.data.get("direct"):
            return
        broadcaster = event.channel.rpartition(":")[2]
        if event.message_type in LIVE_AFTER:
            await self._accounts.set_live(broadcaster, LIVE_AFTER[event.message_type], event.occurred_at)
        elif event.message_type is MessageType.STREAM_UPDATE:
            said = event.data
            await self._accounts.describe(broadcaster, said["title"], said["category_id"], said["category"])
        if self._heard.get(broadcaster, -_HEARD_EVERY) + _HEARD_EVERY <= self._clock():
            self._heard[broadcaster] = self._clock()
            try:
                await self._shared.set(heard_key(broadcaster), event.occurred_at.isoformat().encode(), _HEARD_KEPT)
            except ServiceError:
                # Only the tile would have shown it; the event itself is kept.
                return

    async def role_changed(self, seen: SeenRole) -> None:
        """A streamer gave or took a role; whether the bot that speaks there moderates decides how much it may say."""
        if seen.user_id not in (await self.scene()).bots:
            return
        accounts, channels = await self._accounts.standings(), await self._accounts.channels()
        channel = next((one for one in channels if one.broadcaster_id == seen.place), None)
        if channel is not None and bot_for(channel, accounts) == seen.user_id:
            moderates = seen.role >= Role.MODERATOR
            await self._accounts.set_moderator(seen.place, moderates, seen.user_id)
            await self._subscriptions.try_again(seen.place)
            await self._news.tell("accounts")
            await self._telling.moderator_changed(channel, seen.user_id, moderates=moderates)

    async def last_heard(self, broadcaster_id: str) -> datetime | None:
        """When Twitch last told something about a channel."""
        said = await self._shared.get(heard_key(broadcaster_id))
        return datetime.fromisoformat(said.decode()) if said else None

    async def answered(self, subscription: dict[str, Any]) -> bool:
        """Whether a challenge belongs to something we asked for, which is enabled then."""
        return await self._subscriptions.answered(
            subject_of(subscription), subscription["type"], str(subscription.get("id", ""))
        )

    async def revoked(self, subscription: dict[str, Any]) -> None:
        """Twitch ended a subscription."""
        subject, status, kind = subject_of(subscription), str(subscription.get("status", "")), subscription["type"]
        reason = REASONS.get(status, "Twitch ended this.")
        if status == "version_removed":
            log.error("Twitch ended a version of %s: WaddleBot needs an update", kind[:100])
        method = str((subscription.get("transport") or {}).get("method", ""))
        ended = Subscription(
            subject, kind, method, str(subscription.get("id", "")), _ENDED.get(status, "revoked"), reason
        )
        await self._subscriptions.revoked(ended)
        if status in _TAKEN_BACK and "user_id" in (subscription.get("condition") or {}):
            # The bot's right or the streamer's: Twitch does not say whose, so both are asked about.
            await self._accounts.validate_soon(subject, str(subscription["condition"]["user_id"]))
        elif status in _TAKEN_BACK:
            await self._accounts.taken_back(subject, reason)
        await self._news.tell("accounts")


def subject_of(subscription: dict[str, Any]) -> str:
    """Whom a subscription is about: a channel (of a raid the one that is raided), a bot, or "" for the application."""
    condition = subscription.get("condition") or {}
    names = ("broadcaster_user_id", "to_broadcaster_user_id", "user_id")
    return str(next((condition[name] for name in names if condition.get(name)), ""))


def heard_key(broadcaster_id: str) -> str:
    """Where it is remembered when a channel was heard last."""
    return f"twitch:heard:{broadcaster_id}"
