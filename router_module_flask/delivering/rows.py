"""What a row of the outbox says: a delivery with everything that its carrier needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from flask_core.contracts.module import Delivery
from flask_core.datamodels import Action, Chat, Ticker
from router_module_flask.models import Outgoing

_encoder = msgspec.json.Encoder()


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the column `body` holds."""

    delivery: Delivery
    simulated: bool = False


_decoder = msgspec.json.Decoder(Kept)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this process shall carry out now; `attempts` counts this one, `note` goes into its record."""

    delivery: Delivery
    source: str
    module: str
    attempts: int
    expires_at: datetime
    simulated: bool
    note: str = ""


def kind_of(outgoing: Outgoing) -> str:
    """The tag of the action: `chat`, `ticker` …"""
    return str(outgoing.action.__struct_config__.tag)


def delivery_of(outgoing: Outgoing) -> Delivery:
    """The delivery as its carrier gets it; the key is unique over all sources."""
    return Delivery(
        id=outgoing.id,
        idempotency_key=f"{outgoing.source}:{outgoing.key}",
        channel=outgoing.channel,
        action=outgoing.action,
        community_id=outgoing.community_id,
        priority=outgoing.priority,
        reply_to=outgoing.reply_to,
        account=outgoing.account,
        time_zone=outgoing.time_zone,
        locale=outgoing.locale,
    )


def body_of(outgoing: Outgoing) -> str:
    """The delivery as it is kept."""
    return _encoder.encode(Kept(delivery_of(outgoing), outgoing.simulated)).decode()


def kept_delivery(body: str) -> Delivery:
    """The delivery out of a kept body."""
    return _decoder.decode(body).delivery


def kept_action(body: str) -> Action | None:
    """What was to be done, out of a kept body; None once it is no longer kept."""
    return kept_delivery(body).action if body else None


def words_of(action: Action | None) -> str:
    """What the action says or shows in words; "" when it has none."""
    return action.text if isinstance(action, Chat | Ticker) else ""


def escaped_like(text: str) -> str:
    """The text for a pattern of LIKE … ESCAPE '!'."""
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return text


def due_of(outgoing: Outgoing, now: datetime) -> Due:
    """The first attempt at something that was just committed."""
    return Due(
        delivery_of(outgoing),
        outgoing.source,
        outgoing.module,
        1,
        now + timedelta(seconds=outgoing.expires_in),
        outgoing.simulated,
    )


def due_again(body: str, source: str, module: str, attempts: int, expires_at: datetime) -> Due:
    """A later attempt at what was kept."""
    kept = _decoder.decode(body)
    return Due(kept.delivery, source, module, attempts, expires_at, kept.simulated)


def public_form(due: Due) -> Outgoing | None:
    """What is said in public instead of a private line that the platform refused, if the module gave such a text."""
    action = due.delivery.action
    if not isinstance(action, Chat) or not action.private or not action.public_fallback:
        return None
    said = due.delivery
    return Outgoing(
        source=due.source,
        key=f"{said.idempotency_key.removeprefix(due.source + ':')}:public",
        community_id=said.community_id,
        channel=said.channel,
        module=due.module,
        action=msgspec.structs.replace(action, text=action.public_fallback, private=False, public_fallback=""),
        priority=said.priority,
        expires_in=60,
        account=said.account,
        time_zone=said.time_zone,
        locale=said.locale,
        simulated=due.simulated,
    )
