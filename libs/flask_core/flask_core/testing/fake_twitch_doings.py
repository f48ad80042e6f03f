"""What people and the bot do in the fake Twitch's channels: streams, bans, roles, followers, clips."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Doings:
    """Tests read `done`, which names the call, who made it and what it said, and set what stands in channels.

    Pairs are (channel, user). `banned` has the seconds of a time-out, 0 for a ban. `application_refused` are paths
    that do not take the application's token; `limited` are the seconds for which the next calls are put off. Pages of
    Twitch hold up to 100; with a small `most_per_page` few are enough to turn one.
    """

    done: list[dict[str, Any]] = field(default_factory=list)
    banned: dict[tuple[str, str], int] = field(default_factory=dict)
    moderators: set[tuple[str, str]] = field(default_factory=set)
    vips: set[tuple[str, str]] = field(default_factory=set)
    subscribers: set[tuple[str, str]] = field(default_factory=set)
    followers: dict[tuple[str, str], str] = field(default_factory=dict)
    chatters: dict[str, set[str]] = field(default_factory=dict)
    written: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Channel and author of messages that can be deleted, by their id."""
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    playing: dict[str, str] = field(default_factory=dict)
    """The id of a category by channel."""
    categories: dict[str, str] = field(default_factory=lambda: {"33214": "Fortnite", "509658": "Just Chatting"})
    clips: list[dict[str, Any]] = field(default_factory=list)
    emotes: dict[str, list[str]] = field(default_factory=dict)
    most_vips: int = 10
    most_per_page: int = 2
    application_refused: set[str] = field(default_factory=set)
    limited: list[float] = field(default_factory=list)

    def go_live(self, broadcaster_id: str, viewers: int = 5, started_at: datetime | None = None) -> None:
        """A stream begins."""
        self.streams[broadcaster_id] = {
            "id": secrets.token_hex(6), "user_id": broadcaster_id, "type": "live", "viewer_count": viewers,
            "started_at": (started_at or datetime.now(UTC)).isoformat().replace("+00:00", "Z"),
        }  # fmt: skip

    def stop(self, broadcaster_id: str) -> None:
        """A stream ends."""
        del self.streams[broadcaster_id]

    def did(self, call: str) -> list[dict[str, Any]]:
        """What was done by one kind of call."""
        return [one for one in self.done if one["call"] == call]
