"""Notices: what needs a person, shown in the portal and written to them on another platform where that is possible."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Annotated

import msgspec

from flask_core.operations import Operation, any_service


class PutNotice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence for a community's moderators, for one person, or for both; the same key is one notice.

    A newer notice `about` the same takes the place of the older. `link` is a path of the portal where something can be
    done; `trouble_on` is the platform that it is about, on which the person is not written to.
    """

    idempotency_key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    about: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    community_id: int = 0
    person_id: str = ""
    link: Annotated[str, msgspec.Meta(max_length=300, pattern=r"^(/[^/\\].*)?$")] = ""
    trouble_on: str = ""


class Notice(msgspec.Struct, frozen=True):
    """A notice as it is shown; `new` when this request made it."""

    id: int
    text: str
    link: str
    made_at: datetime
    new: bool = False


class NoticeAbout(msgspec.Struct, frozen=True):
    """What is over: nobody has to do anything about it any more."""

    about: str


NOTIFY = Operation(
    "POST", "/api/v1/notices", PutNotice, Notice, any_service(), "Tell somebody that they are needed.", status=201
)
RESOLVE = Operation(
    "DELETE", "/api/v1/notices", NoticeAbout, NoneType, any_service(), "Take back what the caller told about this.",
    status=204,
)  # fmt: skip
