"""Tells moderators in their channel when a platform could not do what a rule asked for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from flask_core.contracts.module import DeliveryResult, DeliveryStatus, Priority
from flask_core.database import AsyncDAL
from flask_core.datamodels import Chat, Moderate
from flask_core.errors import Unavailable
from flask_core.shared_state import SharedState
from router_module_flask.delivering.addressing import lifetime, module_for
from router_module_flask.delivering.rows import Due
from router_module_flask.models import Outgoing
from router_module_flask.moderation.rules.acts import SOURCE

_ONCE_IN = 3600.0
_TOLD = frozenset({DeliveryStatus.UNSUPPORTED, DeliveryStatus.NOT_PERMITTED})


class _Chosen(msgspec.Struct, frozen=True):
    """Of the community's settings what matters here."""

    moderator_channel: str = ""


class RuleNotes:
    """One note per channel and kind of act in an hour; none where the community named no moderator channel."""

    def __init__(self, database: AsyncDAL, shared: SharedState) -> None:
        self._database = database
        self._shared = shared

    async def after(self, due: Due, result: DeliveryResult) -> Sequence[Outgoing]:
        """What is to be said about a delivery that ended."""
        said, action = due.delivery, due.delivery.action
        if due.source != SOURCE or result.status not in _TOLD or not isinstance(action, Moderate):
            return ()
        try:
            place = await self._moderator_channel(said.community_id)
            key = f"rule-note:{said.community_id}:{said.channel}:{action.operation}"
            if not place or not await self._shared.claim_once(key, _ONCE_IN):
                return ()
        except Unavailable:
            # The trace tells all the same.
            return ()
        return [_note(due, action, result, place)]

    async def _moderator_channel(self, community_id: int) -> str:
        row = await self._database.read(
            lambda tx: tx.row("SELECT document FROM community_settings WHERE community_id = ?", community_id)
        )
        return msgspec.json.decode(row[0], type=_Chosen).moderator_channel if row is not None else ""


def _note(due: Due, action: Moderate, result: DeliveryResult, place: str) -> Outgoing:
    why = f" {result.reason}" if result.reason else ""
    text = f"A rule wanted a {action.operation} in {due.delivery.channel}, and that was not possible there.{why}"
    return Outgoing(
        source=SOURCE,
        key=f"{due.delivery.id}:note",
        community_id=due.delivery.community_id,
        channel=place,
        module=module_for(action, place) or "",
        action=Chat(text, reply=False),
        priority=Priority.ALERT,
        expires_in=lifetime(Priority.ALERT),
        simulated=due.simulated,
    )
