"""What reputation offers whoever sells something for points."""

from __future__ import annotations

from types import NoneType
from typing import Annotated

import msgspec
from msgspec import Meta

from flask_core.operations import Operation, any_service


class AskCharge(msgspec.Struct, frozen=True):
    """Take `amount` points from a member; the same key is one charge."""

    community_id: int
    member_id: str
    amount: Annotated[int, Meta(ge=1, le=10**9)]
    reason: Annotated[str, Meta(max_length=200)]
    idempotency_key: Annotated[str, Meta(min_length=1, max_length=200)]


class Charge(msgspec.Struct, frozen=True):
    """What was taken, and how many points are left."""

    id: int
    amount: int
    points: int


class ChargeOf(msgspec.Struct, frozen=True):
    """A charge by its id."""

    community_id: int
    id: int


CHARGE = Operation(
    "POST", "/api/v1/communities/{community_id}/charges", AskCharge, Charge, any_service(),
    "Take points from a member: 409 with `points` when there are too few.", status=201,
)  # fmt: skip
REFUND = Operation(
    "POST", "/api/v1/communities/{community_id}/charges/{id}/refund", ChargeOf, NoneType, any_service(),
    "Give a charge back, once.", status=204,
)  # fmt: skip
