"""Who somebody is: their name, and the accounts that are theirs."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.contracts import identity
from flask_core.errors import InvalidInput, NotFound
from identity_core_module_flask.models import Owner
from identity_core_module_flask.person_repository import PersonRepository
from identity_core_module_flask.sessions import Sessions
from identity_core_module_flask.sign_in import NAME

MOST_LOOKED_UP = 100


@dataclass(frozen=True, slots=True)
class People:
    """Persons and the accounts that were linked to them."""

    repository: PersonRepository
    sessions: Sessions

    async def me(self, person_id: str) -> identity.Person:
        """Somebody as they see themselves."""
        person = await self.repository.person(person_id)
        if person is None:
            raise NotFound("No such person.")
        accounts = tuple(identity.AccountKey(*key) for key in await self.repository.accounts(person_id))
        return identity.Person(person.id, person.name, accounts, await self.repository.email(person_id))

    async def rename(self, person_id: str, name: str) -> identity.Person:
        """Another display name."""
        if not 1 <= len(name.strip()) <= NAME:
            raise InvalidInput(f"A name has 1 to {NAME} characters.", field="name")
        await self.repository.rename(person_id, name.strip())
        self.sessions.forget()
        return await self.me(person_id)

    async def look_up(self, asked: identity.LookUp) -> identity.LookUpAnswer:
        """Who accounts belong to."""
        if len(asked.items) > MOST_LOOKED_UP:
            raise InvalidInput(f"Ask for at most {MOST_LOOKED_UP} accounts.")
        owners = await self.repository.owners([(key.platform, key.user_id) for key in asked.items])
        found = (owners.get((key.platform, key.user_id), Owner()) for key in asked.items)
        return identity.LookUpAnswer(tuple(identity.FoundPerson(*owner) for owner in found))
