"""Calls between modules: by a function call or over HTTP, with the same answers and the same refusals."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from hypothesis import given
from hypothesis import strategies as st

from flask_core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    ServiceError,
    TooMany,
    Unavailable,
    UnknownOutcome,
    UpstreamFailed,
)
from flask_core.operations import Acting, Operation
from flask_core.passing_on import Request, parts_of
from flask_core.runtime import Runtime
from flask_core.service_client import ServiceClient, address
from flask_core.service_http import ServiceTransport

from .notebook import ANN, DROP, FIND, RING, WRITE, Find, Note, Notebook, NoteName, Notes, Ring, Write

AWAY = "The notebook module is not answering right now."


class Remote:
    """A module on loopback that answers as it is told, one plan after the other, else with an empty note."""

    def __init__(self) -> None:
        self.plan: list[web.Response | str] = []
        self.asked: list[tuple[str, str, bytes, str]] = []
        self.never = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def will(self, *plans: web.Response | str | int) -> None:
        self.plan += [web.Response(status=one) if isinstance(one, int) else one for one in plans]

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.asked.append((request.method, request.raw_path, body, request.headers["Authorization"]))
        answer = self.plan.pop(0) if self.plan else web.json_response({"community_id": 2, "number": 1})
        if answer == "wait":
            await self.never.wait()
        if answer == "hang up":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        assert isinstance(answer, web.Response)
        return answer


class Time:
    """Passes only where somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def remote() -> AsyncIterator[Remote]:
    remote = Remote()
    await remote.server.start_server()
    yield remote
    remote.never.set()
    await remote.server.close()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def transport(time: Time) -> AsyncIterator[ServiceTransport]:
    transport = ServiceTransport(clock=time, sleep=time.sleep)
    yield transport
    await transport.close()


def issue(audience: str, acting: Acting | None) -> str:
    return f"{audience}-{acting.name if acting else 'itself'}"


@pytest.fixture
def client(remote: Remote, transport: ServiceTransport) -> ServiceClient:
    return ServiceClient(issue, Runtime(), transport, {"notebook": remote.url})


def refused(status: int, code: str, **more: Any) -> web.Response:
    headers = more.pop("headers", {})
    return web.json_response({"error": code, "message": "No.", "details": more}, status=status, headers=headers)


async def test_a_call_over_http_carries_path_query_body_and_token(client: ServiceClient, remote: Remote) -> None:
    remote.will(web.json_response({"items": []}))
    assert await client.call("notebook", FIND, Find(2, "a b&c/d", newest=False)) == Notes(())
    assert await client.call("notebook", WRITE, Write(2, "hi"), acting=ANN) == Note(2, 1)
    remote.will(204)
    assert await client.call("notebook", DROP, NoteName(2, "a/b?c")) is None
    assert await client.call("notebook", RING, Ring("good")) == Note(2, 1)
    assert remote.asked == [
        ("GET", "/api/v1/communities/2/notes?text=a+b%26c%2Fd&newest=false", b"", "Bearer notebook-itself"),
        ("POST", "/api/v1/communities/2/notes", b'{"text":"hi","more":{}}', "Bearer notebook-Ann"),
        ("DELETE", "/api/v1/communities/2/notes/a%2Fb%3Fc", b"", "Bearer notebook-itself"),
        ("POST", "/api/v1/ring", b'{"mood":"good"}', "Bearer notebook-itself"),
    ]


@pytest.mark.parametrize("name", ["..", ".", "a%2Fb", "x y", "ä", "?"])
async def test_a_name_never_leads_to_another_address(client: ServiceClient, remote: Remote, name: str) -> None:
    remote.will(204)
    await client.call("notebook", DROP, NoteName(2, name))
    assert unquote(remote.asked[0][1]) == f"/api/v1/communities/2/notes/{name}"


async def test_what_somebody_else_asked_is_passed_on_with_their_token(client: ServiceClient, remote: Remote) -> None:
    remote.will(web.json_response({"number": 7}, status=201), web.json_response({"error": "conflict"}, status=409))
    asked = Request("POST", ("api", "v1", "notes", "a/b ä"), {"q": "x&y"}, "wbot_user_x", b"{}")
    passed = await client.pass_on("notebook", asked, timeout=3)
    assert (passed.status, passed.body) == (201, b'{"number": 7}')
    assert passed.content_type.startswith("application/json")
    assert remote.asked == [("POST", "/api/v1/notes/a%2Fb%20%C3%A4?q=x%26y", b"{}", "Bearer wbot_user_x")]
    assert (await client.pass_on("notebook", asked, timeout=3)).status == 409
    with pytest.raises(NotFound, match="no such module"):
        await client.pass_on("nobody", asked, timeout=3)


