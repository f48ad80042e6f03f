"""A module as a whole: its pages for operators, its commands, its background work, its beginning and end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from flask_core import __version__, app_factory
from flask_core.app_factory import Service
from flask_core.auth import utc_now
from flask_core.commands import Call, CommandGroup
from flask_core.contracts import community, identity, module, router
from flask_core.datamodels import (
    Account,
    ChannelRef,
    CommunityRef,
    Event,
    EventInterest,
    Invocation,
    MemberRef,
    MessageType,
    Reply,
    Role,
)
from flask_core.errors import Forbidden, InvalidInput, NotFound, ServiceError, Unavailable
from flask_core.numbers import next_number
from flask_core.operations import Acting, Caller
from flask_core.runtime import Runtime
from flask_core.shared_memory import MemoryState
from flask_core.testing.installation import FakeModule, until
from flask_core.testing.loopback import on_loopback

from .notebook import FIND, RING, Find, Note, Ring

type Fake = Callable[[str], FakeModule]
type Make = Callable[..., Service]


async def page(service: Service, path: str) -> tuple[int, Any, Any]:
    response = await service.app.test_client().get(path)
    return response.status_code, await response.get_data(), response.headers


def test_a_module_says_what_it_is(service: Service) -> None:
    assert (service.info.name, service.info.port, service.info.kind) == ("notebook", 8099, "interaction")
    assert service.info.schema_folder == service.info.folder / "schema"
    assert (service.manifest.name, service.manifest.description, service.manifest.version) == (
        "notebook", "Keeps notes.", __version__,
    )  # fmt: skip
    assert len(service.manifest.instance) == 12


async def test_health_answers_before_anything_is_open(service: Service) -> None:
    status, body, headers = await page(service, "/health")
    assert (status, msgspec.json.decode(body)) == (
        200, {"status": "ok", "module": "notebook", "version": __version__},
    )  # fmt: skip
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_ready_says_what_is_missing(service: Service) -> None:
    async def no_bot() -> None:
        raise Unavailable("The bot account is not connected.")

    async def too_late() -> None:
        raise TimeoutError

    assert (await page(service, "/ready"))[0] == 200
    service.needs("bot", no_bot)
    service.needs("clock", too_late)
    status, body, _ = await page(service, "/ready")
    assert (status, msgspec.json.decode(body)) == (
        503,
        {"ready": False, "missing": {"bot": "The bot account is not connected.", "clock": "no answer in time"}},
    )
    service.draining = True
    assert await service.missing() == {"module": "draining"}


async def test_a_database_that_is_away_is_missing(service: Service, tmp_path: Path) -> None:
    (tmp_path / "notebook.db").unlink()
    (tmp_path / "notebook.db").mkdir()
    status, body, _ = await page(service, "/ready")
    assert (status, list(msgspec.json.decode(body)["missing"])) == (503, ["database"])


async def test_numbers_are_kept_by_declared_path_and_outcome(service: Service, fake: Fake) -> None:
    asking = fake("router").client
    async with service.app.test_app():
        await asking.call("notebook", FIND, Find(2))
        await asking.call("notebook", RING, Ring())
        with pytest.raises(ServiceError):
            await asking.call("notebook", RING, Ring("busy"))
        with pytest.raises(ServiceError):
            await asking.call("notebook", RING, Ring("broken"))
    _, body, headers = await page(service, "/metrics")
    text = body.decode()
    assert headers["Content-Type"].startswith("text/plain")
    for path, outcome in ((FIND.path, "done"), (RING.path, "done"), (RING.path, "too_many"), (RING.path, "failed")):
        assert f'waddlebot_operations_total{{outcome="{outcome}",path="{path}"}} 1.0' in text
    assert f'waddlebot_operation_seconds_count{{path="{RING.path}"}} 3.0' in text


async def test_operations_are_described_for_programs_and_people(service: Service) -> None:
    _, body, headers = await page(service, "/openapi.json")
    assert headers["Content-Type"] == "application/json"
    assert FIND.path in msgspec.json.decode(body)["paths"]
    _, body, headers = await page(service, "/docs")
    assert "Ring, before Quart sees it." in body.decode()
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_the_same_operation_answers_at_every_door(service: Service, fake: Fake) -> None:
    router_ = fake("router")
    token = {"Authorization": f"Bearer {router_._tokens.issue('notebook')}"}
    web = service.app.test_client()
    by_http = await web.post("/api/v1/ring", headers=token, data=b'{"mood":"good"}')
    assert await by_http.get_json() == {"community_id": 0, "number": 7, "text": "good"}
    assert await router_.client.call("notebook", RING, Ring("good")) == Note(0, 7, "good")
    nowhere = module.EVENTS
    with pytest.raises(NotFound, match="Nothing answers"):
        await router_.client.call("notebook", nowhere, module.EventBatch(()))


def invocation(execution_id: str) -> Invocation:
    account = Account("7", display_name="Dee")
    return Invocation(
        execution_id, CommunityRef(2, "Penguins"), ChannelRef("console:2:main"),
        MemberRef("member-dee", Role.VIEWER, account),
        Event("e1", MessageType.CHAT, "console:2:main", utc_now(), account), command="jot", arguments={"text": "hi"},
    )  # fmt: skip


@pytest.fixture
def jotted(service: Service) -> list[str]:
    group, jotted = CommandGroup("notebook"), list[str]()

    @group.command("jot")
    async def jot(call: Call[list[str]], text: str) -> Reply:
        """Jot something down."""
        call.service.append(text)
        number = await service.database.write(lambda tx: next_number(tx, call.community, "jot"))
        return Reply.chat(f"Jotted as #{number}: {text}")

    service.runs_commands(group, jotted, may_dispatch=True)
    return jotted


async def test_a_command_runs_once_however_often_it_is_asked_for(
    service: Service, fake: Fake, jotted: list[str]
) -> None:
    asking = fake("router").client
    async with service.app.test_app():
        for _ in range(2):
            assert await asking.call("notebook", module.EXECUTE, invocation("x1")) == Reply.chat("Jotted as #1: hi")
        with pytest.raises(Forbidden):
            await fake("portal").client.call("notebook", module.EXECUTE, invocation("x2"))
    assert jotted == ["hi"]


async def test_what_a_module_says_of_itself_adds_up(service: Service, jotted: list[str]) -> None:
    service.hears(EventInterest(MessageType.RAID))
    service.listens_to(MessageType.CHAT)
    service.introduces(settings_schema={"type": "object"})
    said = service.manifest
    assert ([card.path for card in said.commands], said.may_dispatch) == (["jot"], True)
    assert (said.events, said.listens_to, said.settings_schema) == (
        (EventInterest(MessageType.RAID),), (MessageType.CHAT,), {"type": "object"},
    )  # fmt: skip


async def test_the_router_hears_of_a_module_while_it_serves(service: Service, fake: Fake) -> None:
    heard: list[Any] = []
    host = fake("router")

    @host.offers(router.INTRODUCE)
    async def introduced(asked: router.Introduction, caller: Caller) -> router.Welcome:
        heard.append((caller.service, asked.name, asked.manifest.instance))
        return router.Welcome(30)

    @host.offers(router.LEAVE)
    async def left(asked: router.InstanceName, _: Caller) -> None:
        heard.append(("left", asked.name, asked.instance))

    async with service.app.test_app():
        await until(lambda: heard)
    instance = service.manifest.instance
    assert heard == [("notebook", "notebook", instance), ("left", "notebook", instance)]


async def test_work_in_the_background_starts_again_when_it_fails(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(app_factory, "_RESTART_WAIT", 0.001)
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)
        if len(begun) == 1:
            raise ZeroDivisionError
        if len(begun) == 2:
            raise Unavailable("The database is not answering right now.")

    service.in_background("sweeping", work)
    with caplog.at_level(logging.WARNING):
        async with service.app.test_app():
            await until(lambda: len(begun) == 3)
    said = [record.getMessage() for record in caplog.records if "sweeping" in record.getMessage()]
    assert said == [
        "sweeping failed and starts again", "sweeping waits: The database is not answering right now.",
    ]  # fmt: skip


async def test_what_is_under_way_ends_before_data_is_closed(service: Service) -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("background")

    async def finish() -> None:
        await service.database.ping()
        ended.append("finished")

    service.in_background("forever", forever)
    service.at_the_end(finish)
    async with service.app.test_app():
        await asyncio.sleep(0)
    assert ended == ["background", "finished"]


async def test_an_end_that_takes_too_long_is_cut_off(make_service: Make, caplog: pytest.LogCaptureFixture) -> None:
    service = make_service(DRAIN_SECONDS="0.01")
    service.at_the_end(asyncio.Event().wait)  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        async with service.app.test_app():
            pass
    assert "not everything under way could be finished" in caplog.text


@pytest.fixture
def roles(fake: Fake) -> list[Role]:
    """What community says of Ann, one answer after the other."""
    roles: list[Role] = []

    @fake("community").offers(community.ROLE_OF)
    async def role_of(_: community.RoleOf, __: Caller) -> community.PersonRole:
        return community.PersonRole(roles[0], roles.pop(0))

    return roles


async def test_a_role_is_forgotten_as_soon_as_somebody_says_that_it_changed(
    service: Service, fake: Fake, runtime: Runtime, roles: list[Role]
) -> None:
    asking = fake("portal").client
    ann = Acting("person-ann", utc_now(), 2, Role.OWNER)
    assert runtime.shared is not None
    async with service.app.test_app():
        await until(lambda: _listens(runtime))
        roles += [Role.VIEWER, Role.VIEWER]
        await asking.call("notebook", FIND, Find(2), acting=ann)
        await asking.call("notebook", FIND, Find(2), acting=ann)
        assert len(roles) == 1
        changed = community.MemberChanged(2, "member-1", "person-ann")
        await runtime.shared.publish(community.TOPIC_MEMBER, msgspec.json.encode(changed))
        await until(lambda: not service.gate._standings)
        await asking.call("notebook", FIND, Find(2), acting=ann)
        assert roles == []


async def test_a_revoked_key_is_forgotten_at_once(service: Service, runtime: Runtime) -> None:
    assert runtime.shared is not None
    owner = identity.KeyOwner("key-1", "person-ann", "Ann", (), utc_now())
    async with service.app.test_app():
        await until(lambda: _listens(runtime))
        service.gate.keys._remember(b"digest", owner, 0)
        revoked = identity.KeyRevoked("person-ann", "key-1")
        await runtime.shared.publish(identity.TOPIC_KEY_REVOKED, msgspec.json.encode(revoked))
        await until(lambda: not service.gate.keys._known)


def _listens(runtime: Runtime) -> bool:
    assert isinstance(runtime.shared, MemoryState)
    return bool(runtime.shared._topics.wanted())


async def test_a_module_of_its_own_process_opens_and_closes_its_own_state(make_service: Make) -> None:
    service = make_service(runtime=None)
    assert isinstance(service.shared, MemoryState)
    assert service.runtime.modules == {"notebook": service}
    async with service.app.test_app():
        assert await service.missing() == {}


async def test_the_operator_admits_hosts_of_the_own_network(make_service: Make) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="inside")

    site = web.Application()
    site.router.add_get("/", answer)
    async with on_loopback(site) as url:
        admitting = make_service(HTTP_GUARD_ALLOW_HOSTS=url.removeprefix("http://"))
        careful = make_service()
        assert (await admitting.http.guarded("GET", url)).text == "inside"
        with pytest.raises(InvalidInput):
            await careful.http.guarded("GET", url)
        await admitting.http.close()
        await careful.http.close()
