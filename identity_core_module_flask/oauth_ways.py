"""The way to a platform and back: what somebody takes along, what stays here, and who they turn out to be."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from flask_core.errors import InvalidInput, UpstreamFailed
from flask_core.http_client import HttpClient, RequestParts
from identity_core_module_flask.config import Application
from identity_core_module_flask.models import SeenAccount

STATE_BYTES = 32
_VERIFIER_BYTES = 48
_BAD = 400


@dataclass(frozen=True, slots=True)
class Way:
    """What stays here: the state leads back to it, the verifier (PKCE) and the nonce (OpenID) prove it."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)

    @classmethod
    def new(cls) -> Way:
        """One that nobody can guess."""
        state, nonce = secrets.token_urlsafe(STATE_BYTES), secrets.token_urlsafe(STATE_BYTES)
        return cls(state, secrets.token_urlsafe(_VERIFIER_BYTES), nonce)


@dataclass(frozen=True, slots=True)
class Profile:
    """Who somebody is at a platform. The address is compared and forgotten."""

    account: SeenAccount
    email: str = field(repr=False)


class Provider(Protocol):
    """A platform with which people sign in."""

    @property
    def name(self) -> str: ...

    def url(self, way: Way, *, ask_again: bool) -> str: ...

    async def who(self, code: str, way: Way) -> Profile: ...


@dataclass(frozen=True, slots=True)
class CodeFlow:
    """OAuth's authorization code with one platform: `label` names it in sentences, `redirect` is the exact way back."""

    http: HttpClient
    label: str
    application: Application
    redirect: str

    def url(self, authorize_url: str, scope: str, way: Way, *, pkce: bool, **more: str) -> str:
        """Where the platform asks the person."""
        if pkce:
            more |= {"code_challenge": create_s256_code_challenge(way.verifier), "code_challenge_method": "S256"}
        return str(
            prepare_grant_uri(
                authorize_url, self.application.id, "code", redirect_uri=self.redirect, scope=scope, state=way.state,
                **more,
            )
        )  # fmt: skip

    async def token[T](self, url: str, code: str, kind: type[T], verifier: str = "") -> T:
        """What a code is worth. Raises InvalidInput for one that is wrong or used."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect}
        if verifier:
            form["code_verifier"] = verifier
        return await self.posted(url, form, kind)

    async def posted[T](self, url: str, form: dict[str, str], kind: type[T]) -> T:
        """The answer to a form of the application's."""
        known = {"client_id": self.application.id, "client_secret": self.application.secret}
        return await self.answer("POST", url, kind, data={**form, **known})

    async def answer[T](self, method: str, url: str, kind: type[T], **parts: Any) -> T:
        """The answer to a request; raises InvalidInput when the platform refuses it."""
        asked: RequestParts = parts  # type: ignore[assignment]
        answer = await self.http.request(method, url, name=self.label, **asked)
        if answer.status_code >= _BAD:
            raise InvalidInput(f"{self.label} does not know this sign-in any more. Begin again.")
        return self.decoded(answer.content, kind)

    def decoded[T](self, body: bytes, kind: type[T]) -> T:
        """JSON of the platform's."""
        try:
            return msgspec.json.decode(body or b"null", type=kind)
        except msgspec.MsgspecError as error:
            raise UpstreamFailed(f"{self.label} answered something that cannot be read.") from error


class Token(msgspec.Struct, frozen=True):
    """A token as Twitch and Discord grant it: used once, for the profile, and given back."""

    access_token: str
