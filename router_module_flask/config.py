"""The router's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import Env, ServiceConfig

MODULE = module_info(__file__)


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`backlog_limit` in events, `default_cooldown` in seconds, retention in days or hours.

    `trace_days` and `message_hours` hold where a community chose nothing; it may choose up to `most_…`.
    """

    backlog_limit: int
    partitions: int
    default_cooldown: float
    module_concurrency: int
    trace_days: int
    message_hours: int
    most_trace_days: int
    most_message_hours: int
    execution_days: int

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `ROUTER_…` wins over the common name."""
        env = Env("ROUTER", values)
        common = cls.common(env, port=MODULE.port, data_name=MODULE.name)
        return cls(
            **common,
            backlog_limit=env.integer("BACKLOG_LIMIT", 50_000 if common["redis_url"] else 5_000),
            partitions=env.integer("PARTITIONS", 16),
            default_cooldown=env.number("DEFAULT_COOLDOWN", 3),
            module_concurrency=env.integer("MODULE_CONCURRENCY", 50),
            trace_days=env.integer("TRACE_DAYS", 7),
            message_hours=env.integer("MESSAGE_HOURS", 24),
            most_trace_days=env.integer("MOST_TRACE_DAYS", 30),
            most_message_hours=env.integer("MOST_MESSAGE_HOURS", 72),
            execution_days=env.integer("EXECUTION_DAYS", 30),
        )
