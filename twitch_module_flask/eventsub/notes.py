"""What notifications tell us for our own upkeep, and nobody else: shared chats, revoked sign-ins, disabled shards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import REASONS
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.wanted import REVOKED, SHARD_DISABLED

_SHARED_SECONDS = 86_400.0

type Fields = dict[str, Any]


class Notes:
    """`kinds` says by type what is done; fields other than Twitch's raise KeyError or TypeError."""

    def __init__(
        self,
        accounts: AccountRepository,
        shared: SharedState,
        news: News,
    ) -> None:
        self._accounts = accounts
        self._shared = shared
        self._news = news
        self.kinds: dict[str, Callable[[Fields], Awaitable[None]]] = {
            "channel.shared_chat.begin": self._shares,
            "channel.shared_chat.update": self._shares,
            "channel.shared_chat.end": self._shares_no_more,
            REVOKED: self._revoked,
            SHARD_DISABLED: self._disabled,
        }

    async def _shares(self, said: Fields) -> None:
        channel = str(said["broadcaster_user_id"])
        others = [
            str(one["broadcaster_user_login"]) for one in said["participants"]
            if str(one["broadcaster_user_id"]) != channel
        ]  # fmt: skip
        await self._shared.set(_key(channel), msgspec.json.encode(others), _SHARED_SECONDS)

    async def _shares_no_more(self, said: Fields) -> None:
        await self._shared.delete(_key(str(said["broadcaster_user_id"])))

    async def shares_with(self, broadcaster_id: str) -> tuple[str, ...]:
        """The logins of the channels that share their chat with this one."""
        kept = await self._shared.get(_key(broadcaster_id))
        return msgspec.json.decode(kept, type=tuple[str, ...]) if kept else ()

    async def _revoked(self, said: Fields) -> None:
        await self._accounts.taken_back(str(said["user_id"]), REASONS["authorization_revoked"])
        await self._news.tell("accounts")

    async def _disabled(self, said: Fields) -> None:
        """Whoever holds the shard looks at it now; that may be another replica than the one that hears this."""
        int(said["shard_id"])
        await self._news.tell("bindings")


def _key(broadcaster_id: str) -> str:
    return f"twitch:shares:{broadcaster_id}"
