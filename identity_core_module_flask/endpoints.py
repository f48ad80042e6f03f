"""What identity offers other modules."""

from __future__ import annotations

from flask_core.contracts import identity
from flask_core.operations import Caller, Endpoints
from identity_core_module_flask.people import People
from identity_core_module_flask.sessions import Sessions
from identity_core_module_flask.sign_in import SignIn


def endpoints(people: People, ways_in: SignIn, sessions: Sessions) -> Endpoints:
    """Identity's operations."""
    api = Endpoints()
    _about_people(api, people)
    _about_signing_in(api, ways_in)
    _about_factors(api, ways_in)
    _about_passkeys(api, ways_in)
    _about_sessions(api, sessions)
    return api


def _about_people(api: Endpoints, people: People) -> None:
    @api.offers(identity.LOOKUP)
    async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
        return await people.look_up(asked)

    @api.offers(identity.ME)
    async def me(_: identity.Nothing, caller: Caller) -> identity.Person:
        return await people.me(caller.person.person_id)

    @api.offers(identity.RENAME)
    async def rename(asked: identity.NameMe, caller: Caller) -> identity.Person:
        return await people.rename(caller.person.person_id, asked.name)


def _about_signing_in(api: Endpoints, ways_in: SignIn) -> None:
    @api.offers(identity.CHECK_SET_UP)
    async def check_set_up(asked: identity.CheckSetUp, _: Caller) -> identity.SetUpState:
        return await ways_in.set_up_state(asked.token)

    @api.offers(identity.SET_UP)
    async def set_up(asked: identity.SetUp, _: Caller) -> identity.NewSession:
        return await ways_in.set_up(asked)

    @api.offers(identity.SIGN_IN)
    async def sign_in(asked: identity.SignIn, _: Caller) -> identity.NewSession:
        return await ways_in.sign_in(asked)

    @api.offers(identity.SECOND_FACTOR)
    async def second_factor(asked: identity.SecondFactor, _: Caller) -> identity.NewSession:
        return await ways_in.second_factor(asked)

    @api.offers(identity.ASK_PASSKEY)
    async def ask_passkey(asked: identity.AskPasskey, _: Caller) -> identity.PasskeyQuestion:
        return await ways_in.passkeys.sign_in_question(asked)

    @api.offers(identity.PASSKEY_SIGN_IN)
    async def passkey_sign_in(asked: identity.PasskeySignIn, _: Caller) -> identity.NewSession:
        return await ways_in.sign_in_with_passkey(asked)

    @api.offers(identity.STEP_UP)
    async def step_up(asked: identity.StepUp, _: Caller) -> identity.NewSession:
        return await ways_in.step_up(asked)

    @api.offers(identity.CHANGE_PASSWORD)
    async def change_password(asked: identity.ChangePassword, caller: Caller) -> None:
        await ways_in.change_password(caller.person.person_id, asked)


def _about_factors(api: Endpoints, ways_in: SignIn) -> None:
    @api.offers(identity.FACTORS)
    async def factors(_: identity.Nothing, caller: Caller) -> identity.Factors:
        return await ways_in.auth.factors(caller.person.person_id)

    @api.offers(identity.START_AUTHENTICATOR)
    async def start(_: identity.Nothing, caller: Caller) -> identity.NewAuthenticator:
        return await ways_in.auth.start_authenticator(caller.person.person_id)

    @api.offers(identity.CONFIRM_AUTHENTICATOR)
    async def confirm(asked: identity.ConfirmAuthenticator, caller: Caller) -> identity.RecoveryCodes:
        return await ways_in.confirm_authenticator(caller.person.person_id, asked)

    @api.offers(identity.REMOVE_AUTHENTICATOR)
    async def remove(_: identity.Nothing, caller: Caller) -> None:
        await ways_in.remove_authenticator(caller.person.person_id)

    @api.offers(identity.NEW_RECOVERY_CODES)
    async def recovery_codes(_: identity.Nothing, caller: Caller) -> identity.RecoveryCodes:
        return await ways_in.new_recovery_codes(caller.person.person_id)


def _about_passkeys(api: Endpoints, ways_in: SignIn) -> None:
    @api.offers(identity.PASSKEYS)
    async def passkeys(_: identity.Nothing, caller: Caller) -> identity.PasskeyList:
        return await ways_in.passkeys.of_person(caller.person.person_id)

    @api.offers(identity.NEW_PASSKEY)
    async def new(asked: identity.NewPasskey, caller: Caller) -> identity.PasskeyQuestion:
        return await ways_in.passkeys.new_question(caller.person.person_id, asked)

    @api.offers(identity.ADD_PASSKEY)
    async def add(asked: identity.AddPasskey, caller: Caller) -> identity.RecoveryCodes:
        return await ways_in.add_passkey(caller.person.person_id, asked)

    @api.offers(identity.REMOVE_PASSKEY)
    async def remove(asked: identity.PasskeyOf, caller: Caller) -> None:
        await ways_in.remove_passkey(caller.person.person_id, asked.passkey_id)


def _about_sessions(api: Endpoints, sessions: Sessions) -> None:
    @api.offers(identity.VERIFY_SESSION)
    async def verify(asked: identity.SessionSecret, _: Caller) -> identity.SessionPerson:
        return await sessions.verify(asked.secret)

    @api.offers(identity.SIGN_OUT)
    async def sign_out(asked: identity.SessionSecret, _: Caller) -> None:
        await sessions.sign_out(asked.secret)

    @api.offers(identity.SESSIONS)
    async def list_sessions(_: identity.Nothing, caller: Caller) -> identity.SessionList:
        found = await sessions.of_person(caller.person.person_id)
        views = (identity.SessionView(s.id, s.browser, s.signed_in_at, s.last_used_at) for s in found)
        return identity.SessionList(tuple(views))

    @api.offers(identity.END_SESSION)
    async def end_session(asked: identity.SessionOf, caller: Caller) -> None:
        await sessions.end(caller.person.person_id, asked.session_id)

    @api.offers(identity.END_SESSIONS)
    async def end_others(asked: identity.KeepSession, caller: Caller) -> None:
        await sessions.end_others(caller.person.person_id, asked.keep, "other sessions ended")
