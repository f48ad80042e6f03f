"""EventSub notifications as events; what is unknown here is left to others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_core.datamodels import Account, Event, MessageType
from twitch_module_flask.models import Notification, channel_key

ANONYMOUS = frozenset({"", "274598607"})
"""Twitch's own account for people who do not want to be named, and what its tool sends instead of null."""

_MOST_PLACES = 8

type Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """The parts of an event that differ by kind."""

    message_type: MessageType
    account: Account | None = None
    text: str = ""
    amount: int | None = None
    data: Fields | None = None
    currency: str = ""


def event_of(message: Notification, bots: Collection[str] = ()) -> Event | None:
    """The event behind a notification, or None for a kind that means nothing here.

    What an account of `bots` did is marked as our own act, so that nothing reacts to it twice.
    Raises KeyError, TypeError or ValueError where Twitch's fields are not what they are known to be.
    """
    subscription: Any = message.payload["subscription"]
    said: Any = message.payload["event"]
    read = READERS.get(subscription["type"])
    if read is None:
        return None
    happened = read(said)
    ours = {"own_action": True} if (happened.data or {}).get("moderator") in bots else {}
    broadcaster = said.get("to_broadcaster_user_id") or said["broadcaster_user_id"]
    return Event(
        event_id=f"twitch:{message.message_id}",
        message_type=happened.message_type,
        channel=channel_key(broadcaster),
        occurred_at=message.at,
        account=happened.account,
        text=happened.text,
        amount=happened.amount,
        currency=happened.currency,
        data={**(happened.data or {}), **ours},
    )


def account_of(said: Fields, prefix: str = "user") -> Account | None:
    """Who did it; None for anonymous people, however Twitch writes them."""
    user_id = said.get(f"{prefix}_id")
    if not user_id or str(user_id) in ANONYMOUS or said.get("is_anonymous"):
        return None
    login = str(said.get(f"{prefix}_login") or "").lower()
    return Account(str(user_id), login, str(said.get(f"{prefix}_name") or login))


def _subscription(said: Fields) -> Happening:
    extras = {"tier": said["tier"], "gifted": bool(said.get("is_gift"))}
    return Happening(MessageType.SUBSCRIPTION, account_of(said), data=extras)


def _resub(said: Fields) -> Happening:
    extras = {"tier": said["tier"], "months": said["cumulative_months"], "streak": said.get("streak_months") or 0}
    return Happening(MessageType.RESUB, account_of(said), text=(said.get("message") or {}).get("text", ""), data=extras)


def _gift(said: Fields) -> Happening:
    extras = {"tier": said["tier"], "cumulative": said.get("cumulative_total") or 0}
    return Happening(MessageType.SUBGIFT, account_of(said), amount=int(said["total"]), data=extras)


def _cheer(said: Fields) -> Happening:
    # Its text comes as a chat line, too, and is handled there.
    return Happening(MessageType.CHEER, account_of(said), amount=int(said["bits"]))


def _raid(said: Fields) -> Happening:
    return Happening(MessageType.RAID, account_of(said, "from_broadcaster_user"), amount=int(said["viewers"]))


def _redemption(said: Fields) -> Happening:
    reward = said["reward"]
    extras = {"reward_id": reward["id"], "reward": reward.get("title", "")}
    return Happening(
        MessageType.REDEMPTION, account_of(said), said.get("user_input") or "", int(reward["cost"]), extras
    )


def _automatic(said: Fields) -> Happening:
    reward, words = said["reward"], said.get("message") or {}
    extras = {"reward_id": reward["type"], "reward": reward["type"].replace("_", " "), "automatic": True}
    cost = int(reward.get("channel_points") or reward.get("cost") or 0)
    return Happening(MessageType.REDEMPTION, account_of(said), words.get("text") or "", cost, extras)


def _donation(said: Fields) -> Happening:
    money = said["amount"]
    value, places = int(money["value"]), int(money["decimal_places"])
    if not 0 <= places <= _MOST_PLACES:
        raise ValueError("no money has so many decimal places")
    cents = value * 100 // 10**places
    extras = {"charity": said.get("charity_name") or ""}
    return Happening(MessageType.DONATION, account_of(said), amount=cents, data=extras, currency=str(money["currency"]))


def _ban(said: Fields) -> Happening:
    extras: Fields = {"reason": said.get("reason") or "", "moderator": said.get("moderator_user_id") or ""}
    if said.get("is_permanent"):
        return Happening(MessageType.BAN, account_of(said), data=extras)
    lasts = datetime.fromisoformat(said["ends_at"]) - datetime.fromisoformat(said["banned_at"])
    return Happening(MessageType.TIMEOUT, account_of(said), data={**extras, "seconds": round(lasts.total_seconds())})


def _warning(said: Fields) -> Happening:
    extras = {"reason": said.get("reason") or "", "moderator": said.get("moderator_user_id") or ""}
    return Happening(MessageType.WARN, account_of(said), data=extras)


def _update(said: Fields) -> Happening:
    extras = {"title": str(said["title"]), "category_id": str(said.get("category_id") or ""),
              "category": str(said.get("category_name") or "")}  # fmt: skip
    return Happening(MessageType.STREAM_UPDATE, data=extras)


def _hype_train(phase: str) -> Callable[[Fields], Happening]:
    def read(said: Fields) -> Happening:
        extras = {"train_id": said["id"], "phase": phase, "level": int(said["level"]), "total": int(said["total"])}
        return Happening(MessageType.HYPE_TRAIN, data=extras)

    return read


def _deleted(said: Fields) -> Happening:
    """One message, or all of somebody's, shall be seen no more."""
    which = {"message_id": said["message_id"]} if "message_id" in said else {"all": True}
    return Happening(MessageType.MESSAGE_DELETE, account_of(said, "target_user"), data=which)


READERS: dict[str, Callable[[Fields], Happening]] = {
    "channel.follow": lambda said: Happening(MessageType.FOLLOW, account_of(said)),
    "channel.subscribe": _subscription,
    "channel.subscription.message": _resub,
    "channel.subscription.gift": _gift,
    "channel.cheer": _cheer,
    "channel.raid": _raid,
    "channel.channel_points_custom_reward_redemption.add": _redemption,
    "channel.channel_points_automatic_reward_redemption.add": _automatic,
    "channel.charity_campaign.donate": _donation,
    "channel.hype_train.begin": _hype_train("begin"),
    "channel.hype_train.end": _hype_train("end"),
    "channel.update": _update,
    "channel.warning.send": _warning,
    "channel.chat.message_delete": _deleted,
    "channel.chat.clear_user_messages": _deleted,
    "channel.ban": _ban,
    "channel.unban": lambda said: Happening(
        MessageType.UNBAN, account_of(said), data={"moderator": said.get("moderator_user_id") or ""}
    ),
    "stream.online": lambda _: Happening(MessageType.STREAM_ONLINE),
    "stream.offline": lambda _: Happening(MessageType.STREAM_OFFLINE),
}
