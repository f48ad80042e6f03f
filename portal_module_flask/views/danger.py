"""What an owner does once: hand the community over, delete it, and bring it back."""

from __future__ import annotations

from typing import Any

from quart import Blueprint

from flask_core.contracts import community, community_endings
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, NotFound, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, field, go, page
from portal_module_flask.visits import Visit, members, signed_in

_COMMUNITY = "community"
_MOST = 20


def views() -> Blueprint:
    """/c/<community>/danger for the owner, and /c/<community>/transfer for whoever is to become owner."""
    pages = blueprint("danger")
    _parting(pages)
    _agreeing(pages)

    @pages.get("/c/<int:community_id>/danger")
    @members(Role.OWNER)
    async def danger(visit: Visit) -> Any:
        return await _page(visit)

    return pages


def _parting(pages: Blueprint) -> None:
    @pages.post("/c/<int:community_id>/danger/transfer")
    @members(Role.OWNER)
    async def transfer(visit: Visit) -> Any:
        name, slug = await field("member"), await field("slug")
        try:
            chosen = await field("member_id")
            found = [] if chosen else await _called(visit, name)
            if len(found) > 1:
                return await _page(visit, candidates=found, typed={"member": name, "slug": slug})
            asked = community_endings.BeginTransfer(community_of(visit), (chosen or found[0].id)[:100], slug)
            await ask(visit, _COMMUNITY, community_endings.TRANSFER, asked)
        except ServiceError as problem:
            return await _page(visit, problem, typed={"member": name, "slug": slug})
        return go(f"/c/{community_of(visit)}/danger")

    @pages.post("/c/<int:community_id>/danger/delete")
    @members(Role.OWNER)
    async def delete(visit: Visit) -> Any:
        try:
            asked = community_endings.DeleteCommunity(community_of(visit), await field("slug"))
            await ask(visit, _COMMUNITY, community_endings.DELETE, asked)
        except ServiceError as problem:
            return await _page(visit, problem)
        return go(f"/c/{community_of(visit)}/danger")

    # Whether it is theirs is asked of community alone: nothing else of a deleted one can be changed.
    @pages.post("/c/<int:community_id>/danger/restore")
    @signed_in
    async def restore(visit: Visit, community_id: int) -> Any:
        name = await field("name")
        try:
            asked = community_endings.RestoreCommunity(community_id, name)
            await ask(visit, _COMMUNITY, community_endings.RESTORE, asked)
        except ServiceError as problem:
            return await _deleted_page(visit, community_id, problem, name)
        return go(f"/c/{community_id}/home")


def _agreeing(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/transfer")
    @members(Role.VIEWER)
    async def offered(visit: Visit) -> Any:
        return await _offer_page(visit)

    @pages.post("/c/<int:community_id>/transfer/<int:number>/accept")
    @members(Role.VIEWER)
    async def accept(visit: Visit, number: int) -> Any:
        try:
            asked = community_endings.TransferOf(community_of(visit), number)
            await ask(visit, _COMMUNITY, community_endings.ACCEPT_TRANSFER, asked)
        except ServiceError as problem:
            return await _offer_page(visit, problem)
        return go(f"/c/{community_of(visit)}/home")

    @pages.post("/c/<int:community_id>/transfer/<int:number>/call-off")
    @members(Role.VIEWER)
    async def call_off(visit: Visit, number: int) -> Any:
        try:
            asked = community_endings.TransferOf(community_of(visit), number)
            await ask(visit, _COMMUNITY, community_endings.CALL_OFF_TRANSFER, asked)
        except ServiceError as problem:
            return await _offer_page(visit, problem)
        return go(f"/c/{community_of(visit)}/{'danger' if visit.role is Role.OWNER else 'transfer'}")


async def _called(visit: Visit, name: str) -> list[community.Member]:
    """Active members of that name, but for the owner. Raises NotFound when there is none."""
    if not name:
        raise InvalidInput("Write the name of a member.", field="member")
    asked = community.ListMembers(community_of(visit), name[:100], status="active", per_page=_MOST)
    listed = await ask(visit, _COMMUNITY, community.MEMBERS, asked)
    found = [one for one in listed.items if one.name.lower() == name.lower() and one.role is not Role.OWNER]
    if not found:
        raise NotFound(f"No active member is called {name[:40]}.")
    return found


async def _page(
    visit: Visit, problem: ServiceError | None = None, *, candidates: Any = (), typed: dict[str, str] | None = None
) -> Any:
    assert visit.community is not None
    if visit.community.deleted_at is not None:
        return await _deleted_page(visit, visit.community.id, problem, "")
    held = await ask(visit, _COMMUNITY, community_endings.OPEN_TRANSFER, community.CommunityId(community_of(visit)))
    deleted = await ask(visit, _COMMUNITY, community_endings.DELETED, community_endings.Nothing())
    return await page(
        "danger", visit, status=problem.status if problem else 200, problem=problem, transfer=held.transfer,
        candidates=candidates, typed=typed or {}, base=f"/c/{community_of(visit)}", days=deleted.days,
    )  # fmt: skip


async def _deleted_page(visit: Visit, community_id: int, problem: ServiceError | None, name: str) -> Any:
    """What can still be done for a deleted community; one that is not theirs to bring back does not exist."""
    mine = await ask(visit, _COMMUNITY, community_endings.DELETED, community_endings.Nothing())
    found = next((one for one in mine.items if one.id == community_id), None)
    if found is None:
        raise problem or NotFound("No such community.")
    return await page(
        "deleted", visit, status=problem.status if problem else 200, problem=problem, found=found, typed=name,
        taken=bool(problem and problem.details.get("field") == "name"),
    )  # fmt: skip


async def _offer_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    held = await ask(visit, _COMMUNITY, community_endings.OPEN_TRANSFER, community.CommunityId(community_of(visit)))
    return await page(
        "transfer", visit, status=problem.status if problem else 200, problem=problem, mine=held.mine,
        transfer=held.transfer, base=f"/c/{community_of(visit)}",
    )  # fmt: skip
