"""`/feedback`: a page with two fields, kept for the team, who is told in the portal and in their channel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from discord_module_flask.feedback.repository import FeedbackRepository
from discord_module_flask.forms.custom_ids import CustomIds
from discord_module_flask.forms.pages import entered, modal
from discord_module_flask.forms.service import MODAL, Answer, alone
from discord_module_flask.places import Fields, Guilds
from discord_module_flask.servers.mod_log import ModerationLog
from discord_module_flask.slash.catalogue import GLOBAL_COMMUNITY, Catalogue
from flask_core.auth import utc_now
from flask_core.contracts import notices
from flask_core.contracts.discord_feedback import Feedback
from flask_core.datamodels import Account, Form, FormField
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

NAME = "feedback"
THANKS = "Thank you, the team will read it."
_NOBODY = "This server belongs to no community of this bot yet: nobody would read it."
_LONGEST = {"subject": 100, "details": 1_000}
_FORM = Form(
    "Feedback",
    (
        FormField("subject", "What is it about?", required=True),
        FormField("details", "What should the team know?", "textarea", required=True),
    ),
    "",
)
_MOST, _PER_SECONDS = 3, 3_600.0


class Feedbacks:
    """Three times an hour and member; nobody hears of it but the team of the community."""

    def __init__(
        self,
        repository: FeedbackRepository,
        ids: CustomIds,
        guilds: Guilds,
        catalogue: Catalogue,
        team: ModerationLog,
        services: ServiceClient,
        shared: SharedState,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.repository = repository
        self._ids = ids
        self._guilds = guilds
        self._catalogue = catalogue
        self._team = team
        self._services = services
        self._shared = shared
        self._now = now

    def page(self, guild_id: str) -> Answer:
        """The page to fill in."""
        if self._catalogue.community(guild_id) == GLOBAL_COMMUNITY:
            return alone(_NOBODY)
        data = modal(_FORM, 0, self._ids.made(f"{NAME}:{guild_id}"), {})
        for one in data["components"]:
            one["component"]["max_length"] = _LONGEST[one["component"]["custom_id"]]
        return {"type": MODAL, "data": data}

    async def sent(self, said: Fields, account: Account) -> Answer:
        """Keep it and tell the team; what the member is shown."""
        guild_id = str(said["guild_id"])
        community_id = self._catalogue.community(guild_id)
        if self._ids.opened(str(said["data"]["custom_id"])) != f"{NAME}:{guild_id}":
            return alone("This page is not one of the bot's.")
        if community_id == GLOBAL_COMMUNITY:
            return alone(_NOBODY)
        given = entered(said["data"]["components"])
        subject, details = (given.get(name, "")[:longest] for name, longest in _LONGEST.items())
        if not subject or not details:
            return alone("Write both, please.")
        if await self._shared.spend(f"discord:feedback:{account.user_id}", capacity=_MOST, per_seconds=_PER_SECONDS):
            return alone("You told the team a lot already. Try again in an hour.")
        guild = self._guilds.known.get(guild_id)
        told = Feedback(said["id"], account.name, guild.name if guild else "", subject, details, self._now())
        await self.repository.keep(community_id, account.user_id, told)
        await self._tell(community_id, guild_id, told)
        return alone(THANKS)

    async def _tell(self, community_id: int, guild_id: str, told: Feedback) -> None:
        """It is kept: that somebody could not be told of it now is no reason to write it again."""
        key = f"discord:feedback:{told.id}"
        # Notices stay when a person is erased: they name nobody.
        text = f"Feedback on Discord: {told.subject}"
        notice = notices.PutNotice(
            key, key, text, community_id, link=f"/c/{community_id}/platforms/discord/feedback"
        )  # fmt: skip
        try:
            await self._services.call("portal", notices.NOTIFY, notice, timeout=1.0)
        except ServiceError as error:
            log.warning("the team is not told of feedback in the portal: %s", error.code)
        await self._team.write(guild_id, f"Feedback from {told.name}: **{told.subject}**\n{told.details}")
