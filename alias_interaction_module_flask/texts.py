"""What commands say: their templates, read once and filled in for a caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from alias_interaction_module_flask.config import CommunityChoices
from alias_interaction_module_flask.evaluator.evaluation import evaluate
from alias_interaction_module_flask.evaluator.execution import Execution, Result
from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.families.changing import writes
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.evaluator.template import Template
from alias_interaction_module_flask.evaluator.world import Person
from alias_interaction_module_flask.fetching.responses import Responses
from alias_interaction_module_flask.model import Use
from alias_interaction_module_flask.models import Dialect, Entry, Wish
from alias_interaction_module_flask.places import Place
from alias_interaction_module_flask.world import Surroundings, World
from flask_core.auth import utc_now
from flask_core.community_settings import CommunitySettings
from flask_core.datamodels import Invocation, MemberRef, Role
from flask_core.errors import InvalidInput

_REMEMBERED = 2_000
_SCRIPT = "eval"
_FETCHES = frozenset({"urlfetch", "customapi"})


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads, checks and fills in."""

    around: Surroundings
    settings: CommunitySettings[CommunityChoices]
    responses: Responses
    now: Callable[[], datetime] = utc_now

    async def check(self, community_id: int, wish: Wish, *, imported: bool = False) -> None:
        """Raise InvalidInput for a text that cannot be read (with its column), or that may not be used here."""
        template = read(wish.body, wish.dialect)
        privileged = _privileged(template)
        if privileged and wish.role < Role.MODERATOR:
            raise InvalidInput(
                f"$({privileged[0]}) changes something for all: give the command the role moderator, -role=moderator.",
                field="role",
            )
        if _SCRIPT in template.names:
            await self._check_script(community_id, imported=imported)

    async def _check_script(self, community_id: int, *, imported: bool) -> None:
        if await self.around.scripts_off(community_id, imported=imported):
            raise InvalidInput("$(eval) is switched off here, in the settings of the module alias.", field="body")
        if self.around.scripts.refusal:
            raise InvalidInput(self.around.scripts.refusal, field="body")

    def warnings(self, wish: Wish) -> tuple[str, ...]:
        """What its author should know about it."""
        try:
            template = read(wish.body, wish.dialect)
        except InvalidInput as unreadable:
            return (unreadable.message,)
        unknown = [f"$({one.name}) means nothing and stays as it is." for one in template.unknown]
        changing = [f"$({name}) changes something for all." for name in _privileged(template)]
        return (*dict.fromkeys(unknown), *changing)

    async def said(self, entry: Entry, invocation: Invocation, query: str, typed: str = "") -> tuple[Result, World]:
        """What the command says to this caller, who wrote `query` behind it, and the world in which it was said."""
        execution = await self.execution(entry, invocation, query, typed)
        if entry.what.dialect == "nightbot" and not _FETCHES.isdisjoint(_names(entry.what)):
            execution = replace(execution, response_url=await self._address(invocation))
        world = self._world(entry, invocation)
        return await evaluate(read(entry.what.body, entry.what.dialect), execution, world), world

    def _world(self, entry: Entry, invocation: Invocation) -> World:
        place, member = Place(invocation.community.id, invocation.channel.key), invocation.member
        use = Use(invocation.execution_id, member.id, member.name, member.role)
        return self.around.at(place, use, imported=bool(entry.origin.source))

    async def _address(self, invocation: Invocation) -> str:
        """Where the program that is asked may answer later."""
        opening = self.responses.open(invocation.community.id, invocation.execution_id, invocation.channel.key)
        # In a task of its own: the execution's transaction must not be held while others are asked.
        return await asyncio.create_task(opening)

    async def line(self, entry: Entry, invocation: Invocation, query: str) -> str:
        """The line that an alias runs: its variables filled in, or the caller's words behind it."""
        body = entry.what.body
        if not read(body, entry.what.dialect).names:
            appends = entry.origin.source != "nightbot"
            return f"{body} {query}".strip() if appends else body
        result, _ = await self.said(entry, invocation, query)
        return result.text

    async def tried(self, entry: Entry, invocation: Invocation, query: str) -> Result:
        """What it would say, without changing anything."""
        execution = await self.execution(entry, invocation, query)
        world = self._world(entry, invocation)
        template = read(entry.what.body, entry.what.dialect)
        return await evaluate(template, replace(execution, test=True), world)

    async def execution(self, entry: Entry, invocation: Invocation, query: str, typed: str = "") -> Execution:
        """What is known about this use before anything is asked."""
        place, member = Place(invocation.community.id, invocation.channel.key), invocation.member
        choices, _ = await self.settings.read(place.community_id)
        name = await self.around.places.name(place)
        return Execution(
            execution_id=invocation.execution_id,
            platform=place.platform,
            channel_id=place.channel_id,
            server_id=place.server_id,
            channel_name=name.lower() if place.platform == "twitch" else name,
            channel_display_name=name,
            community=invocation.community.name,
            community_id=place.community_id,
            name=entry.name,
            trigger=typed or f"!{entry.name}",
            text=query,
            caller=_caller(member),
            role=member.role,
            command_role=entry.what.role,
            message_id=str(invocation.event.data.get("message_id", "")),
            now=self.now(),
            time_zone=invocation.community.time_zone,
            twelve_hours=choices.time_style == "12h",
            send_caller=entry.what.send_caller,
        )


def _caller(member: MemberRef) -> Person | None:
    """Who used it; None for what a timer runs."""
    account = member.account
    if not account.user_id:
        return None
    return Person(member.name, account.login or member.name.lower(), account.user_id, member.id)


@lru_cache(maxsize=_REMEMBERED)
def read(body: str, dialect: Dialect) -> Template:
    """The text as a tree; raises TemplateError with its column."""
    return parse(body, dialect)


def _names(wish: Wish) -> tuple[str, ...]:
    return read(wish.body, wish.dialect).names


def _privileged(template: Template) -> tuple[str, ...]:
    """Its variables that change something outside."""
    found = ((one, KNOWN.find(template.dialect, one.name)) for one in template.variables())
    changing = (one.name for one, declared in found if (declared is not None and declared.privileged) or writes(one))
    return tuple(dict.fromkeys(changing))
