"""What identity offers about API keys."""

from __future__ import annotations

from flask_core.contracts import identity
from flask_core.operations import Caller, Endpoints
from identity_core_module_flask.keys import Keys


def key_endpoints(keys: Keys) -> Endpoints:
    """Operations on keys."""
    api = Endpoints()

    @api.offers(identity.KEYS)
    async def list_keys(_: identity.Nothing, caller: Caller) -> identity.KeyList:
        return await keys.of_person(caller.person.person_id)

    @api.offers(identity.CREATE_KEY)
    async def create(asked: identity.CreateKey, caller: Caller) -> identity.NewKey:
        return await keys.create(caller.person.person_id, asked)

    @api.offers(identity.REGENERATE_KEY)
    async def regenerate(asked: identity.RegenerateKey, caller: Caller) -> identity.NewKey:
        return await keys.regenerate(caller.person.person_id, asked)

    @api.offers(identity.REVOKE_KEY)
    async def revoke(asked: identity.KeyOf, caller: Caller) -> None:
        await keys.revoke(caller.person.person_id, asked.key_id)

    @api.offers(identity.VERIFY_KEY)
    async def verify(asked: identity.KeySecret, _: Caller) -> identity.KeyOwner:
        return await keys.verify(asked.secret)

    return api
