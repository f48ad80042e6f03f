"""Which modules an event interests; asked for every event, so it touches dictionaries only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2

from flask_core.datamodels import Event, EventInterest, Manifest, MessageType
from router_module_flask.models import Interest, Speaker

MENTION = "@waddlebot"


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

    def of(self, event: Event, speaker: Speaker) -> Sequence[Interest]:
        """Whom this event interests, sequential ones by priority before parallel ones."""
        interests = self._interests.get(event.message_type)
        if not interests:
            return ()
        return [known for known in interests if _wants(known[1], event, speaker)]


def _wants(interest: EventInterest, event: Event, speaker: Speaker) -> bool:
    if interest.min_amount and (event.amount or 0) < interest.min_amount:
        return False
    if interest.mentions_bot and "mentions_bot" not in event.data and MENTION not in event.text.lower():
        return False
    if interest.matches and not re2.search(interest.matches, event.text):
        return False
    first = speaker.context.member is not None and speaker.context.member.first_message
    return first or not interest.first_message
