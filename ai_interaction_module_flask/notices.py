"""What owners are told once: that a key is not taken any more, that a tool changed."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from ai_interaction_module_flask.ports import Place
from flask_core.contracts import notices
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notices:
    """A portal that is away costs the notice, not the answer."""

    services: ServiceClient

    async def key_refused(self, community_id: int, place: Place) -> None:
        """A model does not take the key; the operator's key is in the health tile."""
        log.warning("a model refuses its key", extra={"provider": place.kind, "community": community_id})
        if place.kind != "own":
            return
        asked = notices.PutNotice(
            f"ai:{place.credential}", f"ai:key:{community_id}",
            "The language model does not accept the key of this community, so AI is paused. Enter a new key.",
            community_id, link=f"/c/{community_id}/ai",
        )  # fmt: skip
        await self._tell(asked)

    async def key_changed(self, community_id: int) -> None:
        """There is another key: what was told is over."""
        await self._take_back(f"ai:key:{community_id}")

    async def tool_changed(self, community_id: int, server: str, tool: str) -> None:
        """A tool is not what was approved any more."""
        asked = notices.PutNotice(
            f"ai:tool:{community_id}:{server}:{tool}:{secrets.token_hex(4)}", _about_tool(community_id, server, tool),
            f"The tool {server}.{tool} changed since you allowed it, so the AI does not use it. Look at it again.",
            community_id, link=f"/c/{community_id}/ai/tools/{server}",
        )  # fmt: skip
        await self._tell(asked)

    async def tool_decided(self, community_id: int, server: str, tool: str) -> None:
        """Somebody looked at it."""
        await self._take_back(_about_tool(community_id, server, tool))

    async def _tell(self, asked: notices.PutNotice) -> None:
        try:
            await self.services.call("portal", notices.NOTIFY, asked)
        except ServiceError as error:
            log.info("nobody could be told: %s", error.code)

    async def _take_back(self, about: str) -> None:
        try:
            await self.services.call("portal", notices.RESOLVE, notices.NoticeAbout(about))
        except ServiceError as error:
            log.info("a notice could not be taken back: %s", error.code)


def _about_tool(community_id: int, server: str, tool: str) -> str:
    return f"ai:tool:{community_id}:{server}:{tool}"
