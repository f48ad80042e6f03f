"""How often somebody may: admission of commands and their cooldowns."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask_core.datamodels import Cooldowns, Event, Role
from flask_core.shared_state import SharedState
from router_module_flask.models import FoundCommand, Speaker

ACCOUNT_COMMANDS = 20
CHANNEL_COMMANDS = 100
WINDOW_SECONDS = 10.0
_REMEMBERED = 20_000


class SharedLimits:
    """Cooldowns live in shared state, so that all replicas see them; admission is per replica.

    A channel's events are read by one replica at a time, so its own count is the count.
    """

    def __init__(
        self, shared: SharedState, *, default_cooldown: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = shared
        self._default = Cooldowns(member=default_cooldown)
        self._clock = clock
        self._commands: dict[str, list[float]] = {}
        self._sweep_at = _REMEMBERED

    def admits(self, event: Event) -> bool:
        """At most 20 commands of an account and 100 of a channel in 10 s."""
        account, channel, now = event.account, event.channel, self._clock()
        speaker = f"{channel}/{account.user_id if account else ''}"
        return self._below(speaker, ACCOUNT_COMMANDS, now) and self._below(channel, CHANNEL_COMMANDS, now)

    def _below(self, key: str, limit: int, now: float) -> bool:
        times = self._commands.get(key)
        if times is None:
            if len(self._commands) >= self._sweep_at:
                self._sweep(now)
            times = self._commands[key] = []
        if len(times) == limit:
            if times[0] > now - WINDOW_SECONDS:
                return False
            del times[0]
        times.append(now)
        return True

    def _sweep(self, now: float) -> None:
        self._commands = {key: times for key, times in self._commands.items() if times[-1] > now - WINDOW_SECONDS}
        # Were all of them just here, the next newcomer must not look at everybody again.
        self._sweep_at = max(_REMEMBERED, 2 * len(self._commands))

    async def wait_for(self, found: FoundCommand, speaker: Speaker) -> float:
        """0 when every bucket was ready and is taken now, else seconds to wait."""
        buckets = self._buckets(found, speaker)
        return await self._shared.cooldown(buckets) if buckets else 0.0

    async def give_back(self, found: FoundCommand, speaker: Speaker) -> None:
        """Refund what `wait_for` took."""
        buckets = self._buckets(found, speaker)
        if buckets:
            await self._shared.refund(*(key for key, _ in buckets))

    async def told_already(self, found: FoundCommand, speaker: Speaker, seconds: float = 10) -> bool:
        """Whether the speaker was told about this command in the last `seconds`."""
        return await self.told_lately(found.card.path, speaker, seconds)

    async def told_lately(self, what: str, speaker: Speaker, seconds: float = 10) -> bool:
        """Whether the speaker was told that in the last `seconds`; the first question answers no."""
        key = f"told:{speaker.community_id}:{what}:{speaker.member_id}"
        return not await self._shared.claim_once(key, max(1.0, seconds))

    def _buckets(self, found: FoundCommand, speaker: Speaker) -> list[tuple[str, float]]:
        cooldowns = found.card.cooldowns or self._default
        waits = found.moderators_wait or speaker.role < Role.MODERATOR
        buckets: list[tuple[str, float]] = []
        if not waits and cooldowns.everywhere <= 0:
            return buckets
        command = f"cooldown:{speaker.community_id}:{found.card.path}"
        if cooldowns.everywhere > 0:
            buckets.append((f"{command}:all", cooldowns.everywhere))
        if waits:
            if cooldowns.channel > 0:
                buckets.append((f"{command}:channel:{speaker.context.channel.key}", cooldowns.channel))
            if cooldowns.member > 0:
                buckets.append((f"{command}:member:{speaker.member_id}", cooldowns.member))
        return buckets
