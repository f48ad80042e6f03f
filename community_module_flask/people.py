"""Asks identity who is behind an account."""

from __future__ import annotations

from flask_core.contracts import identity
from flask_core.service_client import ServiceClient


class IdentityPeople:
    """Persons of accounts, one question per account that was never seen here."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def person_of(self, platform: str, user_id: str) -> identity.FoundPerson:
        """The person, empty for an account nobody linked."""
        key = identity.AccountKey(platform, user_id)
        answer = await self._client.call("identity", identity.LOOKUP, identity.LookUp((key,)), timeout=1)
        return answer.items[0]
