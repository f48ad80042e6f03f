"""What chat asks about filters, in sentences."""

from __future__ import annotations

from flask_core.datamodels import GivenMember, Invocation
from flask_core.errors import InvalidInput
from router_module_flask.moderation.filters.chat_words import change_of, told
from router_module_flask.moderation.filters.permits import Permits
from router_module_flask.moderation.filters.service import FilterService


class FilterDesk:
    """Every answer is a line of chat."""

    def __init__(self, service: FilterService, permits: Permits) -> None:
        self._service = service
        self._permits = permits

    async def permit(self, call: Invocation, member: GivenMember, seconds: int) -> str:
        """Let somebody post one link."""
        await self._permits.give(call.community.id, call.event.platform, member, seconds)
        who = f"<@{member.user_id}>" if member.user_id else f"@{member.name}"
        return f"{who} may post one link within {seconds} s."

    async def set(self, call: Invocation, name: str, what: str, settings: str) -> str:
        """Switch a filter, show it, or set it otherwise; how it is then."""
        view = await self._service.one(call.community.id, name)
        if what == "show":
            if settings:
                raise InvalidInput(f"To change it: !filter {name} {'on' if view.enabled else 'off'} {settings[:100]}")
            return told(view)
        asked = change_of(view, call.community.id, settings, what == "on")
        return told(await self._service.put(asked, call.member.id))
