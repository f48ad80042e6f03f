"""Who is in a playground, what can happen there, and the platform events that come of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from flask_core.contracts.portal import Speaker
from flask_core.datamodels import Account, ChannelKey, Event, MessageType, Role
from flask_core.errors import InvalidInput

_NAME = 25
FIRST_PEOPLE = (
    Speaker("Ann", "twitch", Role.OWNER),
    Speaker("Ben", "discord", Role.MODERATOR),
    Speaker("Cy", "slack"),
    Speaker("Dee", "twitch"),
)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is no line: `words` is how the room tells it, `extras` what a platform adds."""

    message_type: MessageType
    words: str
    amount: int | None = None
    currency: str = ""
    extras: dict[str, str] = field(default_factory=dict)


_LINE = Happening(MessageType.CHAT, "")
EVENTS: dict[str, Happening] = {
    "follow": Happening(MessageType.FOLLOW, "follows"),
    "sub": Happening(MessageType.SUBSCRIPTION, "subscribes", extras={"tier": "1000"}),
    "gift": Happening(MessageType.SUBGIFT, "gives 5 subscriptions", 5),
    "cheer": Happening(MessageType.CHEER, "cheers 100 bits", 100),
    "raid": Happening(MessageType.RAID, "raids with 42 viewers", 42),
    "donation": Happening(MessageType.DONATION, "donates 5.00", 500, "EUR"),
}


def checked(person: Speaker) -> Speaker:
    """The same person; raises InvalidInput for a name that nobody could have on a platform."""
    if not 1 <= len(person.name) <= _NAME or not person.name.replace("_", "").isalnum():
        raise InvalidInput(f"A name has 1 to {_NAME} letters, digits or _.", field="name")
    return person


def event_of(channel: str, speaker: Speaker, at: datetime, text: str = "", *, what: str = "") -> Event:
    """What a platform would send: a line, or what happens as `what` says."""
    happening = EVENTS.get(what, _LINE)
    event_id = f"console:{secrets.token_hex(10)}"
    return Event(
        event_id=event_id,
        message_type=happening.message_type,
        channel=str(ChannelKey.parse(channel)),
        occurred_at=at,
        account=_account(speaker),
        text=text,
        amount=happening.amount,
        currency=happening.currency,
        data={"message_id": event_id, "look": speaker.look, **happening.extras},
    )


def _account(speaker: Speaker) -> Account:
    login = speaker.name.lower()
    return Account(
        user_id=f"{speaker.look}-{login}",
        login=login,
        display_name=speaker.name,
        broadcaster=speaker.role is Role.OWNER,
        admin=speaker.role is Role.ADMIN,
        moderator=speaker.role is Role.MODERATOR,
        vip=speaker.role is Role.VIP,
        subscriber=speaker.role is Role.SUBSCRIBER,
    )
