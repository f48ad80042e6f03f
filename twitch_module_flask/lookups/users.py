"""Users by login or id."""

from __future__ import annotations

import re

from flask_core.contracts.twitch import UserFacts, UserQuery
from flask_core.errors import InvalidInput, NotFound
from flask_core.shared_state import SharedState
from twitch_module_flask.helix import Helix
from twitch_module_flask.lookups.keeping import kept

_SECONDS = 86_400.0
_LOGIN, _ID = re.compile(r"[a-z0-9_]{1,25}"), re.compile(r"[0-9]{1,20}")


class Users:
    """At most a day old."""

    def __init__(self, helix: Helix, shared: SharedState) -> None:
        self._helix = helix
        self._shared = shared

    async def find(self, query: UserQuery) -> UserFacts:
        """Raises NotFound, and Unavailable while Twitch is away."""
        login, user_id = query.login.strip().lower().removeprefix("@"), query.id.strip()
        if bool(login) == bool(user_id):
            raise InvalidInput("Ask for a login or an id.")
        if not (_LOGIN.fullmatch(login) or _ID.fullmatch(user_id)):
            raise NotFound("Twitch knows no such user.")
        key = f"user:{'login' if login else 'id'}:{login or user_id}"
        return await kept(
            self._shared, key, _SECONDS, UserFacts, lambda: self._helix.user(login=login, user_id=user_id)
        )
