"""The desk's operations, and the stream that no operation can be."""

from __future__ import annotations

from typing import cast

from quart import Blueprint, Response, make_response, request

from flask_core.admission import admit
from flask_core.api_utils import bearer
from flask_core.app_factory import Service
from flask_core.contracts import desk
from flask_core.operations import Caller, Endpoints
from router_module_flask.audit import INSTALLATION, Audit
from router_module_flask.desk.activity import Activity
from router_module_flask.desk.dead_letters import DeadLetters


def desk_endpoints(audit: Audit, activity: Activity, letters: DeadLetters) -> Endpoints:
    """Audit, executions, who is here, what happened, dead letters."""
    api = Endpoints()

    @api.offers(desk.AUDIT)
    async def changes(asked: desk.ListAudit, _: Caller) -> desk.AuditPage:
        return await audit.page(asked)

    @api.offers(desk.INSTALLATION_AUDIT)
    async def operators_changes(asked: desk.InstallationAudit, _: Caller) -> desk.AuditPage:
        return await audit.page(desk.ListAudit(INSTALLATION, page=asked.page, per_page=asked.per_page))

    @api.offers(desk.EXECUTIONS)
    async def executions(asked: desk.ListExecutions, _: Caller) -> desk.ExecutionPage:
        return await activity.executions(asked)

    @api.offers(desk.CHATTERS)
    async def chatters(asked: desk.WhoIsHere, _: Caller) -> desk.ChatterList:
        return await activity.chatters(asked)

    @api.offers(desk.MEMBER_ACTIVITY)
    async def member_activity(asked: desk.ActivityOf, _: Caller) -> desk.MemberActivity:
        return await activity.of_account(asked)

    @api.offers(desk.ACTIVITY)
    async def happened(asked: desk.ListActivity, _: Caller) -> desk.ActivityList:
        return await activity.happened(asked)

    @api.offers(desk.DEAD_LETTERS)
    async def dead_letters(_: desk.Nothing, __: Caller) -> desk.DeadLetterList:
        return await letters.newest()

    @api.offers(desk.REPLAY)
    async def replay(asked: desk.DeadLetterOf, caller: Caller) -> desk.Replayed:
        return await letters.replay(asked.id, caller.person.person_id)

    return api


def stream_route(service: Service, activity: Activity) -> Blueprint:
    """`…/activity/stream`, open to whom the list is open to."""
    pages = Blueprint("activity", __name__)

    @pages.get(desk.STREAM.path.replace("{", "<").replace("}", ">"))
    async def stream(community_id: str) -> Response:
        caller = await service.gate.caller(bearer(request.headers.get("Authorization")))
        after = request.headers.get("Last-Event-ID") or request.args.get("after", "")
        asked = desk.STREAM.decode(b"", {"community_id": community_id, "after": after})
        await admit(desk.STREAM, caller, asked, service.gate)
        activity.check_room()
        response = cast(Response, await make_response(activity.follow(asked.community_id, asked.after)))
        response.timeout = None
        response.content_type = "text/event-stream"
        response.headers["Cache-Control"] = "no-store"
        return response

    return pages
