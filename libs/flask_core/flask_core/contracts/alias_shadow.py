"""What alias offers about shadow mode: what it would have said, beside what another bot said."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from flask_core.datamodels import Role
from flask_core.operations import Operation, people

OFFERED_BY = "alias"

Verdict = Literal["same", "different", "no reply", "only we replied"]


class ShadowOf(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class StartShadow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Compare the commands of an import that waits for a decision with what `bot` says, for 1 to 14 days."""

    community_id: int
    import_id: int
    bot: Annotated[str, Meta(min_length=1, max_length=100)] = "Nightbot"
    days: Annotated[int, Meta(ge=1, le=14)] = 7


class Shadow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether it is `on`, whom it listens to and until when; numbers of runs by verdict.

    `ready` after 50 runs that were all the same; `error` is why it waits.
    """

    on: bool = False
    import_id: int = 0
    bot: str = ""
    until: datetime | None = None
    verdicts: dict[str, int] = {}
    ready: bool = False
    error: str = ""


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """One use of a command: what was typed, what we would have said, and what the other bot said."""

    command: str
    typed: str
    at: datetime
    verdict: Verdict
    ours: str = ""
    theirs: str = ""


class Report(msgspec.Struct, frozen=True):
    """The latest runs, those that are not the same first."""

    items: tuple[Run, ...]


_SHADOW = "/api/v1/communities/{community_id}/shadow"
SHADOW = Operation("GET", _SHADOW, ShadowOf, Shadow, people(Role.ADMIN), "Tell about shadow mode.")
START_SHADOW = Operation(
    "POST", _SHADOW, StartShadow, Shadow, people(Role.ADMIN), "Compare with what another bot says.", status=201
)
STOP_SHADOW = Operation("DELETE", _SHADOW, ShadowOf, NoneType, people(Role.ADMIN), "Stop to compare.", status=204)
REPORT = Operation("GET", f"{_SHADOW}/report", ShadowOf, Report, people(Role.ADMIN), "List what was compared.")
