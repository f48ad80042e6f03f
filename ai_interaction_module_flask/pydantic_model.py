"""Language models through pydantic-ai; imported on first use, for it is large."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Any

import httpx2
from openai import APIError, AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelRequestTimeout,
    ModelTimeoutError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    SystemPromptPart,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage, RunUsage, UsageLimits

from ai_interaction_module_flask.ports import (
    Answered,
    Conversation,
    LanguageModel,
    Limits,
    Message,
    ModelAway,
    ModelBusy,
    ModelFailed,
    ModelRefuses,
    ModelTooSlow,
    Place,
)
from ai_interaction_module_flask.tool_ports import ROUNDS
from ai_interaction_module_flask.wire import Blocked, Wire
from flask_core.http_failures import UNSAID_PAUSE
from flask_core.url_guard import UrlGuard

_REMEMBERED, _CHARACTERS = 200, 4
_LONGEST_PAUSE = 3_600.0
_OPENAI = "api.openai.com"
_FINISHES = {"stop": "stop", "length": "length", "content_filter": "content_filter", "tool_call": "tool_calls"}
# The older name of the bound: servers that only follow the protocol overlook the newer one.
_COMPATIBLE = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
# These tell everything that is asked and answered when somebody wants to see more in the log.
for _talkative in ("openai", "httpx2", "httpcore2", "mcp", "pydantic_ai"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)


class PydanticModels:
    """One model per place; the connections are shared."""

    def __init__(self, guard: UrlGuard) -> None:
        self._wires = {True: Wire(guard), False: Wire()}
        self._models: OrderedDict[Place, PydanticModel] = OrderedDict()

    def at(self, place: Place) -> LanguageModel:
        """The model at a place."""
        if place not in self._models:
            http = httpx2.AsyncClient(transport=self._wires[place.guarded], follow_redirects=False, trust_env=False)
            client = AsyncOpenAI(base_url=place.base_url, api_key=place.key or "none", max_retries=0, http_client=http)
            self._models[place] = PydanticModel(client, place.model)
        self._models.move_to_end(place)
        while len(self._models) > _REMEMBERED:
            self._models.popitem(last=False)
        return self._models[place]

    async def close(self) -> None:
        """End all connections."""
        for wire in self._wires.values():
            await wire.aclose()


class PydanticModel:
    """A model that speaks OpenAI's protocol."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self._name = model
        if client.base_url.host == _OPENAI:
            self._model = OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))
        else:
            provider = OpenAICompatibleProvider("compatible", openai_client=client)
            self._model = OpenAIChatModel(model, provider=provider, profile=_COMPATIBLE)

    async def answer(self, conversation: Conversation, tools: Sequence[Any], limits: Limits) -> Answered:
        """The whole answer; see LanguageModel."""
        agent = Agent(self._model, instructions=conversation.system, toolsets=list(tools), retries=0)
        *before, question = conversation.messages
        spent = RunUsage()
        try:
            async with asyncio.timeout(limits.seconds):
                result = await agent.run(
                    question.text,
                    message_history=list(_history(before)),
                    model_settings=settings_of(limits),
                    usage=spent,
                    usage_limits=UsageLimits(request_limit=ROUNDS),
                )
        except TimeoutError:
            raise ModelTooSlow from None
        except (UnexpectedModelBehavior, UsageLimitExceeded) as error:
            if not spent.requests:
                raise ModelFailed("an answer that cannot be read") from error
            return self._answered(conversation, "", spent)
        except AgentRunError as error:
            raise failure_of(error) from error
        return self._answered(conversation, str(result.output), spent)

    def _answered(
        self, conversation: Conversation, text: str, spent: RunUsage | RequestUsage, finish: str = "stop"
    ) -> Answered:
        if spent.input_tokens or spent.output_tokens:
            return Answered(text, spent.input_tokens, spent.output_tokens, self._name, finish)
        # Some servers count nothing; a budget has to hold for them, too.
        asked = len(conversation.system) + sum(len(message.text) for message in conversation.messages)
        return Answered(text, -(-asked // _CHARACTERS), -(-len(text) // _CHARACTERS), self._name, finish)

    async def stream(self, conversation: Conversation, limits: Limits) -> AsyncGenerator[str | Answered]:
        """The answer as it comes; see LanguageModel."""
        deadline = asyncio.get_running_loop().time() + limits.seconds
        messages, settings = list(_history(conversation.messages)), settings_of(limits)
        try:
            async with AsyncExitStack() as stack:
                opening = self._model.request_stream(messages, settings, ModelRequestParameters())
                async with asyncio.timeout_at(deadline):
                    response = await stack.enter_async_context(opening)
                events = aiter(response)
                while True:
                    # Only our own waiting counts: whoever reads what we yield may be slow.
                    async with asyncio.timeout_at(deadline):
                        event = await anext(events, None)
                    if event is None:
                        break
                    if text := _text_of(event):
                        yield text
                whole = response.get()
                text = "".join(part.content for part in whole.parts if isinstance(part, TextPart))
                finish = _FINISHES.get(whole.finish_reason or "", "stop")
                yield self._answered(conversation, text, whole.usage, finish)
        except TimeoutError:
            raise ModelTooSlow from None
        except AgentRunError as error:
            raise failure_of(error) from error
        except (httpx2.HTTPError, APIError) as error:
            raise ModelFailed("the answer broke off") from error


def _text_of(event: ModelResponseStreamEvent) -> str:
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def settings_of(limits: Limits) -> ModelSettings:
    """The bounds in the words of pydantic-ai."""
    settings = ModelSettings(max_tokens=limits.max_tokens, temperature=limits.temperature, timeout=limits.seconds)
    if limits.stop:
        settings["stop_sequences"] = list(limits.stop)
    return settings


def _history(messages: Sequence[Message]) -> Iterator[ModelMessage]:
    called: dict[str, str] = {}
    for message in messages:
        if message.role == "assistant":
            called |= {call.id: call.name for call in message.calls}
            calls = [ToolCallPart(call.name, call.arguments, call.id) for call in message.calls]
            yield ModelResponse(parts=[*([TextPart(content=message.text)] if message.text else []), *calls])
        elif message.role == "system":
            yield ModelRequest(parts=[SystemPromptPart(content=message.text)])
        elif message.role == "tool":
            name = called.get(message.call_id, "tool")
            yield ModelRequest(parts=[ToolReturnPart(name, message.text, message.call_id)])
        else:
            yield ModelRequest(parts=[UserPromptPart(content=message.text)])


def failure_of(error: AgentRunError) -> Exception:
    """The failure as our family knows it. What the far side wrote stays out: it may repeat the key."""
    if isinstance(error, ModelHTTPError):
        return _refusal(error)
    if isinstance(error, ModelTimeoutError | ModelRequestTimeout):
        return ModelTooSlow()
    if _blocked(error):
        return ModelFailed("the address is not public")
    if isinstance(error, ModelConnectionError | ModelAPIError):
        return ModelAway("nobody answers there")
    return ModelFailed("an answer that cannot be read")


def _refusal(error: ModelHTTPError) -> Exception:
    status = error.status_code
    reason = f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)
    if status == 429:
        wait = UNSAID_PAUSE if error.retry_after is None else float(error.retry_after)
        return ModelBusy(min(max(wait, 1.0), _LONGEST_PAUSE), reason)
    if status in (401, 403):
        return ModelRefuses(reason)
    if status in (502, 503, 504):
        return ModelAway(reason)
    return ModelFailed(reason)


def _blocked(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, Blocked):
            return True
        error = error.__cause__
    return False
