"""The fake Twitch's `/helix/eventsub/subscriptions`: what is told to whom, over which transport, at which cost."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web

from flask_core.testing.fake_twitch_refusals import Refused, known

if TYPE_CHECKING:
    from flask_core.testing.fake_twitch import FakeTwitch, Issued

MOST_PER_SOCKET, MOST_SOCKETS, MOST_ALIKE = 300, 3, 3
_PAGE = 100


class SubscriptionPages:
    """Listing, making and ending them."""

    def __init__(self, twitch: FakeTwitch) -> None:
        self._twitch = twitch
        # Ten thousands of subscriptions are no hurry to make: what limits ask about is found without a search.
        self._alike: dict[tuple[str, frozenset[tuple[str, str]]], list[str]] = {}
        self._costly: set[str] = set()

    async def listed(self, request: web.Request) -> web.Response:
        """At least two pages, so that somebody who reads the first one only is found out."""
        token = known(self._twitch, request)
        visible = [one for one in self._twitch.subscriptions.values() if _belongs(one, token)]
        size = min(_PAGE, (len(visible) + 1) // 2)
        start = int(request.query.get("after", "0"))
        page = [shown(one) for one in visible[start : start + size]]
        cursor = {"cursor": str(start + size)} if start + size < len(visible) else {}
        cost = {"total": len(visible), "total_cost": sum(one["cost"] for one in visible),
                "max_total_cost": self._most(token)}  # fmt: skip
        return web.json_response({"data": page, "pagination": cursor, **cost})

    async def make(self, request: web.Request) -> web.Response:
        """A new one; webhooks have to answer a challenge first."""
        token, asked = known(self._twitch, request), await request.json()
        if status := self._twitch.refuses.get(asked["type"]):
            raise Refused(status, "subscription missing proper authorization")
        transport = self._transport(token, asked["transport"])
        self._within_limits(token, asked, transport)
        webhook = transport["method"] == "webhook"
        made = {
            "id": secrets.token_hex(12), "type": asked["type"], "version": asked["version"],
            "condition": asked["condition"], "transport": transport, "created_at": "2026-11-24T12:00:00Z",
            "status": "webhook_callback_verification_pending" if webhook else "enabled",
            "cost": self._cost(asked["condition"]), "secret": asked["transport"].get("secret", ""),
            "owner": token.user.id if token.user else "",
        }  # fmt: skip
        self._twitch.subscriptions[made["id"]] = made
        self._alike.setdefault(_key(asked), []).append(made["id"])
        if made["cost"]:
            self._costly.add(made["id"])
        if webhook:
            asyncio.get_running_loop().create_task(self._twitch.challenge(made))
        return web.json_response({"data": [shown(made)], "total": 1}, status=202)

    async def end(self, request: web.Request) -> web.Response:
        """One is told no more."""
        known(self._twitch, request)
        if self._twitch.subscriptions.pop(request.query["id"], None) is None:
            raise Refused(404, "subscription not found")
        return web.Response(status=204)

    def _transport(self, token: Issued, asked: dict[str, str]) -> dict[str, str]:
        method = asked["method"]
        if (method == "websocket") != (token.user is not None):
            raise Refused(400, f"{method} takes another kind of token")
        if method == "webhook":
            return {"method": method, "callback": asked["callback"]}
        if method == "conduit":
            if asked["conduit_id"] not in self._twitch.conduits:
                raise Refused(400, "conduit not found")
            return {"method": method, "conduit_id": asked["conduit_id"]}
        session = self._twitch.sockets.open.get(asked["session_id"])
        if session is None:
            raise Refused(400, "websocket transport session does not exist or has already disconnected")
        assert token.user is not None, "websockets take a user's token"
        if session.user_id not in {"", token.user.id}:
            raise Refused(400, "websocket transport cannot have subscriptions created by different users")
        session.user_id, session.used = token.user.id, True
        return {"method": method, "session_id": session.id}

    def _within_limits(self, token: Issued, asked: dict[str, Any], transport: dict[str, str]) -> None:
        known = self._twitch.subscriptions
        alike = [known[one] for one in self._alike.get(_key(asked), ()) if one in known]
        alike = [one for one in alike if one["status"] == "enabled"]
        if any(one["transport"] == transport for one in alike):
            raise Refused(409, "subscription already exists")
        if len(alike) >= MOST_ALIKE:
            raise Refused(429, "maximum subscriptions with type and condition exceeded")
        if transport["method"] != "websocket":
            spent = sum(known[one]["cost"] for one in self._costly & known.keys() if not known[one]["owner"])
        else:
            mine = [one for one in known.values() if _belongs(one, token)]
            spent = sum(one["cost"] for one in mine)
            if sum(one["transport"] == transport for one in mine) >= MOST_PER_SOCKET:
                raise Refused(429, "number of websocket transport subscriptions exceeded")
            if len({one["transport"]["session_id"] for one in mine} | {transport["session_id"]}) > MOST_SOCKETS:
                raise Refused(429, "number of websocket transports limit exceeded")
        if spent + self._cost(asked["condition"]) > self._most(token):
            raise Refused(429, "subscription total cost exceeded")

    def _most(self, token: Issued) -> int:
        return 10 if token.user is not None else self._twitch.max_total_cost

    def _cost(self, condition: dict[str, str]) -> int:
        """Free where anybody it is about has signed in with this client."""
        about = set(condition.values())
        return 0 if about & self._twitch.signed_in() or "client_id" in condition else 1


def _key(asked: dict[str, Any]) -> tuple[str, frozenset[tuple[str, str]]]:
    return asked["type"], frozenset(asked["condition"].items())


def shown(subscription: dict[str, Any]) -> dict[str, Any]:
    """As everybody may see it."""
    return {name: value for name, value in subscription.items() if name not in {"secret", "owner"}}


def _belongs(subscription: dict[str, Any], token: Issued) -> bool:
    return bool(subscription["owner"] == (token.user.id if token.user else ""))
