"""Slack: a community's workspaces and channels; for operators the app's manifest and how the connection is doing."""

from __future__ import annotations

from typing import Any

import msgspec
from quart import Blueprint, Response, request

from flask_core.contracts import community, slack
from flask_core.contracts.community_servers import DETACH_SERVER, SERVERS, ServerOf
from flask_core.datamodels import ChannelKey, Platform, Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, field, go, page, whole
from portal_module_flask.visits import Visit, members, operators, signed_in

_OPERATOR = "/operator/slack"
_SLACK = "slack"


def views() -> Blueprint:
    """Pages under /c/<community>/platforms/slack and /operator/slack, and where Slack sends people back to."""
    pages = blueprint("slack")
    _workspaces(pages)
    _channels(pages)
    _operating(pages)

    @pages.get("/connect/slack/callback")
    @signed_in
    async def back(visit: Visit) -> Any:
        if not request.args.get("code"):
            return await page("slack_back", visit, problem=InvalidInput("Nothing was connected."))
        finish = slack.FinishInstall(request.args.get("state", "")[:200], request.args["code"][:500])
        try:
            made = await ask(visit, _SLACK, slack.FINISH, finish, seconds=20)
        except ServiceError as problem:
            return await page("slack_back", visit, status=problem.status, problem=problem)
        where = f"/c/{made.community_id}/platforms/slack" if made.community_id else _OPERATOR
        return go(f"{where}?connected={made.team_id}")

    return pages


def _workspaces(pages: Blueprint) -> None:
    @pages.get("/c/<int:community_id>/platforms/slack")
    @members(Role.MODERATOR)
    async def slack_page(visit: Visit) -> Any:
        return await _page(visit)

    @pages.post("/c/<int:community_id>/platforms/slack/connect")
    @members(Role.ADMIN)
    async def connect(visit: Visit) -> Any:
        try:
            begun = await ask(visit, _SLACK, slack.START, slack.StartInstall(community_of(visit)))
        except ServiceError as problem:
            return await _page(visit, problem)
        # A form may not lead to another site: the last step is a link.
        return await _page(visit, install=begun.url)

    @pages.post("/c/<int:community_id>/platforms/slack/<team>/disconnect")
    @members(Role.ADMIN)
    async def disconnect(visit: Visit, team: str) -> Any:
        try:
            if await field("sure") != "yes":
                raise InvalidInput("Tick the box to disconnect.")
            await _detach_all(visit, team)
            await ask(visit, _SLACK, slack.REMOVE, slack.WorkspaceOf(team, community_of(visit)), seconds=15)
        except ServiceError as problem:
            return await _page(visit, problem)
        return go(f"{_base(visit)}?gone=1")

    @pages.post("/c/<int:community_id>/platforms/slack/<team>/settings")
    @members(Role.ADMIN)
    async def set_up(visit: Visit, team: str) -> Any:
        try:
            asked = slack.PutWorkspaceSettings(team, community_of(visit), await _settings())
            await ask(visit, _SLACK, slack.SET_UP, asked)
        except ServiceError as problem:
            return await _page(visit, problem)
        return go(f"{_base(visit)}?saved=1")


async def _settings() -> slack.WorkspaceSettings:
    sent = await request.form
    # What could not be listed stays as it was.
    listed, read = set(sent.getlist("listed")), set(sent.getlist("read"))
    unread = (listed - read) | (set(sent.getlist("unread")) - listed)
    chosen = {
        "reply_in_thread": await field("reply_in_thread") == "yes",
        "slash_public": await field("slash_public") == "yes",
        "platform_roles": await field("platform_roles") == "yes",
        "other_bots": await field("other_bots") == "yes",
        "notice_channel": (await field("notice_channel"))[:40],
        "prefix": await field("prefix"),
        "unread": sorted(unread),
    }
    try:
        return msgspec.convert(chosen, slack.WorkspaceSettings)
    except msgspec.ValidationError as wrong:
        raise InvalidInput("A prefix has one to three signs, without spaces, quotes and ! # @ / . < > &.") from wrong


def _channels(pages: Blueprint) -> None:
    @pages.post("/c/<int:community_id>/platforms/slack/<team>/channels/<channel>/attach")
    @members(Role.ADMIN)
    async def attach(visit: Visit, team: str, channel: str) -> Any:
        return await _saved(visit, _SLACK, slack.ATTACH, slack.ChannelOf(team, channel, community_of(visit)))

    @pages.post("/c/<int:community_id>/platforms/slack/<team>/channels/<channel>/detach")
    @members(Role.ADMIN)
    async def detach(visit: Visit, team: str, channel: str) -> Any:
        key = str(ChannelKey(Platform.SLACK, team, channel))
        return await _saved(visit, "community", community.DETACH, community.ChannelOf(community_of(visit), key))

    @pages.post("/c/<int:community_id>/platforms/slack/<team>/attach")
    @members(Role.ADMIN)
    async def attach_whole(visit: Visit, team: str) -> Any:
        return await _saved(visit, _SLACK, slack.ATTACH_WHOLE, slack.WorkspaceOf(team, community_of(visit)))

    @pages.post("/c/<int:community_id>/platforms/slack/<team>/detach")
    @members(Role.ADMIN)
    async def detach_whole(visit: Visit, team: str) -> Any:
        return await _saved(visit, "community", DETACH_SERVER, ServerOf(community_of(visit), "slack", team))

    @pages.post("/c/<int:community_id>/platforms/slack/<team>/channels/<channel>/test")
    @members(Role.ADMIN)
    async def test(visit: Visit, team: str, channel: str) -> Any:
        try:
            asked = slack.ChannelOf(team, channel, community_of(visit))
            said = await ask(visit, _SLACK, slack.TEST, asked, seconds=15)
        except ServiceError as problem:
            return await _page(visit, problem)
        return await _page(visit, tested=said)


