"""The desk's pages: what is kept about oneself, taking it along, erasing it, and what became of that by its number."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from quart import Blueprint, Response, request

from flask_core.contracts import data_desk, identity
from flask_core.errors import NotFound, ServiceError
from portal_module_flask.again import SignInAgain, browser
from portal_module_flask.desk_visits import DESK, at_the_desk, give_pass
from portal_module_flask.pages import ask, blueprint, field, go, page
from portal_module_flask.visits import Visit, door, looks, open_page

_NUMBER = re.compile("[0-9a-f]{32}")
_LONG = 20.0


def views() -> Blueprint:
    """/me/data and /data."""
    pages = blueprint("data")
    _of_oneself(pages)
    _by_number(pages)
    _entering(pages)
    return pages


def _of_oneself(pages: Blueprint) -> None:
    @pages.get(DESK)
    @at_the_desk
    async def show(visit: Visit) -> Any:
        return await _desk_page(visit)

    @pages.post(f"{DESK}/export")
    @at_the_desk
    async def export(visit: Visit) -> Any:
        try:
            await ask(visit, "identity", data_desk.ASK_EXPORT, data_desk.Nothing())
        except SignInAgain:
            return await _again_page(visit)
        except ServiceError as problem:
            return await _desk_page(visit, problem)
        return go(DESK)

    @pages.get(f"{DESK}/<number>/file")
    @at_the_desk
    async def take_along(visit: Visit, number: str) -> Any:
        try:
            file = await ask(visit, "identity", data_desk.FETCH_EXPORT, _numbered(number), seconds=_LONG)
        except SignInAgain:
            return await _again_page(visit)
        return _download(file.content, "application/zip", file.name)

    @pages.post(f"{DESK}/erase")
    @at_the_desk
    async def erase(visit: Visit) -> Any:
        try:
            asked = await ask(visit, "identity", data_desk.ASK_ERASE, data_desk.AskErase(await field("word")))
        except SignInAgain:
            return await _again_page(visit)
        except ServiceError as problem:
            return await _desk_page(visit, problem)
        return go(f"/data/{asked.number}")

    @pages.post(f"{DESK}/again")
    @at_the_desk
    async def sign_in_again(visit: Visit) -> Any:
        asked = identity.StepUp(visit.secret, await field("password"), await field("code"), browser())
        try:
            session = await door().client.call("identity", identity.STEP_UP, asked, timeout=_LONG)
        except ServiceError as problem:
            return await page("data_again", visit, status=problem.status, problem=problem)
        return door().let_in(go(DESK), session)


def _by_number(pages: Blueprint) -> None:
    @pages.get("/data/<number>")
    @open_page
    async def one(number: str) -> Any:
        return await _number_page(number)

    @pages.post("/data/<number>/call-off")
    @open_page
    async def call_off(number: str) -> Any:
        try:
            await door().client.call("identity", data_desk.CALL_OFF, _numbered(number))
        except ServiceError as problem:
            return await _number_page(number, problem)
        return go(f"/data/{number}")

    @pages.get("/data/<number>/receipt")
    @open_page
    async def receipt(number: str) -> Any:
        found = await door().client.call("identity", data_desk.REQUEST, _numbered(number), timeout=3)
        if found.receipt is None:
            raise NotFound("There is no receipt yet.")
        text = msgspec.json.format(msgspec.json.encode(found.receipt), indent=1)
        return _download(text, "application/json", f"receipt-{number}.json")

    @pages.get("/data/key")
    @open_page
    async def key() -> Any:
        found = await door().client.call("identity", data_desk.RECEIPT_KEY, data_desk.Nothing(), timeout=3)
        return _download(msgspec.json.encode(found), "application/json", "receipt-key.json")


def _entering(pages: Blueprint) -> None:
    @pages.get("/data/enter")
    @open_page
    async def door_step() -> Any:
        token = request.args.get("token", "")[:200]
        if not token:
            raise NotFound("This link is incomplete. Ask for a new one with !identity data.")
        return await page("data_enter", token=token)

    @pages.post("/data/enter")
    @open_page
    async def enter() -> Any:
        asked = data_desk.DeskLink((await field("token"))[:200])
        return give_pass(go(DESK), await door().client.call("identity", data_desk.ENTER, asked))


async def _desk_page(visit: Visit, problem: ServiceError | None = None) -> Any:
    try:
        desk = await ask(visit, "identity", data_desk.DESK, data_desk.Nothing(), seconds=_LONG)
    except SignInAgain:
        return await _again_page(visit)
    status = problem.status if problem else 200
    return await page("data", visit, status=status, desk=desk, problem=problem, word=data_desk.WORD)


async def _again_page(visit: Visit) -> Any:
    return await page("data_again", visit, status=401, problem=None)


async def _number_page(number: str, problem: ServiceError | None = None) -> Any:
    found = await door().client.call("identity", data_desk.REQUEST, _numbered(number), timeout=3)
    status = problem.status if problem else 200
    return await page("data_request", await looks(), status=status, one=found, problem=problem)


def _numbered(number: str) -> data_desk.RequestNumber:
    if not _NUMBER.fullmatch(number):
        raise NotFound("There is no such request.")
    return data_desk.RequestNumber(number)


def _download(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )  # fmt: skip