@pytest.mark.parametrize("path", ["", "a//b", "a/../b", "a/%2e%2e", ".", "a%00", "a%5Cb", "a/%0A"])
def test_a_path_that_leads_anywhere_but_down_leads_nowhere(path: str) -> None:
    with pytest.raises(NotFound):
        parts_of(path)
    assert parts_of("a/b%2Fc/d") == ("a", "b/c", "d")


def arrived[Q](operation: Operation[Q, Any], request: Q) -> Q:
    """The request as the other side reads it out of the address."""
    where, body = address(operation, request)
    parts = urlsplit(where)
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]*)", re.escape(operation.path))
    in_path = re.fullmatch(pattern, parts.path)
    assert in_path is not None
    path_fields = {name: unquote(value) for name, value in in_path.groupdict().items()}
    return operation.decode(body, {**dict(parse_qsl(parts.query)), **path_fields})


@given(st.builds(Find, st.integers(0), st.text(max_size=20), st.integers(-9, 99), st.booleans()))
def test_what_goes_into_an_address_comes_out_again(asked: Find) -> None:
    assert arrived(FIND, asked) == asked
    name = NoteName(asked.community_id, asked.text or "x")
    assert arrived(DROP, name) == name
    note = Write(asked.community_id, asked.text, {"a": [asked.text]})
    assert arrived(WRITE, note) == note


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda: refused(404, "not_found", name="x"), NotFound),
        (lambda: refused(409, "conflict", name="x"), Conflict),
        (lambda: refused(403, "forbidden", name="x"), Forbidden),
    ],
)
async def test_a_refusal_over_there_is_the_same_refusal_here(
    client: ServiceClient, remote: Remote, answer: Callable[[], web.Response], kind: type[ServiceError]
) -> None:
    remote.will(answer())
    with pytest.raises(kind, match=r"No\.") as refusal:
        await client.call("notebook", RING, Ring())
    assert refusal.value.details == {"name": "x"}
    assert len(remote.asked) == 1


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("soon", None), ("²", None)])
async def test_how_long_to_wait_is_heard(
    client: ServiceClient, remote: Remote, header: str, seconds: float | None
) -> None:
    remote.will(refused(429, "too_many", headers={"Retry-After": header}))
    with pytest.raises(TooMany) as refusal:
        await client.call("notebook", RING, Ring())
    assert refusal.value.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (302, "The request failed"),
        (404, "The request failed"),
        (500, "The notebook module is not answering right now"),
        (502, "The notebook module is not answering right now"),
    ],
)
async def test_an_answer_that_is_none_of_ours_is_a_refusal_as_well(
    client: ServiceClient, remote: Remote, status: int, said: str
) -> None:
    remote.will(web.Response(status=status, text="<h1>Oh</h1>"), web.Response(status=status, text="[]"))
    for _ in range(2):
        with pytest.raises(ServiceError, match=said):
            await client.call("notebook", DROP, NoteName(2, "x"))


async def test_an_answer_that_cannot_be_read_is_the_others_fault(client: ServiceClient, remote: Remote) -> None:
    remote.will(web.Response(text="<h1>Welcome</h1>"))
    with pytest.raises(UpstreamFailed, match="something that cannot be read"):
        await client.call("notebook", RING, Ring())


async def test_an_unknown_module_is_away(client: ServiceClient, remote: Remote) -> None:
    with pytest.raises(Unavailable, match="The calendar module is not answering"):
        await client.call("calendar", RING, Ring())
    client.knows("calendar", remote.url)
    assert await client.call("calendar", RING, Ring()) == Note(2, 1)


async def test_503_is_asked_again_with_growing_waits(client: ServiceClient, remote: Remote, time: Time) -> None:
    remote.will(503, 503, 503)
    assert await client.call("notebook", RING, Ring()) == Note(2, 1)
    assert len(remote.asked) == 4
    assert [low <= slept <= high for slept, (low, high) in zip(
        time.slept, [(0.16, 0.24), (0.4, 0.6), (0.8, 1.2)], strict=True
    )] == [True, True, True]  # fmt: skip


async def test_a_module_that_stays_unavailable_says_so_itself(client: ServiceClient, remote: Remote) -> None:
    remote.will(*[refused(503, "unavailable") for _ in range(4)])
    with pytest.raises(Unavailable, match=r"No\."):
        await client.call("notebook", RING, Ring())
    assert remote.plan == []


async def test_what_may_have_happened_already_is_not_asked_again(client: ServiceClient, remote: Remote) -> None:
    remote.will(refused(503, "unknown_outcome"))
    with pytest.raises(UnknownOutcome):
        await client.call("notebook", RING, Ring())
    assert len(remote.asked) == 1


async def test_a_lost_connection_leaves_the_outcome_unknown(client: ServiceClient, remote: Remote) -> None:
    remote.will("hang up")
    with pytest.raises(UnknownOutcome, match=AWAY):
        await client.call("notebook", RING, Ring())
    assert len(remote.asked) == 1


