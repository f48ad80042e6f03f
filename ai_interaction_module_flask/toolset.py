"""Tools as a model may use them: those that were ticked, in bounds, with arguments that fit."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.tools import RunContext
from pydantic_ai.toolsets.abstract import ToolsetTool
from pydantic_ai.toolsets.wrapper import WrapperToolset

from ai_interaction_module_flask.argument_check import problem_with
from ai_interaction_module_flask.tool_ports import MOST_RESULT_BYTES, ROUNDS, TOOL_CALLS, Ticked, Used

log = logging.getLogger(__name__)

_NAME_FOR_MODELS, _LONGEST_DESCRIPTION = 64, 1_000
_ENOUGH = "No more tools can be used for this answer. Answer with what you have."


@dataclass
class TickedTools(WrapperToolset[Any]):
    """The tools of one server for one answer."""

    ticked: Mapping[str, Ticked] = field(default_factory=dict)
    used: Used = field(default_factory=Used)
    shown: dict[str, Ticked] = field(default_factory=dict)

    async def get_tools(self, ctx: RunContext[Any]) -> dict[str, ToolsetTool[Any]]:
        """Those that are as they were approved; none in the last round, which is for the answer."""
        if ctx.run_step >= ROUNDS or self.used.calls >= TOOL_CALLS:
            return {}
        offered = {}
        for name, tool in (await self.wrapped.get_tools(ctx)).items():
            ticked = self.ticked.get(name)
            if ticked is None:
                continue
            definition = tool.tool_def
            if hash_of(definition.description, definition.parameters_json_schema) != ticked.hash:
                if ticked not in self.used.changed:
                    self.used.changed.append(ticked)
                continue
            shown = _shown_name(ticked)
            if self.shown.setdefault(shown, ticked) is not ticked:
                continue
            described = replace(
                definition, name=shown, description=(definition.description or "")[:_LONGEST_DESCRIPTION]
            )
            offered[shown] = replace(tool, toolset=self, tool_def=described)
        return offered

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> Any:
        """The result as data. Whatever goes wrong is told to the model and costs no answer."""
        ticked = self.shown[name]
        key = f"{name} {json.dumps(tool_args, sort_keys=True, default=str)}"
        if key in self.used.known:
            # Whoever is asked a second time, because the first failed, does nothing a second time.
            return self.used.known[key]
        if self.used.calls >= TOOL_CALLS:
            return _ENOUGH
        self.used.calls += 1
        problem = problem_with(tool_args, tool.tool_def.parameters_json_schema)
        if problem:
            return self._data(f"The arguments do not fit: {problem}")
        self.used.known[key] = self._data(_cut(await self._result(ticked, tool_args, ctx, tool)))
        return self.used.known[key]

    async def _result(
        self, ticked: Ticked, arguments: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> str:
        if ticked.writes:
            # Said even when no answer comes: it may have happened.
            self.used.announced.append(f"{ticked.server}.{ticked.tool}")
        try:
            async with asyncio.timeout(self.used.seconds):
                result = await self.wrapped.call_tool(ticked.tool, arguments, ctx, tool)
        except TimeoutError:
            return "The tool did not answer in time."
        except ModelRetry as refused:
            return f"The tool failed: {refused.message}"
        except Exception as error:  # The edge: the libraries below raise what they like.
            log.info("a tool failed: %s", type(error).__name__)
            return "The tool failed."
        text = _as_text(result)
        self.used.results.append(text[:MOST_RESULT_BYTES])
        return text

    def _data(self, text: str) -> str:
        return self.used.wrap.replace("{}", text)


def hash_of(description: str | None, schema: Any) -> str:
    """What was approved: a tool with another hash is another tool."""
    return hashlib.sha256(json.dumps([description or "", schema], sort_keys=True).encode()).hexdigest()


def _shown_name(ticked: Ticked) -> str:
    # No server has a dash in its name, so no two of them meet.
    return f"{ticked.server}-{ticked.tool.replace('.', '_')}"[:_NAME_FOR_MODELS]


def _as_text(result: Any) -> str:
    if isinstance(result, str):
        return result
    try:
        return json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError):
        parts = [part for part in result if isinstance(part, str)] if isinstance(result, list) else []
        return "\n".join(parts) or "(something that is no text)"


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")
    return text if len(data) <= MOST_RESULT_BYTES else data[:MOST_RESULT_BYTES].decode("utf-8", "ignore") + " (cut)"
