"""What begins with a slash: orders to the terminal itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flask_core.datamodels import Role
from flask_core.errors import InvalidInput
from waddlebot.terminal.talk import LOOKS, Talk
from waddlebot.terminal.wording import reasons, who

type Handler = Callable[[Talk, list[str]], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Order:
    """How it is written, what it is for, and what does it."""

    usage: str
    help: str
    run: Handler


async def _as(talk: Talk, words: list[str]) -> list[str]:
    if not words:
        raise InvalidInput(f"Usage: {ORDERS['as'].usage}")
    role: Role | None = None
    look = ""
    for word in (word.lower() for word in words[1:]):
        if word in LOOKS:
            look = word
        else:
            role = Role.OWNER if word == "broadcaster" else Role.named(word)
    return [f"You speak as {who(talk.become(words[0], role, look))}."]


async def _on(talk: Talk, words: list[str]) -> list[str]:
    look = words[0].lower() if words else ""
    if look not in LOOKS:
        raise InvalidInput(f"Usage: {ORDERS['on'].usage}")
    return [f"You speak as {who(talk.become(talk.speaker.name, look=look))}."]


async def _people(talk: Talk, _: list[str]) -> list[str]:
    return [who(person) for person in talk.people.values()]


async def _event(talk: Talk, words: list[str]) -> list[str]:
    if not words:
        raise InvalidInput(f"Usage: {ORDERS['event'].usage}")
    heard = await talk.happen(words[0].lower())
    return [] if heard.replies else ["It happened; the bot had no words for it. /why tells more."]


async def _why(talk: Talk, words: list[str]) -> list[str]:
    number = words[0] if words else "1"
    if not (number.isdecimal() and number.isascii()):
        raise InvalidInput(f"Usage: {ORDERS['why'].usage}")
    return reasons(await talk.why(int(number)))


async def _help(_: Talk, __: list[str]) -> list[str]:
    return [f"{order.usage:<44}{order.help}" for order in ORDERS.values()] + [
        "Everything else is said in the room. The bot's own commands: !help"
    ]


async def _quit(_: Talk, __: list[str]) -> list[str]:
    raise Leaving


class Leaving(Exception):
    """Whoever sits at the keyboard wants to go."""


ORDERS: dict[str, Order] = {
    "as": Order("/as NAME [role] [twitch|discord|slack]", "Speak as somebody else.", _as),
    "on": Order("/on twitch|discord|slack", "Speak on another platform.", _on),
    "people": Order("/people", "Tell who is here.", _people),
    "event": Order("/event follow|sub|gift|cheer|raid|donation", "Let it happen.", _event),
    "why": Order("/why [n]", "Tell why the bot said that; n lines ago.", _why),
    "help": Order("/help", "Tell what can be typed.", _help),
    "quit": Order("/quit", "Leave.", _quit),
}


def is_order(line: str) -> bool:
    """Whether a line is meant for the terminal: `//shrug` is said as `/shrug`."""
    return line.startswith("/") and not line.startswith("//")


async def obey(talk: Talk, line: str) -> list[str]:
    """Do what the line says; returns what is to be shown. Raises InvalidInput for what nobody knows."""
    name, *words = line[1:].split() or [""]
    order = ORDERS.get(name.lower())
    if order is None:
        raise InvalidInput("There is no such order. /help lists all.")
    return await order.run(talk, words)