async def test_no_answer_in_time_leaves_the_outcome_unknown(client: ServiceClient, remote: Remote) -> None:
    remote.will("wait")
    with pytest.raises(UnknownOutcome, match=AWAY):
        await client.call("notebook", RING, Ring(), timeout=0.05)


async def test_a_refused_connection_means_that_nothing_was_sent(client: ServiceClient, time: Time) -> None:
    client.knows("notebook", f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(Unavailable, match=AWAY) as refusal:
        await client.call("notebook", RING, Ring())
    assert type(refusal.value) is Unavailable
    assert len(time.slept) == 3


async def test_time_that_runs_out_between_two_tries_sent_nothing(remote: Remote) -> None:
    async def sleep_on(_: float) -> None:
        await remote.never.wait()

    transport = ServiceTransport(sleep=sleep_on)
    client = ServiceClient(issue, Runtime(), transport, {"notebook": f"http://127.0.0.1:{unused_port()}"})
    with pytest.raises(Unavailable) as refusal:
        await client.call("notebook", RING, Ring(), timeout=0.05)
    assert type(refusal.value) is Unavailable
    remote.will(503)
    client.knows("notebook", remote.url)
    with pytest.raises(Unavailable) as refusal:
        await client.call("notebook", RING, Ring(), timeout=0.5)
    assert type(refusal.value) is Unavailable
    await transport.close()


async def test_a_module_where_nobody_listens_is_left_alone_for_a_moment(
    client: ServiceClient, remote: Remote, transport: ServiceTransport, time: Time
) -> None:
    client.knows("notebook", f"http://127.0.0.1:{unused_port()}")
    for _ in range(2):
        with pytest.raises(Unavailable):
            await client.call("notebook", RING, Ring())
    assert transport.breakers["notebook"].state == "open"
    client.knows("notebook", remote.url)
    with pytest.raises(Unavailable) as refusal:
        await client.call("notebook", RING, Ring())
    assert refusal.value.retry_after == 2
    assert remote.asked == []
    time.now += 2
    assert await client.call("notebook", RING, Ring()) == Note(2, 1)
    assert transport.breakers["notebook"].state == "closed"


async def test_a_closed_session_opens_again(client: ServiceClient, transport: ServiceTransport) -> None:
    await transport.close()
    assert await client.call("notebook", RING, Ring()) == Note(2, 1)
    await transport.close()
    assert await client.call("notebook", RING, Ring()) == Note(2, 1)


class Here(Notebook):
    """The notebook in this process; a mood of `slow` never ends."""

    async def serve(self, key: tuple[str, str], token: str, body: bytes, extra: dict[str, str] | None = None) -> bytes:
        if b"slow" in body:
            await asyncio.Event().wait()
        return await super().serve(key, token.removeprefix("notebook-").lower(), body, extra)


@pytest.fixture
def here(transport: ServiceTransport) -> ServiceClient:
    runtime = Runtime()
    runtime.modules["notebook"] = Here()
    return ServiceClient(lambda audience, acting: issue(audience, acting).replace("itself", "router"), runtime,
                         transport, {})  # fmt: skip


async def test_modules_of_one_process_call_functions(here: ServiceClient) -> None:
    assert await here.call("notebook", FIND, Find(2, "x")) == Notes((Note(2, 10, "x True"),))
    assert await here.call("notebook", WRITE, Write(2, "hi"), acting=ANN) == Note(2, 1, "hi by Ann")
    assert await here.call("notebook", DROP, NoteName(2, "x")) is None


async def test_a_refusal_in_this_process_is_the_refusal_itself(here: ServiceClient) -> None:
    with pytest.raises(Conflict, match="pinned") as refusal:
        await here.call("notebook", DROP, NoteName(2, "pinned"))
    assert refusal.value.details == {"name": "pinned"}
    with pytest.raises(Forbidden):
        await here.call("notebook", WRITE, Write(2, "hi"))


async def test_a_function_that_takes_too_long_leaves_the_outcome_unknown(here: ServiceClient) -> None:
    with pytest.raises(UnknownOutcome, match=AWAY):
        await here.call("notebook", RING, Ring("slow"), timeout=0.05)


async def test_a_mistake_over_there_is_told_without_its_details(
    here: ServiceClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(ServiceError, match="went wrong on our side") as refusal:
        await here.call("notebook", RING, Ring("broken"))
    assert "secret" not in refusal.value.message
    assert refusal.value.details["trace"] in caplog.text


async def test_an_answer_of_another_version_cannot_be_read(here: ServiceClient) -> None:
    class Other(msgspec.Struct):
        mood: str
        needed: int

    changed = Operation("POST", "/api/v1/ring", Ring, Other, RING.callers, "Ring.")
    with pytest.raises(UpstreamFailed, match="notebook module answered something"):
        await here.call("notebook", changed, Ring())
