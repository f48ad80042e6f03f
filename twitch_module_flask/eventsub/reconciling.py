"""Makes what Twitch tells equal to what is wanted: the new is made before the old is ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import batched

from flask_core.errors import Forbidden, ServiceError, TooMany
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.api import EventSubApi
from twitch_module_flask.eventsub.models import LIVE, Full, Key, Subscription, Told, Wanted
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.eventsub.wanted import everything
from twitch_module_flask.eventsub.ways import Place, Transport
from twitch_module_flask.helix import Helix
from twitch_module_flask.models import ConnectedChannel, Standing
from twitch_module_flask.telling import Telling
from twitch_module_flask.voices import bot_for

log = logging.getLogger(__name__)

_AT_ONCE, _CHUNK = 25, 250
_TRIES, _LONGEST_PAUSE = 5, 60.0
_FORBIDDEN = 403
_TOO_MUCH = "Twitch tells this application no more: its limit of notifications is reached."
_STAYS = frozenset({"refused", "gone"})
_KNOWN = _STAYS | {"enabled"}
_OWN_LIST = "user:read:moderated_channels"
_LACKS = "A right is missing: connect the channel again."


class Subscriptions:
    """What is refused for a missing right waits until somebody grants it; what failed is asked for next time."""

    def __init__(
        self,
        api: EventSubApi,
        helix: Helix,
        accounts: AccountRepository,
        repository: SubscriptionRepository,
        transport: Transport,
        telling: Telling,
        *,
        client_id: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._helix = helix
        self._accounts = accounts
        self._repository = repository
        self._transport = transport
        self._telling = telling
        self._client_id = client_id
        self._sleep = sleep
        self._free = asyncio.Semaphore(_AT_ONCE)

    @property
    def shared(self) -> bool:
        """Whether any replica can do it; over plain WebSockets only the one that holds them can."""
        return self._transport.name != "websocket"

    async def reconcile(self) -> bool:
        """All channels; whether everything is as it should be."""
        channels = await self._accounts.channels()
        if not await self._transport.ready():
            return not channels
        if not channels and not await self._repository.all():
            await self._transport.done(())
            return True
        standings = await self._accounts.standings()
        await self._look_at(channels, standings)
        channels = await self._accounts.channels()
        wanted = everything(channels, standings, way=self._transport.name, client_id=self._client_id)
        told = await self._transport.told()
        # Read after what Twitch lists: what it took back meanwhile is known here, and not asked for again.
        rows = await self._repository.all()
        live = {one.key: one for one in told if self._transport.current(one) and one.status in LIVE}
        known = {(one.subject, one.type): one for one in rows if one.transport == self._transport.name}
        await self._note(wanted, live, known)
        made = await self._ask([one for one in wanted if one.key not in live and not _stays(known, one)])
        enabled = made | {key for key, one in live.items() if one.status == "enabled"}
        await self._end_surplus(wanted, told, live, enabled, rows)
        await self._transport.done(wanted)
        return all(one.key in enabled or _stays(known, one) for one in wanted)

    async def _look_at(self, channels: Sequence[ConnectedChannel], standings: Sequence[Standing]) -> None:
        lists = await self._moderated(channels, standings)

        async def one(channel: ConnectedChannel) -> None:
            # Few at once, for the database's sake as well: of thousands that are new, each is written down.
            async with self._free:
                await self._look_at_one(channel, bot_for(channel, standings), lists)

        await asyncio.gather(*map(one, channels))

    async def _look_at_one(self, channel: ConnectedChannel, bot: str, lists: Mapping[str, frozenset[str]]) -> None:
        try:
            moderates = (
                bot == channel.broadcaster_id
                or channel.broadcaster_id in lists.get(bot, ())
                or (bot not in lists and await self._helix.moderates(channel.broadcaster_id, bot))
            )
        except ServiceError as error:
            log.warning("whether the bot moderates is not known: %s", error.message)
            return
        if moderates != channel.bot_is_moderator or (moderates and bot != channel.moderating_bot):
            await self._accounts.set_moderator(channel.broadcaster_id, moderates, bot)
            await self._repository.try_again(channel.broadcaster_id)
            await self._telling.moderator_changed(channel, bot, moderates=moderates)

    async def _moderated(
        self, channels: Sequence[ConnectedChannel], standings: Sequence[Standing]
    ) -> dict[str, frozenset[str]]:
        """What each bot moderates, as far as the bot may be asked; of the others each channel is."""
        used = {bot for channel in channels if (bot := bot_for(channel, standings)) != channel.broadcaster_id}
        found: dict[str, frozenset[str]] = {}
        for one in standings:
            if one.user_id not in used or not one.works or _OWN_LIST not in one.scopes:
                continue
            try:
                found[one.user_id] = await self._helix.moderated_by(one.user_id)
            except ServiceError as error:
                log.warning("what a bot moderates is asked channel by channel: %s", error.code)
        return found

    async def _note(
        self, wanted: Iterable[Wanted], live: dict[Key, Told], known: dict[tuple[str, str], Subscription]
    ) -> None:
        """Remember what is told already."""
        found: list[Subscription] = []
        for one in wanted:
            there, row = live.get(one.key), known.get((one.subject, one.type))
            fits = row is not None and there is not None and row.id == there.id and row.status in _KNOWN
            if there is not None and there.status == "enabled" and not fits:
                found.append(Subscription(one.subject, one.type, self._transport.name, there.id, "enabled"))
        for some in batched(found, _CHUNK, strict=False):
            await self._repository.keep(some)

    async def _ask(self, missing: Sequence[Wanted]) -> set[Key]:
        """Ask for all of these; which are told from now on."""
        made: set[Key] = set()
        for some in batched(missing, _CHUNK, strict=False):
            if self._transport.name == "webhook":
                # Its challenge comes before the answer, and has to find what it belongs to.
                rows = [Subscription(one.subject, one.type, self._transport.name, "", "pending") for one in some]
                await self._repository.keep(rows)
            results = await asyncio.gather(*map(self._ask_for, some))
            waits = [one for one in results if one.status == "pending" and one.id]
            if waits:
                await self._repository.asked(waits)
            await self._repository.keep(one for one in results if one.status != "pending" or not one.id)
            made |= {one.key for one, result in zip(some, results, strict=True) if result.status == "enabled"}
            if any(result.reason == _TOO_MUCH for result in results):
                log.error("Twitch tells this application no more: its limit of notifications is reached")
                break
        return made

    async def _ask_for(self, wanted: Wanted) -> Subscription:
        subscription_id, status, reason = "", "pending", ""
        async with self._free:
            try:
                place = await self._transport.place(wanted)
                subscription_id, enabled = await self._patiently(wanted, place)
                status = "enabled" if enabled else "pending"
            except Full:
                reason = _TOO_MUCH
            except Forbidden as error:
                refused = error.details.get("status") == _FORBIDDEN
                status, reason = ("refused", _LACKS) if refused else ("pending", error.message)
            except ServiceError as error:
                reason = error.message
        return Subscription(wanted.subject, wanted.type, self._transport.name, subscription_id, status, reason)

    async def _patiently(self, wanted: Wanted, place: Place) -> tuple[str, bool]:
        """Asked too fast is asked again; the next round begins where this one had to end."""
        for _ in range(_TRIES):
            try:
                return await self._api.subscribe(wanted, place.transport, place.by)
            except TooMany as error:
                await self._sleep(min(error.retry_after or 1, _LONGEST_PAUSE))
        return await self._api.subscribe(wanted, place.transport, place.by)

    async def _end_surplus(
        self,
        wanted: Sequence[Wanted],
        told: Sequence[Told],
        live: dict[Key, Told],
        enabled: set[Key],
        rows: Sequence[Subscription],
    ) -> None:
        """End what is not wanted, or told in a better way by now."""
        keys = {one.key for one in wanted}
        ids = {one.id for one in rows if one.id}
        ended: list[str] = []
        for one in told:
            right = live.get(one.key) is one and one.key in keys
            mine = self._transport.ours(one) or one.id in ids
            replaced = one.key not in keys or one.key in enabled or one.status not in LIVE
            if not right and mine and replaced:
                await self._transport.drop(one)
                ended.append(one.id)
        await self._repository.forget(_over(rows, wanted, {one.id for one in told} - set(ended), self._transport.name))

    async def end(self, subject: str) -> None:
        """Be told no more about somebody."""
        ids = set(await self._repository.ids_of(subject))
        if self.shared:
            # Of ten thousands only these are asked about.
            await asyncio.gather(*map(self._api.unsubscribe, ids))
            return
        for told in [one for one in await self._transport.told() if one.id in ids and self._transport.ours(one)]:
            await self._transport.drop(told)


def _stays(known: dict[tuple[str, str], Subscription], wanted: Wanted) -> bool:
    row = known.get((wanted.subject, wanted.type))
    return row is not None and row.status in _STAYS


def _over(
    rows: Sequence[Subscription], wanted: Sequence[Wanted], there: set[str], transport: str
) -> list[Subscription]:
    """Rows about nothing that is wanted, and those of an old transport whose subscription has ended."""
    keys = {(one.subject, one.type) for one in wanted}
    return [
        one for one in rows
        if (one.subject, one.type) not in keys or (one.transport != transport and one.id not in there)
    ]  # fmt: skip
