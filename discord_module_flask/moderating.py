"""Deletes, times out, warns, bans and unbans, and says in the audit log for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from discord_module_flask.answers import INTERACTION
from discord_module_flask.messages import bodies_of
from discord_module_flask.rest import Rest
from discord_module_flask.servers.mod_log import ModerationLog
from discord_module_flask.speaking import Speaking
from discord_module_flask.standing import member_of, must_be_below, standing_in
from flask_core.auth import utc_now
from flask_core.contracts.module import Delivery
from flask_core.datamodels import Account, ChannelKey, Chat, Moderate
from flask_core.delivering import Done, Unsupported
from flask_core.errors import InvalidInput, NotFound

LONGEST_TIMEOUT = timedelta(days=28)
_REASON = 450
_MEMBER, _BAN = "/guilds/{guild_id}/members/{user_id}", "/guilds/{guild_id}/bans/{user_id}"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"


class Moderating:
    """The hierarchy of roles is looked at first: a refusal names the role that is in the way."""

    def __init__(
        self, rest: Rest, speaking: Speaking, team: ModerationLog, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._rest = rest
        self._speaking = speaking
        self._team = team
        self._now = now

    async def moderate(self, delivery: Delivery, action: Moderate) -> Done:
        """Do it. Raises Forbidden with the reason, Unsupported where Discord knows nothing of the kind."""
        done = await self._moderated(delivery, action)
        await self._team.tell(delivery, action)
        return done

    async def _moderated(self, delivery: Delivery, action: Moderate) -> Done:
        key = ChannelKey.parse(delivery.channel)
        if key.direct:
            raise Unsupported("Nobody is moderated in a direct message.")
        if action.operation == "delete":
            return await self._delete(key.channel_id, action.message_id or delivery.reply_to, _reason(delivery, action))
        if not action.target.isdecimal():
            raise InvalidInput("Discord knows members by their id.")
        if action.operation == "warn":
            return await self._warn(delivery, action)
        if action.operation == "unban":
            return await self._unban(key.server_id, action.target, _reason(delivery, action))
        await self._must_be_allowed(key.server_id, action.target, present=action.operation == "timeout")
        about: dict[str, Any] = {
            "guild_id": key.server_id,
            "user_id": action.target,
            "reason": _reason(delivery, action),
        }
        if action.operation == "ban":
            await self._rest.call("PUT", _BAN, json={"delete_message_seconds": 0}, urgent=True, **about)
        else:
            until = self._now() + min(timedelta(seconds=action.seconds), LONGEST_TIMEOUT)
            asked = {"communication_disabled_until": until.isoformat()}
            await self._rest.call("PATCH", _MEMBER, json=asked, urgent=True, **about)
        return Done()

    async def _delete(self, channel_id: str, message_id: str, reason: str) -> Done:
        if not message_id or message_id.startswith(INTERACTION):
            raise Unsupported("There is no message to delete.")
        thread, _, message = message_id.rpartition("/")
        about: dict[str, Any] = {"channel_id": thread or channel_id, "message_id": message}
        try:
            await self._rest.call("DELETE", _MESSAGE, reason=reason, urgent=True, **about)
        except NotFound:
            return Done(reason="It was gone already.")
        return Done()

    async def _warn(self, delivery: Delivery, action: Moderate) -> Done:
        text = f"You were warned: {action.reason}" if action.reason else "You were warned."
        bodies = bodies_of(delivery, Chat(text), 1)
        to_them = Delivery(
            delivery.id, delivery.idempotency_key, delivery.channel, Chat(text, private=True), delivery.community_id,
            account=Account(action.target),
        )  # fmt: skip
        return await self._speaking.whisper(to_them, bodies)

    async def _unban(self, guild_id: str, user_id: str, reason: str) -> Done:
        """Lift a ban and a time-out alike; what is not there is no failure."""
        member = await member_of(self._rest, guild_id, user_id)
        about: dict[str, Any] = {"guild_id": guild_id, "user_id": user_id, "reason": reason}
        if member is not None:
            await self._rest.call("PATCH", _MEMBER, json={"communication_disabled_until": None}, urgent=True, **about)
            return Done()
        try:
            await self._rest.call("DELETE", _BAN, urgent=True, **about)
        except NotFound:
            return Done(reason="They were not banned.")
        return Done()

    async def _must_be_allowed(self, guild_id: str, user_id: str, *, present: bool) -> None:
        standing = await standing_in(self._rest, guild_id)
        member = await member_of(self._rest, guild_id, user_id)
        if member is not None:
            must_be_below(standing, member)
        elif present:
            raise NotFound("They are not in this server.")


def _reason(delivery: Delivery, action: Moderate) -> str:
    """Who asked, and why, for the audit log."""
    asked = f"asked by {delivery.account.name}" if delivery.account else "by a rule of the community"
    return f"{action.reason} ({asked})"[:_REASON].strip()
