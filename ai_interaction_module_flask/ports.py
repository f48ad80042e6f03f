"""What the module asks of a language model, and how that can fail."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from flask_core.errors import TooMany, UpstreamFailed

AWAY = "The AI is not answering right now."
SLOW = "That took too long, sorry."


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that an assistant wanted called, its arguments as JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; `calls` are an assistant's, `call_id` is what a tool answers."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[Call, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The trusted part, and the turns of which the last is the question; `wrap` holds `{}` where data belongs."""

    system: str
    messages: tuple[Message, ...]
    wrap: str = "{}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one answer: tokens it may have, and seconds in all."""

    max_tokens: int = 500
    temperature: float = 0.7
    seconds: float = 60.0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What the model said and what it cost."""

    text: str
    tokens_in: int
    tokens_out: int
    model: str
    finish: str = "stop"


class LanguageModel(Protocol):
    """A model at one place; `tools` are toolsets of pydantic-ai."""

    async def answer(self, conversation: Conversation, tools: Sequence[Any], limits: Limits) -> Answered:
        """The whole answer; raises ModelAway, ModelBusy, ModelRefuses or ModelFailed."""
        ...

    def stream(self, conversation: Conversation, limits: Limits) -> AsyncGenerator[str | Answered]:
        """The answer to a conversation without a trusted part, piece by piece; at last all of it with its cost."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is: `guarded` when somebody else than the operator gave the address."""

    kind: str
    base_url: str
    key: str = field(repr=False)
    model: str
    guarded: bool = False

    @property
    def credential(self) -> str:
        """A name for what the far side counts by, which tells nothing of the key."""
        digest = hashlib.sha256(f"{self.kind}\n{self.base_url}\n{self.key}".encode()).hexdigest()
        return f"{self.kind}:{digest[:16]}"


class ModelFailed(UpstreamFailed):
    """The model gave no answer; `reason` is for the portal and holds neither address nor key."""

    retried = False

    def __init__(self, reason: str, message: str = AWAY) -> None:
        super().__init__(message, reason=reason)
        self.reason = reason


class ModelAway(ModelFailed):
    """Nobody answered, or with 502 to 504; worth a second try."""

    retried = True


class ModelTooSlow(ModelFailed):
    """No answer within its seconds."""

    def __init__(self) -> None:
        super().__init__("no answer in time", SLOW)


class ModelRefuses(ModelFailed):
    """It does not take the key."""


class ModelBusy(TooMany):
    """It wants us to wait; `retry_after` in seconds."""

    def __init__(self, seconds: float, reason: str = "429 Too Many Requests") -> None:
        super().__init__(AWAY, retry_after=seconds, reason=reason)
        self.reason = reason


class ModelPaused(ModelBusy):
    """It was not asked, because it has to wait."""
