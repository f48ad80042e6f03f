"""The router's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    aws_region: str
    aws_access_key_id: str = field(repr=False)
    aws_secret_access_key: str = field(repr=False)
    aws_session_token: str = field(repr=False)
    aws_endpoint_url: str
    lambda_function_prefix: str
    openwhisk_api_host: str
    openwhisk_auth_key: str = field(repr=False)
    openwhisk_namespace: str
    max_claims: int

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
            aws_region=env.text("AWS_REGION", "us-east-1"),
            aws_access_key_id=env.text("AWS_ACCESS_KEY_ID", ""),
            aws_secret_access_key=env.text("AWS_SECRET_ACCESS_KEY", ""),
            aws_session_token=env.text("AWS_SESSION_TOKEN", ""),
            aws_endpoint_url=env.text("AWS_ENDPOINT_URL", ""),
            lambda_function_prefix=env.text("LAMBDA_FUNCTION_PREFIX", "waddlebot-"),
            openwhisk_api_host=env.text("OPENWHISK_API_HOST", ""),
            openwhisk_auth_key=env.text("OPENWHISK_AUTH_KEY", ""),
            openwhisk_namespace=env.text("OPENWHISK_NAMESPACE", "guest"),
            max_claims=env.integer("MAX_CLAIMS", 5),
        )
