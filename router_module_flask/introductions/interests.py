"""Which modules an event interests; asked for every event, so it touches dictionaries only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import re2

from flask_core.datamodels import Event, EventInterest, Manifest, MessageType
from router_module_flask.models import Interest, Speaker

NAME = "waddlebot"
MENTION = f"@{NAME}"
_NAMED = re.compile(rf"(?<!\w){NAME}(?!\w)", re.IGNORECASE)


class Interests:
    """`listening` are modules that only take batches, by message type."""

    def __init__(self) -> None:
        self._interests: dict[MessageType, list[Interest]] = {}
        self.listening: dict[MessageType, tuple[str, ...]] = {}

    def build(self, manifests: Mapping[str, Manifest]) -> None:
        """Take what modules said anew."""
        self._interests = {}
        listening: dict[MessageType, list[str]] = {}
        for module, manifest in manifests.items():
            for interest in manifest.events:
                self._interests.setdefault(interest.message_type, []).append((module, interest))
            for message_type in manifest.listens_to:
                listening.setdefault(message_type, []).append(module)
        for interests in self._interests.values():
            interests.sort(key=lambda known: (known[1].parallel, known[1].priority, known[0]))
        self.listening = {message_type: tuple(modules) for message_type, modules in listening.items()}

    def of(self, event: Event, speaker: Speaker, wishes: Sequence[Interest] = ()) -> Sequence[Interest]:
        """Whom this event interests, sequential ones by priority before parallel ones; then this community's wishes."""
        kind = event.message_type
        interests = self._interests.get(kind)
        if not interests and not wishes:
            return ()
        found = [known for known in interests or () if _wants(known[1], event, speaker)]
        return found + [one for one in wishes if one[1].message_type is kind and _wants(one[1], event, speaker)]


def _wants(interest: EventInterest, event: Event, speaker: Speaker) -> bool:
    if interest.channels and event.channel not in interest.channels:
        return False
    if interest.min_amount and (event.amount or 0) < interest.min_amount:
        return False
    if interest.mentions_bot and not _to_us(event):
        return False
    if interest.matches and not re2.search(interest.matches, event.text):
        return False
    first = speaker.context.member is not None and speaker.context.member.first_message
    return first or not interest.first_message


def _to_us(event: Event) -> bool:
    """Whether a line calls the bot: by the platform's own mention, by its name as a word, or as an answer to it."""
    if "mentions_bot" in event.data or _NAMED.search(event.text):
        return True
    answered = event.reply_to.account if event.reply_to is not None else None
    return answered is not None and answered.bot
