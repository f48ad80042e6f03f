"""Where third parties' modules are registered, and where they answer late."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from flask_core.api_utils import JSON, whole_body
from flask_core.contracts import external, router
from flask_core.errors import NotFound
from flask_core.operations import Caller, Endpoints
from router_module_flask.executors.callbacks import MOST_BYTES, PATH, Callbacks
from router_module_flask.executors.grants import Grants
from router_module_flask.executors.register import Register


def executor_endpoints(register: Register, grants: Grants) -> Endpoints:
    """What the marketplace asks for."""
    api = Endpoints()

    @api.offers(external.REGISTER)
    async def take(asked: external.ExternalModule, _: Caller) -> router.Welcome:
        await register.register(asked)
        return router.Welcome(0)

    @api.offers(external.UNREGISTER)
    async def forget(asked: external.ModuleName, _: Caller) -> None:
        await register.unregister(asked.name)

    @api.offers(external.GRANT)
    async def grant(asked: external.Grant, caller: Caller) -> external.Grant:
        if asked.name not in register.executors:
            raise NotFound(f"No third party's module is called {asked.name[:40]}.")
        return await grants.grant(asked, caller.service)

    return api


def callback_pages(callbacks: Callbacks) -> Blueprint:
    """The one door without a token of ours: its address is the token."""
    pages = Blueprint("callbacks", __name__)

    @pages.post(f"{PATH}<token>")
    async def answer(token: str) -> Response:
        taken = await callbacks.take(token, await whole_body(MOST_BYTES))
        return Response(msgspec.json.encode(taken), 202, content_type=JSON)

    return pages
