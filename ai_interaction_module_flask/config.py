"""The settings of the operator: which models there are, and what no community can exceed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from flask_core.app_factory import module_info
from flask_core.config import ConfigError, Env, ServiceConfig

MODULE = module_info(__file__)
KINDS = ("none", "ollama", "openai")


@dataclass(frozen=True, slots=True)
class Config(ServiceConfig):
    """`provider` is the default and `fallback` comes after it: none, ollama or openai.

    With `community_providers` a community may bring an address and a key of its own; with `share_key` it may use
    the operator's. `timeout` in seconds bounds one answer, `guard_hosts` names private hosts that communities may use,
    `mcp_config` a file with the operator's servers of tools.
    """

    provider: str
    fallback: str
    ollama_url: str
    ollama_model: str
    openai_base_url: str
    openai_key: str = field(repr=False)
    openai_model: str
    timeout: float
    max_concurrent: int
    max_answers_per_day: int
    max_tokens_per_day: int
    community_providers: bool
    share_key: bool
    guard_hosts: str
    mcp_config: str

    @classmethod
    def from_env(cls, values: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `AI_…` wins over the common name."""
        env = Env("AI", values)
        return cls(
            **cls.common(env, port=MODULE.port, data_name=MODULE.name),
            provider=_kind(env, "PROVIDER"),
            fallback=_kind(env, "FALLBACK"),
            ollama_url=env.text("OLLAMA_URL", "http://ollama:11434").rstrip("/"),
            ollama_model=env.text("MODEL", "llama3.2"),
            openai_base_url=env.text("OPENAI_BASE_URL", "https://api.openai.com/v1").rstrip("/"),
            openai_key=env.text("OPENAI_API_KEY", ""),
            openai_model=env.text("OPENAI_MODEL", ""),
            timeout=env.number("TIMEOUT", 60),
            max_concurrent=env.integer("MAX_CONCURRENT", 10),
            max_answers_per_day=env.integer("MAX_ANSWERS_PER_DAY", 5_000),
            max_tokens_per_day=env.integer("MAX_TOKENS_PER_DAY", 2_000_000),
            community_providers=env.flag("COMMUNITY_PROVIDERS", False),
            share_key=env.flag("SHARE_KEY", True),
            guard_hosts=env.text("HTTP_GUARD_ALLOW_HOSTS", ""),
            mcp_config=env.text("MCP_CONFIG", ""),
        )


def _kind(env: Env, name: str) -> str:
    kind = env.text(name, "none").lower()
    if kind not in KINDS:
        raise ConfigError(f"AI_{name} must be one of {', '.join(KINDS)}.")
    return kind
