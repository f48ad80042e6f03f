"""What is known about a channel and its commands, for answers that cannot wait for a round through everything."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from flask_core.contracts import community, router
from flask_core.datamodels import Account
from flask_core.service_client import ServiceClient

_SECONDS, _SECONDS_OF_UNKNOWN, _PATIENCE, _MOST = 60.0, 3.0, 0.8, 2_000
NOWHERE = 1
"""The community of channels that belong to none."""


class Handbook:
    """Both answers are at most a minute old."""

    def __init__(self, services: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._commands: OrderedDict[tuple[int, str], tuple[float, tuple[router.ModuleCommand, ...]]] = OrderedDict()
        self._contexts: OrderedDict[str, tuple[float, community.Context]] = OrderedDict()

    async def context(self, channel: str, account: Account | None = None) -> community.Context:
        """Whose channel it is."""
        until, context = self._contexts.get(channel, (0.0, None))
        if context is not None and until > self._clock() and account is None:
            return context
        asked = community.ContextRequest((community.ContextItem(channel, account),))
        answer = await self._services.call("community", community.CONTEXT, asked, timeout=_PATIENCE)
        _keep(self._contexts, channel, (self._clock() + _SECONDS, answer.items[0]))
        return answer.items[0]

    async def commands(
        self, community_id: int, channel: str, seconds: float = _SECONDS
    ) -> tuple[router.ModuleCommand, ...]:
        """What can be typed in a channel, as it was at most `seconds` ago."""
        key = (community_id, channel)
        asked_at, commands = self._commands.get(key, (-_SECONDS, ()))
        if asked_at + seconds > self._clock():
            return commands
        asked = router.ListCommands(community_id, channel=channel)
        answer = await self._services.call("router", router.COMMANDS, asked, timeout=_PATIENCE)
        _keep(self._commands, key, (self._clock(), answer.items))
        return answer.items

    async def knows(self, community_id: int, channel: str, line: str) -> bool:
        """Whether a line begins with the words of a command."""
        words = line.casefold().split()
        if any(_begins(words, known) for known in await self.commands(community_id, channel)):
            return True
        # A module may have come up a moment ago.
        return any(_begins(words, known) for known in await self.commands(community_id, channel, _SECONDS_OF_UNKNOWN))


def _begins(words: list[str], known: router.ModuleCommand) -> bool:
    sign = (known.typed or "!")[:1]
    ways = {known.typed, *(sign + path for path in (known.card.path, *known.card.aliases))}
    return any(way and words[: len(way.split())] == way.casefold().split() for way in ways)


def _keep[K, V](kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _MOST:
        kept.popitem(last=False)
