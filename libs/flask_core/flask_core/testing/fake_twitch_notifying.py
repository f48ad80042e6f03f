"""How the fake Twitch tells its subscribers what happens, over each of its three transports."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from flask_core.testing.fake_twitch_conduits import Conduit, new_conduit
from flask_core.testing.fake_twitch_refusals import CLIENT_ID
from flask_core.testing.fake_twitch_sockets import FakeSockets
from flask_core.testing.fake_twitch_subscriptions import shown


@dataclass
class Notifying:
    """Subscriptions with the webhooks, sockets and conduits that they lead to."""

    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    conduits: dict[str, Conduit] = field(default_factory=dict)
    sockets: FakeSockets = field(default_factory=FakeSockets)
    lost: list[dict[str, Any]] = field(default_factory=list)
    post: Callable[[str, dict[str, str], bytes], Awaitable[tuple[int, str]]] | None = None
    _tasks: set[asyncio.Task[int]] = field(default_factory=set)

    async def notify(self, kind: str, event: dict[str, Any], message_id: str = "") -> int:
        """Something happens; the status that the last subscriber answered with, 204 for one that has no answers.

        Everybody who asked for it is told, each with a message id of its own unless one is given.
        """
        subject = event.get("to_broadcaster_user_id") or event.get("broadcaster_user_id") or event.get("to_user_id")
        found = self.about(kind, str(subject or CLIENT_ID))
        if not found:
            raise LookupError(f"nobody is told of {kind}")
        return [await self.deliver(one, event, message_id) for one in found][-1]

    def about(self, kind: str, *subjects: str) -> list[dict[str, Any]]:
        """The enabled subscriptions to `kind` whose condition names one of these."""
        return [
            one for one in list(self.subscriptions.values())
            if one["type"] == kind and one["status"] == "enabled" and set(subjects) & set(one["condition"].values())
        ]  # fmt: skip

    async def deliver(self, subscription: dict[str, Any], event: dict[str, Any], message_id: str = "") -> int:
        """Tell one subscriber."""
        if subscription["transport"]["method"] == "webhook":
            return (await self._post(subscription, "notification", {"event": event}, message_id))[0]
        await self._tell(subscription, "notification", {"event": event}, message_id)
        return 204

    async def revoke(self, kind: str, why: str) -> int:
        """Twitch ends a subscription."""
        found = next(one for one in self.subscriptions.values() if one["type"] == kind)
        found["status"] = why
        if found["transport"]["method"] == "webhook":
            return (await self._post(found, "revocation", {}))[0]
        await self._tell(found, "revocation", {})
        return 204

    async def _tell(self, subscription: dict[str, Any], kind: str, more: dict[str, Any], message_id: str = "") -> None:
        payload, transport = {"subscription": shown(subscription), **more}, subscription["transport"]
        about = {"subscription_type": subscription["type"], "subscription_version": subscription["version"]}
        if transport["method"] == "websocket":
            session = self.sockets.now(transport["session_id"])
            told = session is not None and await session.tell(kind, payload, message_id, **about)
        else:
            told = await self._through(self.conduits[transport["conduit_id"]], kind, payload, message_id, about)
        if not told:
            self.lost.append(payload)

    async def _through(
        self, conduit: Conduit, kind: str, payload: dict[str, Any], message_id: str, about: dict[str, str]
    ) -> bool:
        """Where one shard cannot take it another is tried, once."""
        for _ in range(2):
            if (number := conduit.next_shard()) is None:
                return False
            session = self.sockets.now(conduit.shards[number])
            if session is not None and await session.tell(kind, payload, message_id, **about):
                if self.sockets.on_told is not None:
                    self.sockets.on_told(session, message_id)
                return True
            self.disable_shard(conduit, number)
        return False

    def look_at_shards(self, conduit: Conduit) -> None:
        """Notice which shards nobody reads any more."""
        for number, session_id in list(conduit.shards.items()):
            session = self.sockets.now(session_id)
            if session is not None:
                conduit.shards[number] = session.id
            elif number not in conduit.disabled:
                self.disable_shard(conduit, number)

    def disable_shard(self, conduit: Conduit, number: int, status: str = "websocket_disconnected") -> None:
        """A shard is read no more, and whoever asked is told."""
        conduit.disabled[number] = status
        event = {"conduit_id": conduit.id, "shard_id": str(number), "status": status,
                 "transport": {"method": "websocket", "session_id": conduit.shards[number]}}  # fmt: skip
        for one in self.about("conduit.shard.disabled", CLIENT_ID):
            self.soon(self.deliver(one, event))

    def soon(self, telling: Coroutine[Any, Any, int]) -> None:
        """Tell somebody something while everything else goes on."""
        task = asyncio.get_running_loop().create_task(telling)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def add_conduit(self, shard_count: int) -> Conduit:
        """A new one."""
        conduit = new_conduit(shard_count)
        self.conduits[conduit.id] = conduit
        return conduit

    def end_conduit(self, conduit_id: str) -> None:
        """One is gone, with everything that was told through it."""
        del self.conduits[conduit_id]
        for one in list(self.subscriptions.values()):
            if one["transport"].get("conduit_id") == conduit_id:
                del self.subscriptions[one["id"]]

    async def _post(
        self, subscription: dict[str, Any], kind: str, more: dict[str, Any], message_id: str = ""
    ) -> tuple[int, str]:
        body = json.dumps({"subscription": shown(subscription), **more}).encode()
        headers = signed_headers(subscription["secret"], body, kind, subscription["type"], message_id=message_id)
        callback = subscription["transport"]["callback"]
        if self.post is not None:
            return await self.post(callback, headers, body)
        async with aiohttp.ClientSession() as session, session.post(callback, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def challenge(self, subscription: dict[str, Any]) -> None:
        """Ask the callback whether it wants what was asked for."""
        challenge = secrets.token_hex(8)
        status, answer = await self._post(subscription, "webhook_callback_verification", {"challenge": challenge})
        right = status == 200 and answer == challenge
        subscription["status"] = "enabled" if right else "webhook_callback_verification_failed"


def signed_headers(
    secret: str, body: bytes, kind: str, subscription_type: str, *, message_id: str = "", at: str = ""
) -> dict[str, str]:
    """The headers with which Twitch sends `body`."""
    message_id, at = message_id or secrets.token_hex(16), at or datetime.now(UTC).isoformat().replace("+00:00", "Z")
    digest = hmac.new(secret.encode(), message_id.encode() + at.encode() + body, hashlib.sha256).hexdigest()
    prefix = "Twitch-Eventsub-Message-"
    return {
        f"{prefix}Id": message_id, f"{prefix}Timestamp": at, f"{prefix}Signature": f"sha256={digest}",
        f"{prefix}Type": kind, f"{prefix}Retry": "0", "Twitch-Eventsub-Subscription-Type": subscription_type,
        "Twitch-Eventsub-Subscription-Version": "1", "Content-Type": "application/json",
    }  # fmt: skip