def _operating(pages: Blueprint) -> None:
    @pages.get(_OPERATOR)
    @operators
    async def operate(visit: Visit) -> Any:
        return await _operator_page(visit)

    @pages.get(f"{_OPERATOR}/manifest.json")
    @operators
    async def as_json(visit: Visit) -> Any:
        view = await _manifest(visit)
        return _file(msgspec.json.format(msgspec.json.encode(view.manifest), indent=2), "json")

    @pages.get(f"{_OPERATOR}/manifest.yaml")
    @operators
    async def as_yaml(visit: Visit) -> Any:
        return _file((await _manifest(visit)).yaml.encode(), "yaml")

    @pages.post(f"{_OPERATOR}/use")
    @operators
    async def use(visit: Visit) -> Any:
        try:
            asked = slack.UseWorkspace((await field("team"))[:40], whole(await field("community")))
            await ask(visit, _SLACK, slack.USE, asked)
        except ServiceError as problem:
            return await _operator_page(visit, problem)
        return go(f"{_OPERATOR}?saved=1")


async def _manifest(visit: Visit) -> slack.ManifestView:
    mode = request.args.get("mode", "")
    asked = slack.ManifestOf(mode if mode in {"socket", "http"} else "")  # type: ignore[arg-type]
    view: slack.ManifestView = await ask(visit, _SLACK, slack.MANIFEST, asked)
    return view


def _file(content: bytes, kind: str) -> Response:
    name = f'attachment; filename="waddlebot-slack.{kind}"'
    return Response(content, content_type=f"application/{kind}", headers={"Content-Disposition": name})


def _base(visit: Visit) -> str:
    return f"/c/{community_of(visit)}/platforms/slack"


async def _saved(visit: Visit, module: str, operation: Any, asked: Any) -> Any:
    """Back to the page, with what was refused on it."""
    try:
        await ask(visit, module, operation, asked, seconds=10)
    except ServiceError as problem:
        return await _page(visit, problem)
    return go(f"{_base(visit)}?saved=1")


async def _detach_all(visit: Visit, team: str) -> None:
    """Free the channels first: should Slack's module be away now, the same form can be sent again."""
    asked = community.CommunityId(community_of(visit))
    attached = await ask(visit, "community", community.CHANNELS, asked)
    for channel in attached.items:
        if channel.key.startswith(f"slack:{team}:"):
            of = community.ChannelOf(community_of(visit), channel.key)
            await ask(visit, "community", community.DETACH, of)
    for server in (await ask(visit, "community", SERVERS, asked)).items:
        if (server.platform, server.server_id) == ("slack", team):
            await ask(visit, "community", DETACH_SERVER, ServerOf(community_of(visit), "slack", team))


async def _status(
    visit: Visit, community_id: int, problem: ServiceError | None
) -> tuple[slack.Status | None, ServiceError | None]:
    """The tile; while the module is away the page says so and lives."""
    try:
        return await ask(visit, _SLACK, slack.STATUS, slack.OfCommunity(community_id)), problem
    except ServiceError as away:
        return None, problem or away


async def _page(visit: Visit, problem: ServiceError | None = None, *, install: str = "", tested: Any = None) -> Any:
    status, told = await _status(visit, community_of(visit), problem)
    channels: dict[str, Any] = {}
    if status is not None and visit.role >= Role.ADMIN:
        for workspace in status.workspaces:
            if workspace.state is slack.WorkspaceState.OK:
                channels[workspace.team_id], told = await _listed(visit, workspace.team_id, told)
    return await page(
        "slack", visit, status=problem.status if problem else 200, base=_base(visit), state=status, problem=told,
        channels=channels, install=install, tested=tested, gone="gone" in request.args, saved="saved" in request.args,
        connected=_just_connected(status),
    )  # fmt: skip


async def _listed(visit: Visit, team: str, told: ServiceError | None) -> tuple[Any, ServiceError | None]:
    try:
        asked = slack.WorkspaceOf(team, community_of(visit))
        return (await ask(visit, _SLACK, slack.CHANNELS, asked, seconds=10)).items, told
    except ServiceError as away:
        return (), told or away


async def _operator_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    status, told = await _status(visit, 0, problem)
    manifests: dict[str, slack.ManifestView] = {}
    communities: tuple[Any, ...] = ()
    try:
        for mode in ("socket", "http"):
            manifests[mode] = await ask(visit, _SLACK, slack.MANIFEST, slack.ManifestOf(mode))
        communities = (await ask(visit, "community", community.LIST, community.ListCommunities())).items
    except ServiceError as away:
        told = told or away
    return await page(
        "slack_operator", visit, status=problem.status if problem else 200, base=_OPERATOR, state=status,
        problem=told, manifests=manifests, communities=communities, saved="saved" in request.args,
        connected=_just_connected(status),
    )  # fmt: skip


def _just_connected(status: slack.Status | None) -> str:
    """The name of the workspace that the address says was connected just now, if it is so."""
    team = request.args.get("connected", "")
    return next((one.name for one in status.workspaces if one.team_id == team), "") if status else ""
