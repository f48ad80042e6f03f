"""Putting notices away: a community's by its moderators, one's own by oneself."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, current_app

from flask_core.contracts.notices import Notice
from flask_core.datamodels import Role
from flask_core.errors import NotFound
from portal_module_flask.notice_repository import NoticeRepository
from portal_module_flask.pages import blueprint, community_of, go
from portal_module_flask.visits import Visit, members, signed_in


def views() -> Blueprint:
    """Forms under /c/<community>/notices and /me/notices."""
    pages = blueprint("notices")

    @pages.post("/c/<int:community_id>/notices/<int:notice_id>/put-away")
    @members(Role.MODERATOR)
    async def put_away(visit: Visit, notice_id: int) -> Any:
        here = community_of(visit)
        if not await _notices().put_away(notice_id, community_id=here):
            raise NotFound("There is no such notice.")
        return go(f"/c/{here}/home")

    @pages.post("/me/notices/<int:notice_id>/put-away")
    @signed_in
    async def put_away_own(visit: Visit, notice_id: int) -> Any:
        if not await _notices().put_away(notice_id, person_id=visit.person.person_id):
            raise NotFound("There is no such notice.")
        return go("/me")

    return pages


async def notices_here(visit: Visit) -> list[Notice]:
    """What the moderators of the community on the page have to know."""
    return await _notices().of_community(community_of(visit))


async def notices_for(visit: Visit) -> list[Notice]:
    """What a person has to know."""
    return await _notices().of_person(visit.person.person_id)


def _notices() -> NoticeRepository:
    found: NoticeRepository = current_app.extensions["notices"]
    return found
