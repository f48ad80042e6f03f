"""Events of a stream as tasks for the model, and the owner's own words for when there is none."""

from __future__ import annotations

from typing import Any

from flask_core.datamodels import Event, MessageType

LENGTH = 150
_TASKS = {
    MessageType.SUBSCRIPTION: "{user} just subscribed. Thank them.",
    MessageType.RESUB: "{user} has subscribed for {months} months. Thank them.",
    MessageType.SUBGIFT: "{user} gifted {amount} subscription(s) to the community. Thank them.",
    MessageType.RAID: "{user} raids the channel with {amount} viewers. Welcome them.",
    MessageType.DONATION: "{user} donated {amount}. Thank them.",
    MessageType.CHEER: "{user} cheered with {amount} bits. Thank them.",
    MessageType.FOLLOW: "{user} follows the channel now. Welcome them.",
    MessageType.BOOST: "{user} boosted the server. Thank them.",
    MessageType.MEMBER_JOIN: "{user} joined the server. Welcome them.",
    MessageType.HYPE_TRAIN: "A hype train is running at level {amount}. Cheer everybody on.",
}
_NEVER_SAID = "somebody"


def facts_of(event: Event) -> dict[str, str]:
    """Name, amount and months as words."""
    amount: Any = event.amount if event.amount is not None else 1
    if event.message_type is MessageType.DONATION:
        amount = f"{(event.amount or 0) / 100:.2f} {event.currency}".strip()
    months = event.data.get("months") or event.data.get("cumulative_months") or event.amount or 1
    name = event.account.name if event.account is not None else _NEVER_SAID
    return {"user": name, "amount": str(amount), "months": str(months)}


def task_of(event: Event) -> str:
    """What the model shall do; the name in it is data and stands in the marked part."""
    task = _TASKS.get(event.message_type, "Something happened: say a kind word.")
    return f"{filled(task, {**facts_of(event), 'user': 'The one named above'})} Say it in under {LENGTH} characters."


def filled(text: str, facts: dict[str, str]) -> str:
    """The owner's words with `{user}`, `{amount}` and `{months}` in place."""
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", value)
    return text
