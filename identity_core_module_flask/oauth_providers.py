"""Twitch, Discord and Slack as people sign in there."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from flask_core.errors import InvalidInput, ServiceError, UpstreamFailed
from flask_core.http_client import HttpClient
from identity_core_module_flask.config import Platforms
from identity_core_module_flask.id_tokens import IdTokens
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.oauth_ways import CodeFlow, Profile, Provider, Token, Way

log = logging.getLogger(__name__)

DISCORD_AUTHORIZE = "https://discord.com/oauth2/authorize"
_SLACK = "https://slack.com"


class _TwitchUser(msgspec.Struct, frozen=True):
    id: str
    login: str
    display_name: str = ""
    email: str = ""


class _TwitchUsers(msgspec.Struct, frozen=True):
    data: tuple[_TwitchUser, ...]


class _DiscordUser(msgspec.Struct, frozen=True):
    id: str
    username: str
    global_name: str | None = None
    email: str | None = None


class _SlackToken(msgspec.Struct, frozen=True):
    ok: bool
    id_token: str = ""
    access_token: str = ""


@dataclass(frozen=True, slots=True)
class Twitch:
    """A Twitch that does not take a verifier is asked without, once."""

    flow: CodeFlow
    auth_url: str
    api_url: str
    name: str = "twitch"

    def url(self, way: Way, *, ask_again: bool) -> str:
        """Where Twitch asks the person; with `ask_again` also who signed in there before."""
        again = {"force_verify": "true"} if ask_again else {}
        return self.flow.url(f"{self.auth_url}/authorize", "user:read:email", way, pkce=True, **again)

    async def who(self, code: str, way: Way) -> Profile:
        """Whose code it is."""
        token = await self._token(code, way)
        headers = {"Authorization": f"Bearer {token}", "Client-Id": self.flow.application.id}
        async with _given_back(self._give_back(token)):
            found = await self.flow.answer("GET", f"{self.api_url}/users", _TwitchUsers, headers=headers)
        if len(found.data) != 1:
            raise UpstreamFailed("Twitch does not say who that is.")
        user = found.data[0]
        return Profile(SeenAccount(self.name, user.id, user.login, user.display_name), user.email)

    async def _token(self, code: str, way: Way) -> str:
        url = f"{self.auth_url}/token"
        try:
            return (await self.flow.token(url, code, Token, way.verifier)).access_token
        except InvalidInput:
            return (await self.flow.token(url, code, Token)).access_token

    def _give_back(self, token: str) -> Callable[[], Awaitable[Any]]:
        return lambda: self.flow.posted(f"{self.auth_url}/revoke", {"token": token}, msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Discord:
    """`identify email`."""

    flow: CodeFlow
    api_url: str
    name: str = "discord"

    def url(self, way: Way, *, ask_again: bool) -> str:
        """Where Discord asks the person; with `ask_again` also who said yes before."""
        prompt = "consent" if ask_again else "none"
        return self.flow.url(DISCORD_AUTHORIZE, "identify email", way, pkce=True, prompt=prompt)

    async def who(self, code: str, way: Way) -> Profile:
        """Whose code it is."""
        granted = await self.flow.token(f"{self.api_url}/oauth2/token", code, Token, way.verifier)
        token = granted.access_token
        async with _given_back(self._give_back(token)):
            headers = {"Authorization": f"Bearer {token}"}
            user = await self.flow.answer("GET", f"{self.api_url}/users/@me", _DiscordUser, headers=headers)
        return Profile(SeenAccount(self.name, user.id, user.username, user.global_name or ""), user.email or "")

    def _give_back(self, token: str) -> Callable[[], Awaitable[Any]]:
        return lambda: self.flow.posted(f"{self.api_url}/oauth2/token/revoke", {"token": token}, msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Slack:
    """OpenID: who somebody is stands in a signed token, which is meant for us and for this very way."""

    flow: CodeFlow
    api_url: str
    openid_url: str
    tokens: IdTokens
    name: str = "slack"

    def url(self, way: Way, *, ask_again: bool) -> str:
        """Where Slack asks the person, always."""
        return self.flow.url(f"{self.openid_url}/authorize", "openid email profile", way, pkce=False, nonce=way.nonce)

    async def who(self, code: str, way: Way) -> Profile:
        """Whose code it is."""
        granted = await self.flow.token(f"{self.api_url}openid.connect.token", code, _SlackToken)
        if not granted.ok or not granted.id_token:
            raise InvalidInput("Slack does not know this sign-in any more. Begin again.")
        async with _given_back(self._give_back(granted.access_token)):
            said = await self.tokens.read(granted.id_token, nonce=way.nonce, access_token=granted.access_token)
        team, user = said.get(f"{_SLACK}/team_id"), said.get(f"{_SLACK}/user_id")
        if not isinstance(team, str) or not isinstance(user, str) or not (team and user):
            raise UpstreamFailed("Slack does not say who that is.")
        # As the Slack module writes accounts: user ids alone are not unique over workspaces.
        account = SeenAccount(self.name, f"{team}.{user}", "", str(said.get("name") or ""))
        return Profile(account, str(said.get("email") or ""))

    def _give_back(self, token: str) -> Callable[[], Awaitable[Any]]:
        headers = {"Authorization": f"Bearer {token}"}
        return lambda: self.flow.answer("POST", f"{self.api_url}auth.revoke", msgspec.Raw, headers=headers)


@asynccontextmanager
async def _given_back(give_back: Callable[[], Awaitable[Any]]) -> AsyncIterator[None]:
    """Gives a token back at the end, whatever happened; that it cannot be is no reason to refuse anybody."""
    try:
        yield
    finally:
        try:
            await give_back()
        except ServiceError as error:
            log.warning("a token of a sign-in is not given back: %s", error.code)


def providers(
    platforms: Platforms, http: HttpClient, portal_url: str, now: Callable[[], datetime]
) -> dict[str, Provider]:
    """Those whose application the operator has set up, by name."""

    def flow(label: str) -> CodeFlow:
        name = label.lower()
        return CodeFlow(http, label, getattr(platforms, name), f"{portal_url}/auth/{name}/callback")

    tokens = IdTokens(
        http, f"{platforms.slack_openid_url}/keys", label="Slack", issuer=_SLACK, audience=platforms.slack.id, now=now
    )
    known: tuple[Provider, ...] = (
        Twitch(flow("Twitch"), platforms.twitch_auth_url, platforms.twitch_api_url),
        Discord(flow("Discord"), platforms.discord_api_url),
        Slack(flow("Slack"), platforms.slack_api_url, platforms.slack_openid_url, tokens),
    )
    return {one.name: one for one in known if getattr(platforms, one.name).complete}
