"""What a module wants to hear about in one community, beside what its manifest says for all."""

from __future__ import annotations

from types import NoneType
from typing import Annotated

import msgspec

from flask_core.datamodels import EventInterest
from flask_core.operations import Operation, any_service

MOST_WISHES = 30


class PutWishes(msgspec.Struct, frozen=True):
    """The calling module's wishes for a community, in place of those before; none takes them back."""

    community_id: int
    interests: Annotated[tuple[EventInterest, ...], msgspec.Meta(max_length=MOST_WISHES)]


PUT_WISHES = Operation(
    "PUT", "/api/v1/communities/{community_id}/event-wishes", PutWishes, NoneType, any_service(),
    "Say which events of one community the caller wants to be run for besides.", status=204,
)  # fmt: skip
