"""The settings of memories: the operator's from the environment, a community's from its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import msgspec

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`max_entries` per community, `reminders_per_person` active at once."""

    max_entries: int
    reminders_per_person: int

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `MEMORIES_…` wins over the common name."""
        env = Env("MEMORIES", values)
        return cls(
            **cls.common(env, port=MODULE.port, data_name=MODULE.name),
            max_entries=env.integer("MAX_ENTRIES", 20_000),
            reminders_per_person=env.integer("REMINDERS_PER_PERSON", 25),
        )


class CommunityChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a community's admins choose."""

    suggestions: bool = False
    own_edit_minutes: int = 15
    vote_on_own: bool = False
    fetch_titles: bool = False
    remind_role: Literal["viewer", "subscriber", "vip", "moderator"] = "viewer"
    default_clock: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    channel_reminders: Literal["always", "online"] = "always"
    show_on_overlay: tuple[Literal["quote", "link", "note"], ...] = ()
