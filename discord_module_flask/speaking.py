"""Says what the router asks for: in a channel, as the answer to an interaction, or to one person alone."""

from __future__ import annotations

from discord_module_flask.answers import INTERACTION, Answers
from discord_module_flask.embeds import Embed
from discord_module_flask.messages import Body, as_sent, bodies_of, named, shown
from discord_module_flask.rest import Rest
from discord_module_flask.wording import LONGEST
from flask_core.contracts.module import Delivery
from flask_core.datamodels import ChannelKey, Chat
from flask_core.delivering import Done, Partly, Unsupported
from flask_core.errors import Forbidden, NotFound, ServiceError
from flask_core.shared_state import SharedState

CLOSED_DM = 50_007
_BLOCKED_AFTER, _BLOCKED_SECONDS = 3, 600.0
_DM_SECONDS = 86_400.0
_SEND = "/channels/{channel_id}/messages"


class Speaking:
    """A text becomes at most `parts` messages, and a file when it is longer."""

    def __init__(self, rest: Rest, answers: Answers, shared: SharedState, *, parts: int) -> None:
        self._rest = rest
        self._answers = answers
        self._shared = shared
        self._parts = parts

    async def say(self, delivery: Delivery, action: Chat, components: list[Body] | None = None) -> Done:
        """Say it, with buttons below. Raises Partly when only some was said, Unsupported for closed direct messages."""
        bodies = bodies_of(delivery, action, self._parts)
        if components:
            bodies[-1]["components"] = components
        return await self._deliver(delivery, bodies, private=action.private, reply=action.reply)

    async def show(self, delivery: Delivery, embed: Embed) -> Done:
        """Show it where it was asked for. Raises Partly when Discord takes it not."""
        return await self._deliver(delivery, [shown(delivery, embed)], private=False, reply=True)

    async def _deliver(self, delivery: Delivery, bodies: list[Body], *, private: bool, reply: bool) -> Done:
        key = ChannelKey.parse(delivery.channel)
        if delivery.reply_to.startswith(INTERACTION):
            said = await self._answers.say(delivery.reply_to, bodies, private=private)
            if said is not None:
                return Done(said)
            if private:
                return await self.whisper(delivery, bodies)
            # The token is lost: the answer names whom it is for, and pings nobody.
            bodies[0]["content"] = f"{named(delivery)}{bodies[0].get('content', '')}"[:LONGEST]
            return await self._send_all(key.channel_id, bodies)
        if private or key.direct:
            return await self.whisper(delivery, bodies)
        thread, _, message_id = delivery.reply_to.rpartition("/")
        if reply and message_id:
            bodies[0]["message_reference"] = {"message_id": message_id, "fail_if_not_exists": False}
        return await self._send_all(thread or key.channel_id, bodies)

    async def whisper(self, delivery: Delivery, bodies: list[Body]) -> Done:
        """To one person alone. Raises Unsupported when they take no direct messages: nothing is said in public."""
        key = ChannelKey.parse(delivery.channel)
        to = key.channel_id if key.direct else delivery.account.user_id if delivery.account else ""
        if not to:
            raise Unsupported("Nobody is named to write to.")
        try:
            return await self._send_all(await self._dm(to), bodies)
        except ServiceError as error:
            cause = error.error if isinstance(error, Partly) else error
            if cause.details.get("code") == CLOSED_DM:
                raise Unsupported("They take no direct messages from the bot.") from error
            raise

    async def _dm(self, user_id: str) -> str:
        known = await self._shared.get(f"discord:dm:{user_id}")
        if known:
            return known.decode()
        made = await self._rest.call("POST", "/users/@me/channels", json={"recipient_id": user_id})
        await self._shared.set(f"discord:dm:{user_id}", str(made["id"]).encode(), _DM_SECONDS)
        return str(made["id"])

    async def _send_all(self, channel_id: str, bodies: list[Body]) -> Done:
        said: list[str] = []
        for body in bodies:
            try:
                said.append(await self._send(channel_id, body))
            except ServiceError as error:
                raise Partly(tuple(said), error) from error
        return Done(tuple(said))

    async def _send(self, channel_id: str, body: Body) -> str:
        blocked = f"discord:blocked:{channel_id}"
        if int(await self._shared.get(blocked) or 0) >= _BLOCKED_AFTER:
            raise Forbidden("Discord lets the bot not write in this channel; look at its permissions.")
        json_body, form = as_sent(body)
        try:
            sent = await self._rest.call("POST", _SEND, channel_id=channel_id, json=json_body, form=form)
        except (Forbidden, NotFound) as refused:
            if refused.details.get("code") != CLOSED_DM:
                await self._shared.increment(blocked, _BLOCKED_SECONDS)
                raise Forbidden("The bot lacks View Channel or Send Messages there.", **refused.details) from refused
            raise
        return str(sent["id"])
