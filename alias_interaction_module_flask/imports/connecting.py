"""Nightbot asks the channel's owner; what comes back is good for one import and then given back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from alias_interaction_module_flask.imports.import_repository import LASTS
from alias_interaction_module_flask.imports.secret_repository import SecretRepository
from flask_core.auth import hashed, new_secret
from flask_core.begun_elsewhere import BegunElsewhere
from flask_core.errors import InvalidInput, NotReady, ServiceError
from flask_core.http_client import HttpClient

log = logging.getLogger(__name__)

SCOPES = (
    "commands", "commands_default", "timers", "spam_protection", "regulars", "song_requests", "song_requests_playlist",
)  # fmt: skip
_LIFE = timedelta(minutes=10)


class Tokens(msgspec.Struct, frozen=True):
    """As Nightbot gives them."""

    access_token: str
    refresh_token: str = ""


@dataclass(frozen=True, slots=True)
class NightbotClient:
    """The application at Nightbot; empty where the operator made none."""

    id: str
    secret: str
    redirect: str

    @property
    def possible(self) -> bool:
        """Whether people can be sent there."""
        return bool(self.id and self.secret and self.redirect)


@dataclass(frozen=True, slots=True)
class Connecting:
    """`start` gives an address of Nightbot's, `finish` takes what came back from there."""

    http: HttpClient
    url: str
    client: NightbotClient
    secrets: SecretRepository
    begun: BegunElsewhere
    now: Callable[[], datetime]

    async def start(self, community_id: int, person_id: str) -> str:
        """Where Nightbot asks. Raises NotReady where the operator has not set it up."""
        if not self.client.possible:
            raise NotReady("Set NIGHTBOT_CLIENT_ID, NIGHTBOT_CLIENT_SECRET and PUBLIC_URL first, or bring a file.")
        state, now = new_secret(), self.now()
        await self.begun.add(hashed(state), person_id, community_id, now + _LIFE, now)
        query = {
            "response_type": "code", "client_id": self.client.id, "redirect_uri": self.client.redirect,
            "scope": " ".join(SCOPES), "state": state,
        }  # fmt: skip
        return f"{self.url}/oauth2/authorize?{urlencode(query)}"

    async def community_of(self, state: str, person_id: str) -> int:
        """For which community the person began. Raises InvalidInput for a state of nobody or somebody else."""
        begun = await self.begun.take(hashed(state), self.now())
        if begun is None or begun[0] != person_id:
            raise InvalidInput("This was not begun here, or too long ago. Connect again.", field="state")
        return begun[1]

    async def keep(self, community_id: int, code: str) -> None:
        """Exchange the code and keep the tokens for the import. Raises InvalidInput for a code that is not taken."""
        tokens = await self._asked(grant_type="authorization_code", code=code, redirect_uri=self.client.redirect)
        sealed = msgspec.json.encode(tokens).decode()
        await self.secrets.keep(community_id, "nightbot", sealed, self.now() + LASTS)

    async def _asked(self, **form: str) -> Tokens:
        data = {"client_id": self.client.id, "client_secret": self.client.secret, **form}
        response = await self.http.request(
            "POST", f"{self.url}/oauth2/token", data=data, credential="nightbot:app", name="Nightbot"
        )
        try:
            if not response.is_success:
                raise ValueError
            return msgspec.json.decode(response.content, type=Tokens)
        except (ValueError, msgspec.MsgspecError):
            raise InvalidInput("Nightbot does not take this code. Connect again.", field="code") from None

    async def token(self, community_id: int) -> str:
        """The token to ask with; "" for none."""
        kept = await self.secrets.get(community_id, "nightbot", self.now())
        return msgspec.json.decode(kept, type=Tokens).access_token if kept else ""

    async def give_back(self, community_id: int) -> None:
        """Let Nightbot forget the tokens; ours go in any case."""
        kept = await self.secrets.get(community_id, "nightbot", self.now())
        tokens = msgspec.json.decode(kept, type=Tokens) if kept else Tokens("")
        for token in filter(None, (tokens.access_token, tokens.refresh_token)):
            try:
                data = {"client_id": self.client.id, "client_secret": self.client.secret, "token": token}
                await self.http.request("POST", f"{self.url}/oauth2/token/revoke", data=data, name="Nightbot")
            except ServiceError as error:
                log.warning("a token of Nightbot is not given back: %s", error.message)
