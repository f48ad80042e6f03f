"""What is wanted from Twitch for each channel, and how it is asked for until it is there."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from flask_core.errors import Forbidden, ServiceError
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import broadcaster_of
from twitch_module_flask.chat_lines import CHAT
from twitch_module_flask.helix import Helix
from twitch_module_flask.models import ConnectedChannel, Subscription
from twitch_module_flask.subscription_repository import SubscriptionRepository
from twitch_module_flask.voices import bot_for
from twitch_module_flask.webhook import PATH

log = logging.getLogger(__name__)

_VERSION = {"channel.follow": "2", "channel.update": "2"}
_FORBIDDEN = 403
_NEEDS_BOT = frozenset({CHAT})
WANTED = (
    CHAT, "channel.follow", "channel.subscribe", "channel.subscription.message", "channel.subscription.gift",
    "channel.cheer", "channel.raid", "channel.channel_points_custom_reward_redemption.add", "channel.ban",
    "channel.unban", "channel.moderator.add", "channel.moderator.remove", "channel.vip.add", "channel.vip.remove",
    "channel.update", "stream.online", "stream.offline",
)  # fmt: skip
_LIVE = frozenset({"enabled", "webhook_callback_verification_pending"})


class Subscriptions:
    """Wanted minus existing is made, surplus and failed are ended."""

    def __init__(
        self,
        helix: Helix,
        accounts: AccountRepository,
        repository: SubscriptionRepository,
        *,
        callback_url: str,
        secret: str,
    ) -> None:
        self._helix = helix
        self._accounts = accounts
        self._repository = repository
        self._callback = callback_url + PATH
        self._secret = secret

    async def reconcile(self) -> None:
        """All channels."""
        channels = await self._accounts.channels()
        if not channels:
            return
        told = await self._told()
        for channel in channels:
            await self._look_at(channel)
            await self._complete(channel, told)
        await self._end_surplus({channel.broadcaster_id for channel in channels}, told)

    async def _told(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What Twitch tells this callback, by channel and type."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for one in await self._helix.subscriptions():
            if one.get("transport", {}).get("callback") != self._callback:
                continue
            if one.get("status") in _LIVE:
                found[broadcaster_of(one), one["type"]] = one
            else:
                await self._helix.unsubscribe(one["id"])
        return found

    async def _look_at(self, channel: ConnectedChannel) -> None:
        bot = bot_for(channel, await self._accounts.accounts())
        try:
            moderates = bot == channel.broadcaster_id or await self._helix.moderates(channel.broadcaster_id, bot)
        except ServiceError as error:
            log.warning("whether the bot moderates is not known: %s", error.message)
            return
        if moderates != channel.bot_is_moderator:
            await self._accounts.set_moderator(channel.broadcaster_id, moderates)
            await self._repository.try_again(channel.broadcaster_id)

    async def _complete(self, channel: ConnectedChannel, told: dict[tuple[str, str], dict[str, Any]]) -> None:
        bot = bot_for(channel, await self._accounts.accounts())
        known = {one.type: one for one in await self._repository.of_channel(channel.broadcaster_id)}
        for kind in WANTED:
            there = told.get((channel.broadcaster_id, kind))
            if there is None:
                # What a right is missing for stays refused until somebody grants it.
                if kind not in known or known[kind].status != "refused":
                    await self._ask_for(channel, kind, bot)
            elif there["status"] == "enabled" and (kind not in known or known[kind].status != "enabled"):
                await self._repository.keep(Subscription(channel.broadcaster_id, kind, there["id"], "enabled"))

    async def _ask_for(self, channel: ConnectedChannel, kind: str, bot: str) -> None:
        wanted = Subscription(channel.broadcaster_id, kind, "", "pending")
        await self._repository.keep(wanted)
        try:
            subscription_id = await self._helix.subscribe(self._request(kind, channel.broadcaster_id, bot))
        except ServiceError as error:
            refused = isinstance(error, Forbidden) and error.details.get("status") == _FORBIDDEN
            reason = "A right is missing: connect the channel again." if refused else error.message
            await self._repository.keep(replace(wanted, status="refused" if refused else "pending", reason=reason))
            return
        await self._repository.asked(replace(wanted, id=subscription_id))

    def _request(self, kind: str, broadcaster_id: str, bot: str) -> dict[str, Any]:
        transport = {"method": "webhook", "callback": self._callback, "secret": self._secret}
        return {
            "type": kind,
            "version": _VERSION.get(kind, "1"),
            "condition": condition_of(kind, broadcaster_id, bot),
            "transport": transport,
        }

    async def _end_surplus(self, ours: set[str], told: dict[tuple[str, str], dict[str, Any]]) -> None:
        for (broadcaster, kind), one in told.items():
            if broadcaster not in ours or kind not in WANTED:
                await self._helix.unsubscribe(one["id"])

    async def end(self, broadcaster_id: str) -> None:
        """Be told no more about a channel."""
        for one in await self._repository.of_channel(broadcaster_id):
            if one.id:
                await self._helix.unsubscribe(one.id)


def condition_of(kind: str, broadcaster_id: str, bot: str) -> dict[str, str]:
    """Whom a subscription is about; a raid is about the channel that is raided."""
    if kind == "channel.raid":
        return {"to_broadcaster_user_id": broadcaster_id}
    condition = {"broadcaster_user_id": broadcaster_id}
    if kind == "channel.follow":
        condition["moderator_user_id"] = broadcaster_id
    if kind in _NEEDS_BOT:
        condition["user_id"] = bot
    return condition
