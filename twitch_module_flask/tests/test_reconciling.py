"""Thousands of channels at once do not press everything else aside."""

from __future__ import annotations

import asyncio
from typing import Any

from twitch_module_flask.eventsub.reconciling import Subscriptions
from twitch_module_flask.models import ConnectedChannel


class Written:
    """Takes what is written down, and knows how much came at once."""

    def __init__(self) -> None:
        self.moderating: set[str] = set()
        self.most_at_once = 0
        self._at_once = 0

    async def set_moderator(self, broadcaster_id: str, moderates: bool, bot: str) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        self.moderating.add(broadcaster_id)

    async def try_again(self, subject: str) -> None:
        return

    async def moderator_changed(self, channel: ConnectedChannel, bot: str, *, moderates: bool) -> None:
        return


async def test_of_many_new_channels_few_are_written_down_at_once() -> None:
    written: Any = Written()
    nobody: Any = None
    subscriptions = Subscriptions(nobody, nobody, written, written, nobody, written, client_id="")
    channels = [ConnectedChannel(str(number), f"streamer{number}", 2) for number in range(1_000)]
    await subscriptions._look_at(channels, ())
    assert len(written.moderating) == 1_000
    assert written.most_at_once <= 25
