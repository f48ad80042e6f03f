"""The pages themselves and their WebSocket: protocol 1."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import msgspec
from quart import Blueprint, Response, current_app, render_template, request, websocket

from browser_source_core_module_flask.overlay_repository import Opened
from browser_source_core_module_flask.pages import HEARTBEAT_SECONDS, Audience, Page
from browser_source_core_module_flask.screens import SIZES, Screens
from flask_core.auth import utc_now
from flask_core.errors import NotFound, TooMany
from flask_core.shared_state import SharedState

PROTOCOL = 1
_WRONG_PER_MINUTE = 20
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; media-src 'self' https:;"
    " connect-src 'self' {socket}; frame-ancestors 'self' {portal}; base-uri 'none'; form-action 'none'"
)


def pages(screens: Screens, audience: Audience, shared: SharedState, portal_origin: str) -> Blueprint:
    """The capability addresses: the page, one widget of it, and the socket."""
    # Its files lie below /overlay too: that is the one path which a proxy hands to this module.
    routes = Blueprint("overlay", __name__, static_folder="static", static_url_path="/overlay/static")

    async def opened(secret: str) -> Opened:
        """What the secret opens; wrong ones are counted per address, and all look alike."""
        found = await screens.overlays.opened_by(secret, utc_now())
        if found is None:
            origin = (request or websocket).remote_addr
            if await shared.increment(f"overlay:wrong:{origin}", 60) > _WRONG_PER_MINUTE:
                raise TooMany("Too many wrong addresses.", retry_after=60)
            raise NotFound("There is no such overlay.")
        return found

    @routes.get("/overlay/<secret>", defaults={"widget": "all"})
    @routes.get("/overlay/<secret>/<widget>")
    async def page(secret: str, widget: str) -> Response:
        found = await opened(secret)
        if widget not in SIZES or (widget != "all" and found.widget not in {"all", widget}):
            raise NotFound("There is no such overlay.")
        text = await render_template("overlay.html", widget=found.widget if widget == "all" else widget)
        response = Response(text, content_type="text/html; charset=utf-8")
        scheme = "wss" if request.scheme == "https" else "ws"
        policy = _POLICY.format(socket=f"{scheme}://{request.host}", portal=portal_origin)
        response.headers["Content-Security-Policy"] = policy
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @routes.websocket("/overlay/<secret>/socket")
    async def socket(secret: str) -> None:
        found = await screens.overlays.opened_by(secret, utc_now())
        await websocket.accept()
        if found is None or not _own_origin():
            await websocket.close(1008)
        elif not audience.admits(found.overlay_id):
            await websocket.close(4429)
        else:
            await _serve_page(screens, audience, found, secret)

    return routes


def _own_origin() -> bool:
    """A browser says from which site it comes; only our own pages may listen."""
    origin = websocket.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == websocket.host


async def _serve_page(screens: Screens, audience: Audience, found: Opened, secret: str) -> None:
    place = (found.community_id, found.stage)
    page = Page(found.overlay_id, found.stage, found.widget, _deadline(found.valid_until))
    audience.join(place, page)
    listening = asyncio.create_task(_listen(screens, page, place))
    try:
        await _look_again(screens, page, secret)
        await _send(screens, page, place)
    finally:
        audience.leave(place, page)
        listening.cancel()


async def _look_again(screens: Screens, page: Page, secret: str) -> None:
    """An address that ended between our first look and the joining told everybody but this page."""
    found = await screens.overlays.opened_by(secret, utc_now())
    if found is None:
        page.send(1008)
    else:
        page.valid_until = _deadline(found.valid_until)


def _deadline(until: datetime | None) -> float | None:
    return None if until is None else time.monotonic() + (until - utc_now()).total_seconds()


async def _send(screens: Screens, page: Page, place: tuple[int, str]) -> None:
    """Everything queued, in order; a number is a code to close with."""
    while True:
        text = await page.unsent.get()
        if page.missed:
            page.missed = False
            await websocket.send(await _state(screens, page, place))
        if isinstance(text, int):
            await websocket.close(text)
            return
        await websocket.send(text)


async def _listen(screens: Screens, page: Page, place: tuple[int, str]) -> None:
    """What the page says; unknown types are ignored."""
    while True:
        raw = await websocket.receive()
        page.heard_at = time.monotonic()
        try:
            said: Any = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            continue
        kind = said.get("type") if isinstance(said, dict) else None
        if kind == "hello":
            protocols = said.get("protocols")
            if not isinstance(protocols, list) or PROTOCOL not in protocols:
                page.send(4406)
                return
            page.greeted = True
            page.send(_welcome(screens, page))
            page.send(await _state(screens, page, place))
        elif kind == "resync":
            page.send(await _state(screens, page, place))
        elif kind == "visible":
            page.visible = bool(said.get("visible", True))
            await screens.runner.wake(place)


def _welcome(screens: Screens, page: Page) -> str:
    widgets = [name for name in SIZES if name != "all" and page.sees(name)]
    welcome = {
        "v": PROTOCOL, "seq": 0, "type": "welcome", "protocol": PROTOCOL, "page_version": page_version(),
        "widgets": widgets, "heartbeat": HEARTBEAT_SECONDS, "server_time": utc_now(),
    }  # fmt: skip
    return msgspec.json.encode(welcome).decode()


async def _state(screens: Screens, page: Page, place: tuple[int, str]) -> str:
    items = [item for item in await screens.runner.state(place) if page.sees(item["lane"])]
    seq = await screens.runner.sequence(place)
    return msgspec.json.encode({"v": PROTOCOL, "seq": seq, "type": "state", "items": items}).decode()


def page_version() -> str:
    """By which a page knows that it is old: the version of the module."""
    service = current_app.extensions["waddlebot"]
    return str(service.manifest.version)
