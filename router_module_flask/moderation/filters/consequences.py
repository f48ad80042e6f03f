"""What a filter that was hit wants done, as deliveries."""

from __future__ import annotations

from flask_core.datamodels import Action, Chat, Event, Moderate, Reply
from router_module_flask.delivering.addressing import BOT, outgoing
from router_module_flask.models import Outgoing, Speaker
from router_module_flask.moderation.filters import ladder
from router_module_flask.moderation.filters.settings import Active


def consequences(
    event: Event, speaker: Speaker, hit: Active, rung: str, reason: str, *, says: bool
) -> tuple[Outgoing, ...]:
    """The line goes first, then its author for a while; the words for everybody come last."""
    acts: list[Action] = []
    target = event.account.user_id if event.account else ""
    message_id = event.data.get("message_id", "")
    why = f"{hit.kind.title} filter: {reason}"
    if message_id:
        acts.append(Moderate("delete", target, message_id, reason=why))
    seconds = ladder.seconds_of(rung)
    if target and seconds:
        acts.append(Moderate("timeout", target, seconds=seconds, reason=why))
    elif target and rung == "ban":
        acts.append(Moderate("ban", target, reason=why))
    if says:
        acts.append(Chat(_words(hit, speaker, rung), reply=False))
    return tuple(outgoing(event, speaker, f"{event.event_id}:filter", BOT, Reply(tuple(acts))))


def _words(hit: Active, speaker: Speaker, rung: str) -> str:
    words = (hit.settings.message or hit.kind.message).replace("{user}", f"@{speaker.name}")
    return f"{words} (timed out for {rung})" if ladder.seconds_of(rung) else words
