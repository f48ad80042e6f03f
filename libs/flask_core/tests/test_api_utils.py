"""Operations over HTTP: through Quart and through the express lane, with one shape for every refusal."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quart import Quart
from quart.typing import TestClientProtocol as Client

from flask_core.api_utils import ExpressLane, add_routes, bearer, render_errors
from flask_core.errors import Unauthenticated

from .notebook import FIND, RING, WRITE, Notebook


@pytest.fixture
def app() -> Quart:
    app, server = Quart("notebook"), Notebook()
    render_errors(app)
    add_routes(app, server.endpoints, server)
    lane = ExpressLane(app.asgi_app, server)
    lane.add(server.endpoints)
    app.asgi_app = lane  # type: ignore[method-assign]
    return app


@pytest.fixture
def web(app: Quart) -> Client:
    return app.test_client()


NOTES = "/api/v1/communities/2/notes"


async def ask(web: Client, method: str, path: str, token: str = "router", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = await web.open(path, method=method, headers=headers, **more)
    body = await response.get_data(as_text=False)
    return response.status_code, msgspec.json.decode(body) if body else None, response.headers


async def refusal(web: Client, method: str, path: str, **more: Any) -> tuple[int, str, str]:
    status, body, _ = await ask(web, method, path, **more)
    assert body.keys() == {"error", "message", "details"}
    return status, body["error"], body["message"]


async def test_path_query_and_body_make_one_request(web: Client) -> None:
    status, body, headers = await ask(web, "GET", f"{NOTES}?text=a%20b&newest=false&limit=3&community_id=9")
    assert (status, body["items"], headers["Content-Type"]) == (
        200, [{"community_id": 2, "number": 3, "text": "a b False"}], "application/json",
    )  # fmt: skip
    assert (await ask(web, "POST", NOTES, "ann", data=b'{"text": "hi", "community_id": 9}'))[:2] == (
        201, {"community_id": 2, "number": 1, "text": "hi by Ann"},
    )  # fmt: skip
    assert (await ask(web, "DELETE", f"{NOTES}/x"))[:2] == (204, None)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Token abc"])
async def test_without_a_token_nothing_opens(web: Client, header: str | None) -> None:
    for method, path in (("GET", NOTES), ("POST", "/api/v1/ring")):
        response = await web.open(path, method=method, headers={"Authorization": header} if header else {})
        assert response.status_code == 401
        assert (await response.get_json())["error"] == "unauthenticated"


def test_the_scheme_may_be_written_in_any_way() -> None:
    assert bearer("bearer abc") == bearer("BEARER abc") == "abc"


@given(st.none() | st.text(max_size=30))
def test_a_header_has_a_token_or_is_refused(header: str | None) -> None:
    try:
        assert bearer(header)
    except Unauthenticated:
        return
    assert (header or "").lower().startswith("bearer ")


@pytest.mark.parametrize(
    ("method", "path", "more", "said"),
    [
        ("GET", "/nowhere", {}, (404, "not_found")),
        ("PATCH", NOTES, {}, (405, "invalid")),
        ("GET", f"{NOTES}?limit=many", {}, (400, "invalid")),
        ("GET", "/api/v1/communities/two/notes", {}, (400, "invalid")),
        ("POST", NOTES, {"token": "ann", "data": b"{"}, (400, "invalid")),
        ("POST", NOTES, {"token": "router", "data": b'{"text":"x"}'}, (403, "forbidden")),
        ("POST", NOTES, {"token": "ann", "data": b"x" * 2_001}, (413, "too_large")),
        ("DELETE", f"{NOTES}/pinned", {}, (409, "conflict")),
        ("POST", "/api/v1/ring", {"token": "nobody"}, (401, "unauthenticated")),
        ("POST", "/api/v1/ring", {"data": b"{"}, (400, "invalid")),
        ("POST", "/api/v1/ring", {"data": b"x" * 2_001}, (413, "too_large")),
        ("POST", "/api/v1/ring", {"data": b'{"mood":"busy"}'}, (429, "too_many")),
        ("GET", "/api/v1/ring", {}, (405, "invalid")),
    ],
)
async def test_every_refusal_has_one_shape(
    web: Client, method: str, path: str, more: dict[str, Any], said: tuple[int, str]
) -> None:
    assert (await refusal(web, method, path, **more))[:2] == said


async def test_a_body_is_counted_while_it_comes(web: Client) -> None:
    headers = {"Authorization": "Bearer ann", "Transfer-Encoding": "chunked"}
    async with web.request(NOTES, method="POST", headers=headers) as sending:
        await sending.send(b"x" * 1_500)
        await sending.send(b"x" * 1_500)
        # It never says that this was all.
    response = await sending.as_response()
    assert response.status_code == 413
    assert (await response.get_json())["message"] == "Send at most 2000 bytes."


async def test_a_body_that_never_ends_is_not_waited_for(app: Quart, web: Client) -> None:
    app.config["BODY_TIMEOUT"] = 0.01
    async with web.request(NOTES, method="POST", headers={"Authorization": "Bearer ann"}) as sending:
        await sending.send(b"x")
    response = await sending.as_response()
    assert response.status_code == 400
    assert (await response.get_json())["message"] == "The request took too long."


async def test_a_refusal_says_what_else_and_when(web: Client) -> None:
    assert (await ask(web, "POST", "/api/v1/ring", data=b'{"mood":"busy"}'))[2]["Retry-After"] == "3"
    assert "GET" in (await ask(web, "PATCH", NOTES))[2]["Allow"]
    assert (await ask(web, "DELETE", f"{NOTES}/pinned"))[1]["details"] == {"name": "pinned"}


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("POST", "/api/v1/ring", {"data": b'{"mood":"broken"}'}),
        ("GET", "/api/v1/mine?mood=broken", {"token": "ann"}),
    ],
)
async def test_what_nobody_foresaw_is_told_without_its_details(
    web: Client, caplog: pytest.LogCaptureFixture, method: str, path: str, more: dict[str, Any]
) -> None:
    with caplog.at_level(logging.ERROR):
        status, error, message = await refusal(web, method, path, **more)
    assert (status, error) == (500, "failed")
    assert message.startswith("Something went wrong on our side (trace ")
    assert "secret" not in message
    trace = message.partition("trace ")[2][:8]
    assert trace in caplog.text
    assert "a secret detail" in caplog.text


async def through_the_lane(messages: list[dict[str, Any]], headers: list[tuple[bytes, bytes]]) -> tuple[int, Any]:
    server, sent = Notebook(), []

    async def nobody(*_: Any) -> None:
        raise AssertionError("the lane takes this one")

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    lane = ExpressLane(nobody, server)
    lane.add(server.endpoints)
    await lane({"type": "http", "method": "POST", "path": RING.path, "headers": headers}, receive, send)
    start, body = sent
    assert dict(start["headers"])[b"content-length"] == b"%d" % len(body["body"])
    return start["status"], msgspec.json.decode(body["body"])


TOKEN = [(b"host", b"here"), (b"authorization", b"Bearer router")]


async def test_a_body_comes_in_pieces() -> None:
    pieces = [
        {"type": "http.request", "body": b'{"mood"', "more_body": True},
        {"type": "http.request", "more_body": True},
        {"type": "http.request", "body": b':"good"}'},
    ]
    assert await through_the_lane(pieces, TOKEN) == (200, {"community_id": 0, "number": 7, "text": "good"})


async def test_a_body_without_end_is_cut_off() -> None:
    piece = {"type": "http.request", "body": b" " * 500, "more_body": True}
    pieces = [piece] * 100
    assert (await through_the_lane(pieces, TOKEN))[0] == 413
    assert len(pieces) == 95


async def test_who_hangs_up_early_is_not_served() -> None:
    status, body = await through_the_lane([{"type": "http.disconnect"}], TOKEN)
    assert (status, body["message"]) == (400, "The request ended too early.")


async def test_nothing_is_read_from_strangers() -> None:
    assert (await through_the_lane([], []))[0] == 401


async def test_a_request_that_is_called_off_is_called_off() -> None:
    class Slow(Notebook):
        async def serve(self, *_: Any) -> bytes:
            raise asyncio.CancelledError

    lane = ExpressLane(Quart("x").asgi_app, Slow())
    lane.add(Notebook().endpoints)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    async def send(_: Any) -> None:
        raise AssertionError("nobody is there to hear")

    scope = {"type": "http", "method": "POST", "path": RING.path, "headers": TOKEN}
    with pytest.raises(asyncio.CancelledError):
        await lane(scope, receive, send)


def test_only_express_operations_take_the_lane() -> None:
    server = Notebook()
    lane = ExpressLane(Quart("x").asgi_app, server)
    lane.add(server.endpoints)
    assert RING.key in lane._operations
    assert not {FIND.key, WRITE.key} & lane._operations.keys()
