"""Twitch's tokens: for the application, for accounts by code, and how they are renewed, checked and given back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.errors import Conflict, Forbidden, InvalidInput, ServiceError, Unauthenticated, UpstreamFailed
from flask_core.http_client import HttpClient
from twitch_module_flask.models import Tokens

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_BAD, _UNAUTHORIZED = 400, 401
_NAME = "Twitch"


class DeviceCode(msgspec.Struct, frozen=True):
    """What Twitch shows a person who wants to connect an account."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int = 5


class TokenAnswer(msgspec.Struct, frozen=True):
    """A token as Twitch grants it; an application's has no refresh token."""

    access_token: str
    expires_in: int
    refresh_token: str = ""
    scope: tuple[str, ...] = ()


class Owner(msgspec.Struct, frozen=True):
    """Whose token it is."""

    user_id: str
    login: str
    scopes: tuple[str, ...] = ()


class StillPending(Conflict):
    """The person has not answered yet; `slower` when we asked too often."""

    def __init__(self, *, slower: bool) -> None:
        super().__init__("Nobody has typed this code yet.")
        self.slower = slower


@dataclass(frozen=True, slots=True)
class TwitchAuth:
    """`id.twitch.tv/oauth2`. Refusals are the family's errors; texts of Twitch are matched, never shown."""

    http: HttpClient
    url: str
    client_id: str
    client_secret: str
    now: Callable[[], datetime] = utc_now

    @property
    def confidential(self) -> bool:
        """Whether the application has a secret; a public one acts only for accounts."""
        return bool(self.client_secret)

    async def application_token(self) -> Tokens:
        """A token of the application itself."""
        return await self._token({"grant_type": "client_credentials"})

    async def device_code(self, scopes: tuple[str, ...]) -> DeviceCode:
        """A code to type at twitch.tv/activate."""
        form = {"client_id": self.client_id, "scopes": " ".join(scopes)}
        answer = await self._post("device", form)
        return _decoded(answer, DeviceCode)

    async def device_token(self, device_code: str, scopes: tuple[str, ...]) -> Tokens:
        """Tokens once the person said yes.

        Raises StillPending, Forbidden when the answer was no, InvalidInput when the code is over.
        """
        form = {"grant_type": _DEVICE, "device_code": device_code, "scopes": " ".join(scopes)}
        return await self._token(form)

    async def code_token(self, code: str, redirect_uri: str, verifier: str) -> Tokens:
        """Tokens for a code that a browser brought back; a Twitch that does not know PKCE is asked without, once.

        Raises InvalidInput for a code that is over.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        try:
            return await self._token({**form, "code_verifier": verifier})
        except InvalidInput:
            return await self._token(form)

    async def refreshed(self, refresh_token: str) -> Tokens:
        """New tokens for old. Raises Unauthenticated when the account has to be connected again."""
        try:
            return await self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})
        except InvalidInput as error:
            raise Unauthenticated("Twitch took the sign-in of this account back.") from error

    async def owner(self, access_token: str) -> Owner:
        """Whose token it is; raises Unauthenticated for one that is over."""
        answer = await self.http.request(
            "GET", f"{self.url}/validate", headers={"Authorization": f"OAuth {access_token}"}, name=_NAME
        )
        if answer.status_code >= _BAD:
            raise Unauthenticated("Twitch took the sign-in of this account back.")
        return _decoded(answer.content, Owner)

    async def revoke(self, access_token: str) -> None:
        """Give a token back; one that is over already is no error."""
        form = {"client_id": self.client_id, "token": access_token}
        await self.http.request("POST", f"{self.url}/revoke", data=form, name=_NAME)

    async def _token(self, form: dict[str, str]) -> Tokens:
        known = {"client_id": self.client_id}
        if self.confidential:
            known["client_secret"] = self.client_secret
        said = _decoded(await self._post("token", {**form, **known}), TokenAnswer)
        return Tokens(
            said.access_token, said.refresh_token, self.now() + timedelta(seconds=said.expires_in), said.scope
        )

    async def _post(self, path: str, form: dict[str, str]) -> bytes:
        answer = await self.http.request("POST", f"{self.url}/{path}", data=form, name=_NAME)
        if answer.status_code < _BAD:
            return answer.content
        raise _refusal(answer.status_code, answer.content)


def _refusal(status: int, body: bytes) -> ServiceError:
    try:
        said = str(msgspec.json.decode(body, type=dict[str, Any]).get("message", "")).lower().replace(" ", "_")
    except msgspec.MsgspecError:
        said = ""
    if said in {"authorization_pending", "slow_down"}:
        return StillPending(slower=said == "slow_down")
    if said == "access_denied":
        return Forbidden("You said no at Twitch.")
    if status in {_BAD, _UNAUTHORIZED}:
        return InvalidInput("Twitch does not know this code or token any more.")
    return UpstreamFailed(f"Twitch refused to give a token ({status}).")


def _decoded[T](body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except msgspec.MsgspecError as error:
        raise UpstreamFailed("Twitch answered something that cannot be read.") from error
