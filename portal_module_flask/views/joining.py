"""Coming in and leaving: one's own place, requests and invitations for moderators, and the page behind a link."""

from __future__ import annotations

from typing import Any, cast

from quart import Blueprint, request

from flask_core.contracts import community, joining
from flask_core.datamodels import Role
from flask_core.errors import Conflict, ServiceError
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, members, signed_in

_MEMBERS = "/c/<int:community_id>/members"
_STATES = ("open", "denied", "accepted")
_MODES = ("open", "approval", "invite")
_INVITABLE = (Role.VIEWER, Role.REGULAR, Role.VIP, Role.MODERATOR, Role.ADMIN)
SPANS = {3_600: "an hour", 86_400: "a day", 7 * 86_400: "7 days", 30 * 86_400: "30 days"}


def views(public_url: str) -> Blueprint:
    """Pages under /c/<community>/members, and /i/<token>; links begin with `public_url`, or with where the page is."""
    pages = blueprint("joining")
    _own_place(pages)
    _requests(pages)
    _others(pages)
    _invitations(pages, public_url)
    _door(pages)
    _invited(pages)
    return pages


def _own_place(pages: Blueprint) -> None:
    @pages.get(f"{_MEMBERS}/me")
    @members(Role.VIEWER)
    async def own_place(visit: Visit) -> Any:
        return await _own_page(visit)

    @pages.post(f"{_MEMBERS}/me/join")
    @members(Role.VIEWER)
    async def join(visit: Visit) -> Any:
        message = await field("message")
        try:
            await ask(visit, "community", joining.JOIN, joining.JoinCommunity(community_of(visit), message))
        except ServiceError as problem:
            return await _own_page(visit, problem, message)
        return go(f"/c/{community_of(visit)}/members/me")

    @pages.post(f"{_MEMBERS}/me/leave")
    @members(Role.VIEWER)
    async def leave(visit: Visit) -> Any:
        here = community_of(visit)
        try:
            await ask(visit, "community", joining.LEAVE, community.CommunityId(here))
        except ServiceError as problem:
            return await _own_page(visit, problem)
        # Whoever left a private community does not see it any more.
        return go(f"/c/{here}/members/me" if visit.community and visit.community.public else "/")


async def _own_page(visit: Visit, problem: ServiceError | None = None, message: str = "") -> Any:
    standing = await ask(visit, "community", joining.STANDING, community.CommunityId(community_of(visit)))
    status = problem.status if problem else 200
    return await page("membership", visit, status=status, standing=standing, problem=problem, message=message)


def _requests(pages: Blueprint) -> None:
    @pages.get(f"{_MEMBERS}/requests")
    @members(Role.MODERATOR)
    async def list_requests(visit: Visit) -> Any:
        return await _requests_page(visit)

    @pages.post(f"{_MEMBERS}/requests/<int:number>")
    @members(Role.MODERATOR)
    async def decide(visit: Visit, number: int) -> Any:
        accept = await field("answer") == "accept"
        asked = joining.Decide(community_of(visit), number, accept, (await field("reason"))[: joining.REASON_LENGTH])
        try:
            await ask(visit, "community", joining.DECIDE, asked)
        except Conflict as problem:
            return await _requests_page(visit, problem)
        return go(f"/c/{community_of(visit)}/members/requests")


async def _requests_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    state = request.args.get("state", "open")
    state = cast(joining.RequestState, state if state in _STATES else "open")
    asked = joining.ListRequests(community_of(visit), state, asked_page())
    found = await ask(visit, "community", joining.REQUESTS, asked)
    return await page(
        "requests", visit, status=problem.status if problem else 200, found=found, asked=asked, states=_STATES,
        problem=problem,
    )  # fmt: skip


def _others(pages: Blueprint) -> None:
    @pages.post(f"{_MEMBERS}/<member_id>/add")
    @members(Role.MODERATOR)
    async def add(visit: Visit, member_id: str) -> Any:
        here = community_of(visit)
        added = await ask(visit, "community", joining.ADD, community.MemberOf(here, member_id))
        return go(f"/c/{here}/members" if added.status == "active" else f"/c/{here}/members/invitations")

    @pages.post(f"{_MEMBERS}/<member_id>/remove")
    @members(Role.MODERATOR)
    async def remove(visit: Visit, member_id: str) -> Any:
        here = community_of(visit)
        await ask(visit, "community", joining.REMOVE, joining.RemoveMember(here, member_id, await field("reason")))
        return go(f"/c/{here}/members?status=left")


def _invitations(pages: Blueprint, public_url: str) -> None:
    @pages.get(f"{_MEMBERS}/invitations")
    @members(Role.MODERATOR)
    async def list_invitations(visit: Visit) -> Any:
        return await _invitations_page(visit)

    @pages.post(f"{_MEMBERS}/invitations")
    @members(Role.MODERATOR)
    async def invite(visit: Visit) -> Any:
        form = await request.form
        try:
            asked = joining.MakeInvitation(
                community_of(visit), Role.named(form.get("role", "viewer")), whole(form.get("uses", "1")),
                whole(form.get("seconds", "0")),
            )  # fmt: skip
            made = await ask(visit, "community", joining.INVITE, asked)
        except ServiceError as problem:
            return await _invitations_page(visit, problem, form)
        link = f"{public_url or request.host_url.rstrip('/')}/i/{made.token}"
        return await _invitations_page(visit, made=link)

    @pages.post(f"{_MEMBERS}/invitations/<int:number>/end")
    @members(Role.MODERATOR)
    async def end(visit: Visit, number: int) -> Any:
        here = community_of(visit)
        await ask(visit, "community", joining.END_INVITATION, joining.InvitationOf(here, number))
        return go(f"/c/{here}/members/invitations")


async def _invitations_page(
    visit: Visit, problem: ServiceError | None = None, values: Any = None, *, made: str = ""
) -> Any:
    found = await ask(visit, "community", joining.INVITATIONS, community.CommunityId(community_of(visit)))
    return await page(
        "invitations", visit, status=problem.status if problem else 200, found=found, problem=problem, made=made,
        values=values or {"role": "viewer", "uses": "1", "seconds": str(7 * 86_400)}, spans=SPANS,
        roles=[role.word for role in _INVITABLE if role < visit.role],
    )  # fmt: skip


def _door(pages: Blueprint) -> None:
    @pages.post(f"{_MEMBERS}/door")
    @members(Role.ADMIN)
    async def change_door(visit: Visit) -> Any:
        form = await request.form
        mode = form.get("join_mode", "")
        asked = community.PatchCommunity(
            community_of(visit), whole(form.get("version", "0")), public="public" in form,
            join_mode=cast(Any, mode) if mode in _MODES else None,
        )  # fmt: skip
        try:
            await ask(visit, "community", community.PATCH, asked)
        except Conflict as problem:
            return await _invitations_page(visit, problem)
        return go(f"/c/{community_of(visit)}/members/invitations?saved=1")


def _invited(pages: Blueprint) -> None:
    @pages.get("/i/<token>")
    @signed_in
    async def show(visit: Visit, token: str) -> Any:
        invited = await ask(visit, "community", joining.LOOK_INTO, joining.InvitationToken(token[:100]))
        return await page("invited", visit, invited=invited, token=token)

    @pages.post("/i/<token>")
    @signed_in
    async def accept(visit: Visit, token: str) -> Any:
        joined = await ask(visit, "community", joining.ACCEPT, joining.InvitationToken(token[:100]))
        return go(f"/c/{joined.community_id}/members/me")
