"""What ai offers to programs that speak OpenAI's protocol: completions, the list of models, and plain text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from flask_core.contracts.ai import OfCommunity
from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, people

SCOPE = "chat"
COMMUNITY_HEADER = "X-WaddleBot-Community"
USUAL_MODEL = "waddlebot"
"""The name of whatever model a community chose."""

_ANYBODY = any_service() | people(Role.VIEWER, scope=SCOPE)

type Temperature = Annotated[float, msgspec.Meta(ge=0, le=2)]
type Tokens = Annotated[int, msgspec.Meta(ge=1, le=4_096)]


class TextPart(msgspec.Struct, frozen=True):
    """A piece of a turn; there are no others than text."""

    type: Literal["text"]
    text: str


class FunctionCall(msgspec.Struct, frozen=True):
    """A function by name, its arguments as JSON."""

    name: str
    arguments: str = "{}"


class ToolCall(msgspec.Struct, frozen=True):
    """What an assistant wanted called in an earlier turn."""

    id: str
    function: FunctionCall
    type: Literal["function"] = "function"


class ChatTurn(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn; `developer` counts as `system`."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | tuple[TextPart, ...] | None = None
    tool_call_id: str = ""
    tool_calls: tuple[ToolCall, ...] | None = None

    def text(self) -> str:
        """All that is said in it."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content or ())


class StreamOptions(msgspec.Struct, frozen=True):
    """Whether a stream ends with what it cost."""

    include_usage: bool = False


class Complete(msgspec.Struct, frozen=True, omit_defaults=True):
    """A chat completion; what is not named here is ignored, except what would change the answer's shape."""

    community_id: int
    messages: Annotated[tuple[ChatTurn, ...], msgspec.Meta(min_length=1, max_length=50)]
    model: Annotated[str, msgspec.Meta(max_length=200)] = USUAL_MODEL
    temperature: Temperature | None = None
    max_tokens: Tokens | None = None
    max_completion_tokens: Tokens | None = None
    stop: str | Annotated[tuple[str, ...], msgspec.Meta(max_length=4)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None
    n: int | None = None
    tools: Any = None
    functions: Any = None


class Answer(msgspec.Struct, frozen=True):
    """The turn that follows."""

    content: str
    role: str = "assistant"


class Choice(msgspec.Struct, frozen=True):
    """There is one."""

    message: Answer
    finish_reason: str = "stop"
    index: int = 0


class TokenUsage(msgspec.Struct, frozen=True):
    """What an answer cost."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(msgspec.Struct, frozen=True):
    """The whole answer."""

    id: str
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: TokenUsage
    object: str = "chat.completion"


COMPLETE = Operation(
    "POST",
    "/api/v1/chat/completions",
    Complete,
    Completion,
    _ANYBODY,
    "Answer a chat completion, whole or as a stream.",
)


class ModelOfCommunity(msgspec.Struct, frozen=True):
    """Names a model of a community."""

    community_id: int
    id: str


class ModelView(msgspec.Struct, frozen=True):
    """A model that may be asked for."""

    id: str
    owned_by: str
    created: int = 0
    object: str = "model"


class ModelList(msgspec.Struct, frozen=True):
    """All of them; the usual one is the first."""

    data: tuple[ModelView, ...]
    object: str = "list"


MODELS = Operation("GET", "/api/v1/models", OfCommunity, ModelList, _ANYBODY, "List the models of a community.")
MODEL = Operation("GET", "/api/v1/models/{id}", ModelOfCommunity, ModelView, _ANYBODY, "Show one model.")


class Generate(msgspec.Struct, frozen=True, omit_defaults=True):
    """A prompt without a conversation."""

    community_id: int
    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=60_000)]
    max_tokens: Tokens | None = None
    temperature: Temperature | None = None


class Generated(msgspec.Struct, frozen=True):
    """What was said to it."""

    text: str
    model: str
    usage: TokenUsage
    milliseconds: int


GENERATE = Operation("POST", "/api/v1/generate", Generate, Generated, _ANYBODY, "Answer a prompt.")
