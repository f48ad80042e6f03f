"""What a module remembers of one member in one channel, from one command to the next."""

from __future__ import annotations

from types import NoneType
from typing import Any

import msgspec

from flask_core.operations import Operation, any_service

MOST_STATE = 16 * 1024
LONGEST_WAIT = 120.0


class SessionId(msgspec.Struct, frozen=True):
    """The `session_id` of an invocation."""

    id: str


class Session(msgspec.Struct, frozen=True):
    """A session's state, up to 16 KiB of JSON; it ends an hour after its last use."""

    id: str
    state: dict[str, Any]


GET_SESSION = Operation(
    "GET", "/api/v1/sessions/{id}", SessionId, Session, any_service(), "Read what was kept of this member here."
)
PUT_SESSION = Operation(
    "PUT", "/api/v1/sessions/{id}", Session, Session, any_service(), "Keep something of this member here."
)
END_SESSION = Operation(
    "DELETE", "/api/v1/sessions/{id}", SessionId, NoneType, any_service(), "End the session.", status=204
)
