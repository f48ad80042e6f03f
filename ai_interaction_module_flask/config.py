"""The settings of ai."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """The common settings are all that this module needs."""

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `AI_…` wins over the common name."""
        return cls(**cls.common(Env("AI", values), port=MODULE.port, data_name=MODULE.name))
