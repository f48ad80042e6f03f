"""What a community's admins choose about the router: one document, its defaults, and who may see it change."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from flask_core.auth import utc_now
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import community, module
from flask_core.database import AsyncDAL
from flask_core.errors import InvalidInput
from flask_core.grammar import clean
from flask_core.operations import Caller, Endpoints
from flask_core.service_client import ServiceClient
from router_module_flask.audit import Change, write_down
from router_module_flask.retained import Bounds, RetentionChoices

_PREFIX = re.compile(r"[^\s/.#@\"']{0,3}")
_MOST_CHANNELS = 100

type Changed = Callable[[int], Awaitable[None]]
type ChannelKeyText = Annotated[str, Meta(max_length=300, extra_json_schema={"format": "channel"})]


class CommunityChoices(RetentionChoices, frozen=True, forbid_unknown_fields=True):
    """How the bot behaves in chat; every field has a default that does nothing surprising."""

    prefix: Annotated[
        str, Meta(max_length=3, title="One more prefix", description="Works beside !. Up to three signs, not / . #")
    ] = ""
    unknown_command: Annotated[
        Literal["silence", "pointer"],
        Meta(
            title="Unknown commands", description="silence: nothing is said; pointer: who typed it hears of !commands"
        ),
    ] = "silence"
    refusals: Annotated[
        Literal["reply", "private", "silent"],
        Meta(
            title="Refusals",
            description="reply: said in chat; private: to them alone where that works; silent: not said",
        ),
    ] = "reply"
    moderator_channel: Annotated[
        ChannelKeyText, Meta(title="Moderator channel", description="Where the bot writes notes for moderators")
    ] = ""
    bots_allowed_in: Annotated[
        tuple[ChannelKeyText, ...],
        Meta(max_length=_MOST_CHANNELS, title="Other bots may use commands in"),
    ] = ()
    moderators_skip_cooldowns: Annotated[
        bool, Meta(title="Moderators do not wait", description="Cooldowns per member and per channel pass them by")
    ] = True


class ChoiceKeeper:
    """Reads and changes the document; `changed` tells all replicas."""

    def __init__(
        self,
        settings: CommunitySettings[CommunityChoices],
        database: AsyncDAL,
        client: ServiceClient,
        changed: Changed,
        bounds: Bounds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self._database = database
        self._client = client
        self._changed = changed
        self._bounds = bounds
        self._now = now

    async def change(self, asked: module.PutSettings, caller: Caller) -> module.Settings:
        """Replace the document. Raises InvalidInput naming the field, Forbidden for what is an owner's to choose,
        Stale when somebody was faster."""
        await self._check(asked, caller)
        now, actor = self._now(), caller.person.person_id
        async with self._database.transaction():
            before, _ = await self.settings.read_fresh(asked.community_id)
            settings, version = await self.settings.write(asked.community_id, asked.document, asked.version)
            self._bounds.check(before, settings, caller)
            was, became = _different(before, settings)
            change = Change(asked.community_id, actor, "settings.change", "router", ", ".join(became), was, became)
            await self._database.write(lambda tx: write_down(tx, change, now))
        await self._changed(asked.community_id)
        return module.Settings(msgspec.to_builtins(settings), version)

    async def _check(self, asked: module.PutSettings, caller: Caller) -> None:
        """What the document's own types cannot know."""
        prefix = asked.document.get("prefix", "")
        if isinstance(prefix, str) and (not _PREFIX.fullmatch(prefix) or clean(prefix) != prefix):
            raise InvalidInput("A prefix has one to three signs, without spaces, quotes, @ / . and #.", field="prefix")
        named = [asked.document.get("moderator_channel", "")]
        allowed = asked.document.get("bots_allowed_in", [])
        named += allowed if isinstance(allowed, list) else []
        if any(isinstance(key, str) and key for key in named):
            found = await self._client.call(
                "community", community.CHANNELS, community.CommunityId(asked.community_id), acting=caller.acting
            )
            ours = {channel.key for channel in found.items}
            if any(isinstance(key, str) and key and key not in ours for key in named):
                raise InvalidInput("Name channels of this community only.", field="moderator_channel")

    def endpoints(self) -> Endpoints:
        """`GET` and `PUT …/settings`."""
        api = Endpoints()

        @api.offers(module.GET_SETTINGS)
        async def show(asked: module.CommunityOnly, _: Caller) -> module.Settings:
            settings, version = await self.settings.read_fresh(asked.community_id)
            return module.Settings(msgspec.to_builtins(settings), version)

        @api.offers(module.PUT_SETTINGS)
        async def change(asked: module.PutSettings, caller: Caller) -> module.Settings:
            return await self.change(asked, caller)

        return api


def _different(before: CommunityChoices, after: CommunityChoices) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changed, before and after."""
    was, became = (msgspec.structs.asdict(one) for one in (before, after))
    changed = [name for name in became if was.get(name) != became[name]]
    return {name: was.get(name) for name in changed}, {name: became[name] for name in changed}
