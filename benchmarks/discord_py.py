"""discord.py's own commands on stub messages: what its bot does with a line, without any network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from discord import Intents
from discord.ext import commands

_US = 0


class Person(msgspec.Struct, frozen=True):
    """Somebody who writes."""

    id: int
    bot: bool = False


class Channel(msgspec.Struct):
    """Counts what is said in it."""

    said: int = 0

    async def send(self, text: str) -> None:
        self.said += 1


class Message(msgspec.Struct):
    """What the bot asks of a message until the command runs."""

    content: str
    author: Person
    channel: Channel
    attachments: Sequence[Any] = ()
    _state: Any = None


class Crowd(msgspec.Struct, frozen=True):
    """Lines of many people in as many channels as ours has."""

    messages: list[Message]
    channels: list[Channel]

    @classmethod
    def of(cls, texts: Sequence[str], *, people: int, channels: int) -> Crowd:
        """Everybody speaks in turn, always in the same channel."""
        rooms = [Channel() for _ in range(channels)]
        known = [Person(number + 1) for number in range(people)]
        messages = [
            Message(text, known[n % people], rooms[n % people % channels]) for n, text in enumerate(texts)
        ]  # fmt: skip
        return cls(messages, rooms)

    @property
    def said(self) -> int:
        """How often the bot answered."""
        return sum(channel.said for channel in self.channels)


def bot_with_quotes() -> commands.Bot:
    """A bot whose one command takes a number, as `!quote` does, and answers at once: no checks, no cooldown."""
    bot = commands.Bot(command_prefix="!", intents=Intents.none(), help_command=None)
    bot._connection.user = Person(_US)  # known after a login only

    async def quote(ctx: commands.Context[commands.Bot], number: int | None = None) -> None:
        await ctx.channel.send("#1: ship it")

    bot.add_command(commands.Command(quote, name="quote", aliases=["q"]))
    return bot
