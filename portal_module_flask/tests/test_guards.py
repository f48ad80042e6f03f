"""Who gets in where: sign-in, forms of our own, roles, and the modules' own check of them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from flask_core.auth import utc_now
from flask_core.contracts import browser_source, community, router
from flask_core.datamodels import Role
from flask_core.errors import Forbidden
from flask_core.operations import Acting
from portal_module_flask import visits
from portal_module_flask.tests.house import EMAIL, PASSWORD, House
from portal_module_flask.tests.neighbours import Neighbours

# The address of a form is what lets in; an address of nothing is told so.
OPEN_PAGES = {
    "/", "/auth/sign-in", "/auth/set-up", "/auth/x/start", "/auth/x/callback", "/f/x", "/data/x", "/data/x/receipt",
    "/data/enter", "/data/key",
}  # fmt: skip
# What has to be in a form before a module is asked at all.
FIELDS = {"role": "vip", "name": "x", "enabled": "no", "version": "0", "act": "pause", "what": "raid", "as": "Dee",
          "look": "twitch", "text": "hi", "kind": "quote", "content": "x", "user_id": "1337",
          "sure": "yes", "reading": "all", "shared_chat": "ignore", "reply_style": "reply", "parts": "3",
          "choice": "skip", "of": "review", "join_mode": "open", "answer": "accept", "member_id": "x"}  # fmt: skip


@pytest.mark.promise("portal.2")
async def test_every_page_but_the_open_ones_asks_for_sign_in(house: House) -> None:
    stranger = house.stranger()
    for path, view in house.pages("GET"):
        assert view.guard, path
        if path in OPEN_PAGES or path == f"{house.here}/command-page":
            assert view.guard == "open"
            continue
        where = (await stranger.look(path, 302))[1]["Location"]
        assert where.startswith("/auth/sign-in?next=%2F"), path
    for path, view in house.pages("POST"):
        if view.guard != "open":
            answer = await stranger.post(path, on="/auth/sign-in", **FIELDS)
            assert answer.headers["Location"] == "/auth/sign-in?next=%2F", path


@pytest.mark.promise("portal.2")
async def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(house: House) -> None:
    await house.send(f"{house.here}/memories", kind="quote", content="stays")
    token, seen = await house.token("/me"), 0
    for path, _ in house.pages("POST"):
        seen += 1
        bare = await house.web.post(path, form=FIELDS)
        assert bare.status_code == 400, path
        assert "load the page again" in (await bare.get_data()).decode()
        for foreign in (
            {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://localhost:1"}
        ):  # fmt: skip
            sent = await house.web.post(path, form={"form_token": token, **FIELDS}, headers=foreign)
            assert sent.status_code == 403, (path, foreign)
    assert seen > 20
    stranger = house.stranger()
    await stranger.sign_in()
    other = await house.web.post("/me/name", form={"form_token": await stranger.token("/me"), "name": "Eve"})
    assert other.status_code == 400
    assert 'value="Ann"' in await house.page("/me")
    assert "stays" in await house.page(f"{house.here}/memories")
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert (await house.post("/me/name", on="/me", headers=own, name="Ann-Marie")).status_code == 303


@pytest.mark.promise("portal.3")
@pytest.mark.promise("browser_source.18")
async def test_modules_check_roles_themselves(house: House) -> None:
    client = house.inst.client("portal")
    stranger = Acting("person-eve", utc_now(), house.community_id, Role.OWNER, name="Eve")
    here = house.community_id
    for module, operation, request in (
        ("router", router.ENABLE, router.PutEnablement(here, "memories", False)),
        ("community", community.SET_ROLE, community.SetRole(here, "x", Role.ADMIN)),
        ("browser_source", browser_source.ROTATE, browser_source.Rotate(here, 1)),
        ("browser_source", browser_source.CREATE, browser_source.CreateOverlay(here, "Mine")),
    ):
        with pytest.raises(Forbidden):
            await client.call(module, operation, request, acting=stranger)


@pytest.mark.promise("portal.3")
async def test_a_moderators_forged_form_is_refused_by_the_module(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    neighbours = await Neighbours.of(house)
    ben = await neighbours.becomes("Ben", "discord", "moderator")
    forms = [path for path, view in house.pages("POST") if view.guard in {"admin", "owner"}]
    assert len(forms) >= 6
    for path in forms:
        refused = await ben.post(path, on=house.playground, **FIELDS)
        assert "s can see that. You are moderator here." in (await refused.get_data()).decode()
    looked = visits._in_community

    async def believes(visit: visits.Visit, community_id: int) -> visits.Visit:
        known = await looked(visit, community_id)
        return visits.Visit(known.person, known.secret, known.community, Role.OWNER)

    monkeypatch.setattr(visits, "_in_community", believes)
    for path in forms:
        refused = await ben.post(path, on=house.playground, **FIELDS)
        assert refused.status_code == 403, path
        assert "can see that" not in (await refused.get_data()).decode(), path


@pytest.mark.promise("portal.4")
async def test_who_is_demoted_in_chat_is_refused_with_the_next_form(house: House) -> None:
    neighbours = await Neighbours.of(house)
    ben = await neighbours.becomes("Ben", "discord", "admin")
    switch, modules = f"{house.here}/modules/memories/switch", f"{house.here}/modules"
    await ben.send(switch, on=modules, enabled="no")
    token = await ben.token(modules)
    neighbours.is_who_writes("Ann", "twitch")
    assert await house.say("!community role Ben viewer", who="Ann") == "Ben is viewer now."
    late = await ben.web.post(switch, form={"form_token": token, "enabled": "yes"})
    assert late.status_code == 403
    assert "Off here" in await house.page(modules)
    assert "You are viewer here" in await ben.page(modules, 403)


async def test_a_platforms_moderator_sees_the_moderator_pages_and_no_more(house: House) -> None:
    neighbours = await Neighbours.of(house)
    dee = neighbours.moves_in("Dee")
    neighbours.is_who_writes("Dee", "twitch")
    await house.say("hello", who="Dee")
    await house.say('!quote add "for its own page" by Ann', who="Ben")
    await house.say('!rule add contains "for its own page" delete', who="Ben")
    await house.say("!cmd add hug For its own page", who="Ben")
    assert "Only moderators can see that. You are viewer here." in await dee.page(f"{house.here}/members", 403)
    seen = community.PlatformRole(f"console:{house.community_id}:playground", "twitch-dee", Role.MODERATOR)
    await house.inst.client("twitch").call("community", community.PLATFORM_ROLES, seen)
    for path, view in house.pages("GET"):
        if not path.startswith(f"{house.here}/") or path.endswith(("/x", "/stream")):
            continue
        await dee.page(path, 403 if view.guard in {"admin", "owner"} else 200)
    await dee.page("/operator/health", 403)


async def test_a_viewer_sees_commands_and_memories_and_a_banned_one_nothing(house: House) -> None:
    neighbours = await Neighbours.of(house)
    dee = await neighbours.becomes("Dee", "twitch", "viewer")
    for page in ("commands", "memories"):
        await dee.page(f"{house.here}/{page}")
    html = await dee.page(f"{house.here}/memories")
    for hidden in ('playground">Playground', "Members", "Modules", "Delete"):
        assert hidden not in html
    member = (await house.page(f"{house.here}/members?q=dee")).split("/members/")[-1].split("/")[0]
    await house.send(f"{house.here}/members/{member}/ban", on=f"{house.here}/members", reason="loud")
    assert "No such community." in await dee.page(f"{house.here}/commands", 404)


async def test_another_community_does_not_exist_for_a_stranger(house: House) -> None:
    neighbours = await Neighbours.of(house)
    eve = neighbours.moves_in("Eve")
    refused = await eve.page(f"{house.here}/members", 403)
    assert f'href="{house.here}/members"' not in refused
    assert "Try again" not in refused
    await eve.page("/c/4711/home", 404)
    await house.page("/c/4711/home", 404)


@pytest.mark.promise("portal.6")
async def test_no_password_and_no_session_is_kept_or_told(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: visits.Door, _response: object, _session: object) -> None:
        raise RuntimeError("something nobody thought of")

    caplog.set_level(logging.DEBUG)
    await house.send("/me/password", 200, on="/me/sign-in", old=PASSWORD, new="a pond full of penguins")
    await house.stranger().send("/auth/sign-in", 401, email=EMAIL, password="almost the right one")
    await house.say("!ping", who="Ann")
    with monkeypatch.context() as patched:
        patched.setattr(visits.Door, "let_in", broken)
        fields = {"email": EMAIL, "password": "a pond full of penguins"}
        assert "Something went wrong on our side" in await house.stranger().send("/auth/sign-in", 500, **fields)
    assert "something nobody thought of" in caplog.text
    traces = await house.page(f"{house.here}/traces")
    secrets = (PASSWORD, "a pond full of penguins", "almost the right one", house.cookie(), house.link.split("=")[1])
    kept = in_files(tmp_path)
    assert b"!ping" in kept
    for secret in secrets:
        assert secret.encode() not in kept
        assert secret not in caplog.text + traces


def in_files(folder: Path) -> bytes:
    """Everything that the databases in a folder hold."""
    return b"".join(path.read_bytes() for path in folder.iterdir())
