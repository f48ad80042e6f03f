"""Who leaves takes everything along: tokens go back to Twitch, what it told is ended, then we forget."""

from __future__ import annotations

from collections import Counter

from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, ServiceError, Unauthenticated, Unavailable
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.channel_watch import heard_key
from twitch_module_flask.choice_repository import ChoiceRepository
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.reconciling import Subscriptions
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.telling import Telling
from twitch_module_flask.troubles import Troubles
from twitch_module_flask.trying import tested_key

_FOR_GOOD = (Forbidden, Unauthenticated, NotFound, InvalidInput, Conflict)
"""What Twitch refuses like this it refuses tomorrow, too: its side is gone already, or is not ours."""
_AGAIN = 60.0


class Leaving:
    """One account or channel after the other, so that a second call goes on where the first one was stopped.

    Raises Unavailable while Twitch does not answer: what it was not told yet is still known here then.
    """

    def __init__(
        self,
        accounts: AccountRepository,
        choices: ChoiceRepository,
        subscriptions: Subscriptions,
        auth: TwitchAuth,
        telling: Telling,
        troubles: Troubles,
        *,
        shared: SharedState,
        news: News,
    ) -> None:
        self._accounts = accounts
        self._choices = choices
        self._subscriptions = subscriptions
        self._auth = auth
        self._telling = telling
        self._troubles = troubles
        self._shared = shared
        self._news = news

    async def person(self, user_ids: list[str]) -> dict[str, int]:
        """These accounts, each with its channel; how many of both there were."""
        counts = Counter({"accounts": 0, "channels": 0})
        channels = {one.broadcaster_id for one in await self._accounts.channels()} if user_ids else set[str]()
        for user_id in user_ids:
            counts["accounts"] += await self._account(user_id)
            if user_id in channels:
                counts["channels"] += 1
                await self._channel(user_id)
        return await self._told(counts)

    async def community(self, community_id: int) -> dict[str, int]:
        """A community's accounts, bots and channels; who is somebody else's bot as well is only read no more."""
        counts = Counter({"accounts": 0, "channels": 0})
        channels = await self._accounts.channels(community_id)
        for account in await self._accounts.standings(community_id):
            if account.community_id == community_id:
                counts["accounts"] += await self._account(account.user_id)
        for channel in channels:
            counts["channels"] += 1
            await self._channel(channel.broadcaster_id)
        await self._troubles.forget(community_id)
        return await self._told(counts)

    async def _account(self, user_id: str) -> bool:
        account = await self._accounts.account(user_id)
        if account is None:
            return False
        await self._at_twitch(user_id, account.tokens.access)
        await self._shared.delete(heard_key(user_id), tested_key(user_id))
        await self._accounts.forget(user_id)
        await self._telling.found(user_id)
        return True

    async def _channel(self, broadcaster_id: str) -> None:
        await self._at_twitch(broadcaster_id)
        await self._choices.stop_reading(broadcaster_id)
        await self._shared.delete(heard_key(broadcaster_id), tested_key(broadcaster_id))

    async def _at_twitch(self, subject: str, token: str = "") -> None:
        try:
            await self._subscriptions.end(subject)
        except _FOR_GOOD:
            pass
        except ServiceError as error:
            raise _later(error) from error
        if not token:
            return
        try:
            await self._auth.revoke(token)
        except _FOR_GOOD:
            pass
        except ServiceError as error:
            raise _later(error) from error

    async def _told(self, counts: Counter[str]) -> dict[str, int]:
        if counts.total():
            await self._news.tell("accounts")
        return dict(counts)


def _later(error: ServiceError) -> Unavailable:
    return Unavailable("Twitch is not answering right now.", retry_after=error.retry_after or _AGAIN)
