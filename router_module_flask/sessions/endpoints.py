"""What the router offers modules that hold a conversation."""

from __future__ import annotations

from flask_core.contracts import sessions as contract
from flask_core.operations import Caller, Endpoints
from router_module_flask.sessions.sessions import Sessions


def session_endpoints(sessions: Sessions) -> Endpoints:
    """A module's own sessions; those of others are not there."""
    api = Endpoints()

    @api.offers(contract.GET_SESSION)
    async def get(asked: contract.SessionId, caller: Caller) -> contract.Session:
        return await sessions.get(asked.id, caller.service)

    @api.offers(contract.PUT_SESSION)
    async def put(asked: contract.Session, caller: Caller) -> contract.Session:
        return await sessions.put(asked, caller.service)

    @api.offers(contract.END_SESSION)
    async def end(asked: contract.SessionId, caller: Caller) -> None:
        await sessions.end(asked.id, caller.service)

    return api
