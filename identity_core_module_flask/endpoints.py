"""What identity offers other modules."""

from __future__ import annotations

from flask_core.contracts import identity
from flask_core.operations import Caller, Endpoints
from identity_core_module_flask.people import People


def endpoints(people: People) -> Endpoints:
    """Identity's operations."""
    api = Endpoints()

    @api.offers(identity.LOOKUP)
    async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
        return await people.look_up(asked)

    @api.offers(identity.CHECK_SET_UP)
    async def check_set_up(asked: identity.CheckSetUp, _: Caller) -> identity.SetUpState:
        return await people.set_up_state(asked.token)

    @api.offers(identity.SET_UP)
    async def set_up(asked: identity.SetUp, _: Caller) -> identity.NewSession:
        return await people.set_up(asked)

    @api.offers(identity.SIGN_IN)
    async def sign_in(asked: identity.SignIn, _: Caller) -> identity.NewSession:
        return await people.sign_in(asked)

    @api.offers(identity.VERIFY_SESSION)
    async def verify(asked: identity.SessionSecret, _: Caller) -> identity.SessionPerson:
        return await people.verify(asked.secret)

    @api.offers(identity.SIGN_OUT)
    async def sign_out(asked: identity.SessionSecret, _: Caller) -> None:
        await people.sign_out(asked.secret)

    @api.offers(identity.SESSIONS)
    async def sessions(_: identity.Nothing, caller: Caller) -> identity.SessionList:
        found = await people.sessions(caller.person.person_id)
        return identity.SessionList(
            tuple(identity.SessionView(s.id, s.browser, s.signed_in_at, s.last_used_at) for s in found)
        )

    @api.offers(identity.END_SESSION)
    async def end_session(asked: identity.SessionOf, caller: Caller) -> None:
        await people.end_session(caller.person.person_id, asked.session_id)

    @api.offers(identity.CHANGE_PASSWORD)
    async def change_password(asked: identity.ChangePassword, caller: Caller) -> None:
        await people.change_password(caller.person.person_id, caller.person.name, asked)

    @api.offers(identity.ME)
    async def me(_: identity.Nothing, caller: Caller) -> identity.Person:
        return await people.me(caller.person.person_id)

    @api.offers(identity.RENAME)
    async def rename(asked: identity.NameMe, caller: Caller) -> identity.Person:
        return await people.rename(caller.person.person_id, asked.name)

    return api
