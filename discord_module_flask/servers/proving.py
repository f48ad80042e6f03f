"""Proving at Discord that one manages a server: the same way invites the bot into it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from discord_module_flask.health import AUTHORIZE
from discord_module_flask.places import ADMINISTRATOR, MANAGE_GUILD, NEEDED
from discord_module_flask.servers.audit_repository import By
from discord_module_flask.servers.known import KnownGuilds
from discord_module_flask.servers.proof_repository import ProofRepository
from flask_core.auth import hashed, new_secret, utc_now
from flask_core.contracts import discord_guilds as contract
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, ServiceError, UpstreamFailed
from flask_core.http_client import HttpClient
from flask_core.operations import Acting

log = logging.getLogger(__name__)

SCOPES = "identify guilds bot applications.commands"
LIFE = timedelta(minutes=10)
_BAD, _NAME = 400, "Discord"
_ELSEWHERE = "Begin again in the portal: this way was not begun here, or too long ago."


@dataclass(frozen=True, slots=True)
class Application:
    """The operator's application at Discord, and where it sends people back to."""

    id: str
    secret: str
    portal_url: str
    api_url: str

    @property
    def complete(self) -> bool:
        """Whether anybody can go there and come back."""
        return bool(self.id and self.secret and self.portal_url)

    @property
    def redirect(self) -> str:
        """The address, as it stands in the developer portal."""
        return f"{self.portal_url}/connect/discord/callback"


class _Token(msgspec.Struct):
    access_token: str


class _Guild(msgspec.Struct):
    id: str
    name: str
    owner: bool = False
    permissions: str = "0"


class Proving:
    """`start` gives an address of Discord's; `finish` takes what came back, asks who that is, and forgets the token."""

    def __init__(
        self,
        application: Application,
        http: HttpClient,
        proofs: ProofRepository,
        known: KnownGuilds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._application = application
        self._http = http
        self._proofs = proofs
        self._known = known
        self._now = now

    @property
    def possible(self) -> bool:
        """Whether the operator has set up everything that it takes."""
        return self._application.complete

    async def start(self, asked: contract.StartProof, person: Acting) -> contract.ProofUrl:
        """Where Discord asks the person. Raises Conflict where the operator has not set that up."""
        if not self.possible:
            raise Conflict("Set DISCORD_APPLICATION_ID, DISCORD_CLIENT_SECRET and PUBLIC_URL first.")
        state = new_secret()
        now = self._now()
        await self._proofs.add(hashed(state), person.person_id, asked.community_id, now + LIFE, now)
        query = {
            "client_id": self._application.id, "response_type": "code", "scope": SCOPES, "state": state,
            "permissions": str(sum(NEEDED.values())), "redirect_uri": self._application.redirect,
        }  # fmt: skip
        return contract.ProofUrl(f"{AUTHORIZE}?{urlencode(query)}")

    async def finish(self, asked: contract.FinishProof, person: Acting) -> contract.Proved:
        """The server is the community's. Raises InvalidInput for a state that is nobody's or somebody else's, and
        Forbidden for somebody who does not manage the server.
        """
        begun = await self._proofs.take(hashed(asked.state), self._now())
        if begun is None or begun[0] != person.person_id:
            raise InvalidInput(_ELSEWHERE, field="state")
        token = await self._token(asked.code)
        try:
            managed = await self._managed(token)
        finally:
            await self._give_back(token)
        guild = next((one for one in managed if one.id == asked.guild_id), None)
        if guild is None:
            raise Forbidden("Only its owner, or somebody who may manage the server, can connect it.")
        if not await self._known.some([guild.id]):
            raise NotFound(f"The bot is not in {guild.name} yet. Invite it, and connect the server then.")
        await self._proofs.keep(guild.id, By(begun[1], person.person_id, self._now()))
        return contract.Proved(guild.id, guild.name, begun[1])

    async def _token(self, code: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._application.redirect}
        return (await self._posted("token", form, _Token)).access_token

    async def _managed(self, token: str) -> list[_Guild]:
        answer = await self._http.request(
            "GET", f"{self._application.api_url}/users/@me/guilds", headers={"Authorization": f"Bearer {token}"},
            name=_NAME,
        )  # fmt: skip
        guilds = _decoded(answer.status_code, answer.content, list[_Guild])
        return [one for one in guilds if one.owner or int(one.permissions) & (ADMINISTRATOR | MANAGE_GUILD)]

    async def _give_back(self, token: str) -> None:
        try:
            await self._posted("token/revoke", {"token": token}, dict[str, Any])
        except ServiceError as error:
            log.warning("a token is not given back: %s", error.code)

    async def _posted[T](self, path: str, form: dict[str, str], kind: type[T]) -> T:
        known = {"client_id": self._application.id, "client_secret": self._application.secret}
        answer = await self._http.request(
            "POST", f"{self._application.api_url}/oauth2/{path}", data={**form, **known}, name=_NAME
        )
        return _decoded(answer.status_code, answer.content, kind)


def _decoded[T](status: int, body: bytes, kind: type[T]) -> T:
    if status >= _BAD:
        raise InvalidInput("Discord does not know this code any more. Begin again in the portal.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise UpstreamFailed("Discord answered something that cannot be read.") from error
