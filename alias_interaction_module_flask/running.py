"""Runs a community's own commands: what they say, or which line the router shall run instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.lines import behind
from alias_interaction_module_flask.models import Entry, Style
from alias_interaction_module_flask.texts import Said, Texts
from alias_interaction_module_flask.use_repository import UseRepository
from flask_core.auth import utc_now
from flask_core.datamodels import Chat, Invocation, Reply, RunCommand


@dataclass(frozen=True, slots=True)
class Running:
    """The router decided who may; what a command is, is looked up here, so that a change shows at once."""

    repository: EntryRepository
    texts: Texts
    uses: UseRepository
    now: Callable[[], datetime] = utc_now

    async def run(self, invocation: Invocation) -> Reply:
        """The answer of the command that the invocation names; silence for one that is gone or off meanwhile."""
        entry = await self.repository.named(invocation.community.id, invocation.command)
        if entry is None or not entry.what.enabled:
            return Reply()
        _, query = behind(invocation.text, entry.name)
        reply = await self._answer(entry, invocation, query)
        await self.uses.count(entry.id, self.now())
        return reply

    async def tried(self, entry: Entry, invocation: Invocation, query: str) -> str:
        """What it would say or run, without any of that happening."""
        if entry.what.kind == "alias":
            return f"runs {await self.texts.line(entry, invocation, query)}"
        return (await self.texts.said(entry, invocation, query)).text

    async def _answer(self, entry: Entry, invocation: Invocation, query: str) -> Reply:
        if entry.what.kind == "alias":
            line = await self.texts.line(entry, invocation, query)
            return Reply((RunCommand(line, invocation.depth + 1),))
        said = await self.texts.said(entry, invocation, query)
        return Reply((_chat(said, entry.what.style),)) if said.text else Reply()


def _chat(said: Said, style: Style) -> Chat:
    return Chat(
        said.text,
        reply=style == "reply",
        private=style == "whisper",
        style="me" if style == "me" else "normal",
        mention=style == "mention",
        verbatim_start=said.verbatim,
        origin=said.origin,
    )
