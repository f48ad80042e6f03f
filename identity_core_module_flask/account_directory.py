"""Which account somebody means: a mention, the name of a linked account, or a login that the platform knows."""

from __future__ import annotations

import re

from flask_core.contracts import identity, twitch
from flask_core.errors import Conflict, InvalidInput, NotFound, Unavailable
from flask_core.service_client import ServiceClient
from identity_core_module_flask.account_repository import AccountRepository
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.passwords import folded

PLATFORMS = ("twitch", "discord", "slack")
_MENTION = re.compile(r"<@!?([A-Za-z0-9.]{1,64})(?:\|[^>]{0,64})?>")
_LOOK_UP_SECONDS = 3.0


class AccountDirectory:
    """Every trigger answers the same look-up of users by login."""

    def __init__(self, accounts: AccountRepository, services: ServiceClient) -> None:
        self._accounts = accounts
        self._services = services

    async def find(self, platform: str, text: str) -> SeenAccount:
        """The one account that is meant; raises NotFound, Conflict with `candidates`, or Unavailable."""
        if platform not in PLATFORMS:
            raise InvalidInput(f"Name one of these platforms: {', '.join(PLATFORMS)}.")
        if mentioned := _MENTION.fullmatch(text.strip()):
            return SeenAccount(platform, mentioned[1])
        name = text.strip().removeprefix("@")
        if not 1 <= len(name) <= 64:
            raise InvalidInput("Write the name of an account.")
        return await self._asked(platform, name) or await self._linked(platform, name)

    async def _asked(self, platform: str, name: str) -> SeenAccount | None:
        """What the platform says about a login; None when it knows none, or cannot be asked."""
        query = twitch.UserQuery(login=name)
        try:
            found = await self._services.call(platform, twitch.USER, query, timeout=_LOOK_UP_SECONDS)
        except (NotFound, InvalidInput, Unavailable):
            return None
        return SeenAccount(platform, found.id, found.login, found.display_name)

    async def _linked(self, platform: str, name: str) -> SeenAccount:
        found = await self._accounts.named(platform, folded(name))
        if not found:
            raise NotFound(f"I find nobody called {name} on {platform.capitalize()}.")
        if len(found) > 1:
            candidates = [identity.AccountKey(one.platform, one.user_id) for one in found]
            raise Conflict("Several people have that name. Link in the portal instead.", candidates=candidates)
        return found[0]
