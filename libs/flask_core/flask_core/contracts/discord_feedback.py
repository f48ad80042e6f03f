"""What members of Discord servers told the team with `/feedback`."""

from __future__ import annotations

from datetime import datetime

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, people, services

OFFERED_BY = "discord"


class FeedbackOf(msgspec.Struct, frozen=True):
    """What a community was told."""

    community_id: int


class Feedback(msgspec.Struct, frozen=True):
    """Who told what, in which server."""

    id: str
    name: str
    server: str
    subject: str
    details: str
    said_at: datetime


class FeedbackList(msgspec.Struct, frozen=True):
    """The newest hundred, the newest first."""

    items: tuple[Feedback, ...]


FEEDBACK = Operation(
    "GET", "/api/v1/feedback", FeedbackOf, FeedbackList, people(Role.MODERATOR) | services("portal"),
    "List what members told the team.",
)  # fmt: skip
