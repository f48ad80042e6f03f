"""Community's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`max_owned` communities per person; invitations hold `invite_days` (1 to 30) unless somebody says how long; for
    `delete_days` a deleted community can be brought back.
    """

    max_owned: int
    invite_days: int
    delete_days: int

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `COMMUNITY_…` wins over the common name."""
        env = Env("COMMUNITY", values)
        return cls(
            **cls.common(env, port=MODULE.port, data_name=MODULE.name),
            max_owned=env.integer("MAX_OWNED", 5),
            invite_days=env.integer("INVITE_DAYS", 7),
            delete_days=env.integer("DELETE_DAYS", 30),
        )
