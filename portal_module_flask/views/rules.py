"""Moderation rules: the list, the form with a text to try, and who would have been hit last night."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from quart import Blueprint, request
from werkzeug.datastructures import MultiDict

from flask_core.contracts import community, rules
from flask_core.datamodels import Platform, Role
from flask_core.errors import InvalidInput, NotFound, ServiceError
from portal_module_flask.pages import ask, asked_page, blueprint, community_of, field, go, page, whole
from portal_module_flask.rule_forms import MATCHES, TYPES, acts, draft_of, form_of
from portal_module_flask.visits import Visit, members

_BASE = "/c/<int:community_id>/moderation"
_ROLES = tuple(role.word for role in Role)
_HOURS = (1, 6, 12, 24)
_REPLAY_SECONDS = 15.0
_MOST_MEMBERS = 20
_NEW = rules.Draft(match="contains", pattern="", actions=(rules.Delete(),))
_SWITCHES: dict[str, dict[str, bool]] = {
    "live": {"enabled": True, "dry_run": False}, "dry": {"enabled": True, "dry_run": True}, "off": {"enabled": False},
}  # fmt: skip


def views() -> Blueprint:
    """Pages under /c/<community>/moderation."""
    pages = blueprint("rules")
    _list(pages)
    _one(pages)
    return pages


def _list(pages: Blueprint) -> None:
    @pages.get(_BASE)
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        return await _list_page(visit)

    @pages.post(f"{_BASE}/rules/try")
    @members(Role.MODERATOR)
    async def try_text(visit: Visit) -> Any:
        text = (await request.form).get("text", "")
        try:
            tried = await ask(visit, "router", rules.TEST, rules.TestText(community_of(visit), text))
        except ServiceError as problem:
            return await _list_page(visit, problem, text=text)
        return await _list_page(visit, text=text, tried=tried)

    @pages.post(f"{_BASE}/rules/replay")
    @members(Role.MODERATOR)
    async def replay(visit: Visit) -> Any:
        hours = whole(await field("hours"))
        try:
            asked = rules.Replay(community_of(visit), hours)
            hit = await ask(visit, "router", rules.REPLAY, asked, seconds=_REPLAY_SECONDS)
        except ServiceError as problem:
            return await _list_page(visit, problem)
        return await _list_page(visit, replayed=hit, hours=hours)

    @pages.post(f"{_BASE}/rules/<int:number>/<act>")
    @members(Role.MODERATOR)
    async def change(visit: Visit, number: int, act: str) -> Any:
        here = community_of(visit)
        try:
            if act == "delete":
                await ask(visit, "router", rules.DELETE, rules.RuleOf(here, number))
            elif act in _SWITCHES:
                version = whole(await field("version"))
                asked = rules.SwitchRule(here, number, version, **_SWITCHES[act])
                await ask(visit, "router", rules.SWITCH, asked)
            else:
                raise InvalidInput("That cannot be done with a rule.")
        except ServiceError as problem:
            return await _list_page(visit, problem)
        return go(f"/c/{here}/moderation")


def _one(pages: Blueprint) -> None:
    @pages.get(f"{_BASE}/rules/new")
    @members(Role.MODERATOR)
    async def new(visit: Visit) -> Any:
        return await _form_page(visit, form_of(_NEW, ()))

    @pages.post(f"{_BASE}/rules/new")
    @members(Role.MODERATOR)
    async def add(visit: Visit) -> Any:
        return await _sent(visit, None)

    @pages.get(f"{_BASE}/rules/<int:number>")
    @members(Role.MODERATOR)
    async def edit(visit: Visit, number: int) -> Any:
        rule = await ask(visit, "router", rules.GET, rules.RuleOf(community_of(visit), number))
        return await _form_page(visit, form_of(rule, await _names(visit, rule.exempt.members)), rule)

    @pages.post(f"{_BASE}/rules/<int:number>")
    @members(Role.MODERATOR)
    async def save(visit: Visit, number: int) -> Any:
        return await _sent(visit, await ask(visit, "router", rules.GET, rules.RuleOf(community_of(visit), number)))


async def _sent(visit: Visit, rule: rules.Rule | None) -> Any:
    """Try or save what was typed, as the button says."""
    form, here = await request.form, community_of(visit)
    try:
        draft = draft_of(form, await _ids(visit, form.get("exempt_members", "")), rule)
        if "try" in form:
            tried = await ask(visit, "router", rules.TEST, rules.TestText(here, form.get("text", ""), draft))
            return await _form_page(visit, form, rule, tried=tried)
        if "replay" in form:
            asked = rules.Replay(here, whole(form.get("hours", "24")), draft=draft)
            hit = await ask(visit, "router", rules.REPLAY, asked, seconds=_REPLAY_SECONDS)
            return await _form_page(visit, form, rule, replayed=hit)
        if rule is None:
            kept = await ask(visit, "router", rules.ADD, rules.AddRule(here, draft))
        else:
            version = whole(form.get("version", ""))
            kept = await ask(visit, "router", rules.PUT, rules.PutRule(here, rule.number, version, draft))
    except ServiceError as problem:
        return await _form_page(visit, form, rule, problem)
    return go(f"/c/{here}/moderation?saved={kept.number}")


async def _list_page(visit: Visit, problem: ServiceError | None = None, **shown: Any) -> Any:
    asked = rules.ListRules(community_of(visit), asked_page())
    found = await ask(visit, "router", rules.LIST, asked)
    return await page(
        "rules", visit, status=problem.status if problem else 200, found=found, problem=problem, acts=acts,
        saved=request.args.get("saved", ""), all_hours=_HOURS, **shown,
    )  # fmt: skip


async def _form_page(
    visit: Visit, form: MultiDict[str, str], rule: rules.Rule | None = None, problem: ServiceError | None = None,
    **shown: Any,
) -> Any:  # fmt: skip
    channels = await ask(visit, "community", community.CHANNELS, community.CommunityId(community_of(visit)))
    return await page(
        "rule", visit, status=problem.status if problem else 200, f=form, rule=rule, problem=problem,
        matches=MATCHES, types=TYPES, roles=_ROLES, platforms=tuple(Platform), channels=channels.items,
        all_hours=_HOURS, **shown,
    )  # fmt: skip


async def _names(visit: Visit, ids: Sequence[str]) -> list[str]:
    """Names of members; an id stays where nobody has it any more."""
    return list(await asyncio.gather(*(_name(visit, one) for one in ids)))


async def _name(visit: Visit, member_id: str) -> str:
    try:
        found = await ask(visit, "community", community.MEMBER, community.MemberOf(community_of(visit), member_id))
    except NotFound:
        return member_id
    return str(found.name)


async def _ids(visit: Visit, text: str) -> tuple[str, ...]:
    """Ids of the members named one a line; raises InvalidInput for a name that nobody, or more than one, has."""
    names = list(dict.fromkeys(name.strip().removeprefix("@") for name in text.splitlines() if name.strip()))
    if len(names) > _MOST_MEMBERS:
        raise InvalidInput(f"Name at most {_MOST_MEMBERS} members; a label is for more.")
    return tuple(await asyncio.gather(*(_id(visit, name) for name in names)))


async def _id(visit: Visit, name: str) -> str:
    asked = community.ListMembers(community_of(visit), name, per_page=100)
    found = await ask(visit, "community", community.MEMBERS, asked)
    same = [one.id for one in found.items if name.lower() in {one.name.lower(), one.id}]
    if len(same) == 1:
        return str(same[0])
    if not same:
        try:
            known = community.MemberOf(community_of(visit), name)
            return str((await ask(visit, "community", community.MEMBER, known)).id)
        except NotFound:
            raise InvalidInput(f"Nobody here is called {name[:50]}.") from None
    raise InvalidInput(f"More than one member is called {name[:50]}. Give them a label instead.")
