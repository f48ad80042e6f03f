"""Tells a server's team, in the channel they chose, what the bot did to members."""

from __future__ import annotations

import logging
from datetime import timedelta

from discord_module_flask.rest import Rest
from discord_module_flask.servers.setups import Setups
from discord_module_flask.wording import LONGEST
from flask_core.contracts.module import Delivery
from flask_core.datamodels import ChannelKey, Moderate
from flask_core.errors import ServiceError
from flask_core.when_told import in_words

log = logging.getLogger(__name__)

_SEND = "/channels/{channel_id}/messages"
_DONE = {"ban": "was banned", "unban": "may come back", "warn": "was warned", "timeout": "was timed out"}


class ModerationLog:
    """Nobody waits for it, and nobody is pinged by it."""

    def __init__(self, rest: Rest, setups: Setups) -> None:
        self._rest = rest
        self._setups = setups

    async def tell(self, delivery: Delivery, action: Moderate) -> None:
        """Say what was done, if the server has a channel for that."""
        await self.write(ChannelKey.parse(delivery.channel).server_id, _sentence(delivery, action))

    async def write(self, guild_id: str, text: str) -> None:
        """Tell a server's team something."""
        await self._setups.refresh()
        channel = self._setups.of(guild_id).settings.log_channel
        if not channel:
            return
        body = {"content": text[:LONGEST], "allowed_mentions": {"parse": []}}
        try:
            await self._rest.call("POST", _SEND, channel_id=channel, json=body)
        except ServiceError as error:
            log.warning("the team of a server is not told: %s", error.code)


def _sentence(delivery: Delivery, action: Moderate) -> str:
    by = f"asked by {delivery.account.name}" if delivery.account else "by a rule of the community"
    because = f": {action.reason}" if action.reason else ""
    if action.operation == "delete":
        where = ChannelKey.parse(delivery.channel).channel_id
        return f"A message in <#{where}> was deleted ({by}){because}."
    time = f" for {in_words(timedelta(seconds=action.seconds))}" if action.operation == "timeout" else ""
    return f"<@{action.target}> {_DONE[action.operation]}{time} ({by}){because}."
