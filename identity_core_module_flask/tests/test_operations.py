"""Identity as other modules call it: signed in through the portal, looked up by everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from flask_core.contracts import community, data_desk, identity, router
from flask_core.errors import Forbidden, NotFound, Unauthenticated
from flask_core.operations import Acting, Caller, Operation
from flask_core.testing.installation import Installation, installation, until
from identity_core_module_flask.desk.endpoints import desk_endpoints
from identity_core_module_flask.endpoints import endpoints
from identity_core_module_flask.key_endpoints import key_endpoints
from identity_core_module_flask.link_endpoints import link_endpoints
from identity_core_module_flask.tests.conftest import EMAIL, FIREFOX, PASSWORD, App, refusal

NOTHING = identity.Nothing()
READ = (identity.KeyScope("read"),)


class Door:
    """The portal's calls, for nobody or for a person who signed in `age` ago."""

    def __init__(self, inst: Installation) -> None:
        self.portal = inst.client("portal")
        self.router = inst.client("router")
        self.person_id = "somebody"

    async def ask(self, operation: Any, request: Any) -> Any:
        return await self.portal.call("identity", operation, request)

    async def for_ann(self, operation: Any, request: Any = NOTHING, *, age: timedelta = timedelta()) -> Any:
        acting = Acting(self.person_id, datetime.now(UTC) - age, name="Ann")
        return await self.portal.call("identity", operation, request, acting=acting)


@pytest_asyncio.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    def prepare(inst: Installation) -> None:
        @inst.fake("community").offers(community.LINK)
        async def link(asked: community.LinkPeople, _: Caller) -> None:
            return

        @inst.fake("router").offers(router.ACT)
        async def act(asked: router.ActionsRequest, _: Caller) -> router.ActionStates:
            return router.ActionStates((router.ActionState(1, "chat", "done"),))

    async with installation(["identity_core_module_flask"], database_url, prepare=prepare) as inst:
        yield Door(inst)


async def set_up(door: Door, capsys: pytest.CaptureFixture[str]) -> identity.NewSession:
    """Ann opens the link that the first start printed."""
    printed: list[str] = []

    def link() -> bool:
        printed.append(capsys.readouterr().out)
        return "set-up?token=" in "".join(printed)

    await until(link)
    token = "".join(printed).partition("?token=")[2].split()[0]
    assert await door.ask(identity.CHECK_SET_UP, identity.CheckSetUp(token)) == identity.SetUpState(True, True)
    made: identity.NewSession = await door.ask(
        identity.SET_UP, identity.SetUp(token, "Ann", EMAIL, PASSWORD, FIREFOX)
    )  # fmt: skip
    door.person_id = made.person_id
    return made


async def test_the_printed_link_leads_to_a_session_that_is_used_and_ended(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await set_up(door, capsys)
    signed = await door.ask(identity.SIGN_IN, identity.SignIn(EMAIL, PASSWORD, FIREFOX))
    known = await door.ask(identity.VERIFY_SESSION, identity.SessionSecret(signed.secret))
    assert (await door.for_ann(identity.ME)).email == EMAIL
    assert (await door.for_ann(identity.RENAME, identity.NameMe("Anna"))).name == "Anna"
    again = await door.ask(identity.STEP_UP, identity.StepUp(signed.secret, PASSWORD, "", FIREFOX))
    assert len((await door.for_ann(identity.SESSIONS)).items) == 2
    assert isinstance(await refusal(door.for_ann(identity.END_SESSION, identity.SessionOf(known.session_id))), NotFound)
    present = await door.ask(identity.VERIFY_SESSION, identity.SessionSecret(again.secret))
    await door.for_ann(identity.END_SESSIONS, identity.KeepSession(present.session_id))
    ended = door.ask(identity.VERIFY_SESSION, identity.SessionSecret(first.secret))
    assert isinstance(await refusal(ended), Unauthenticated)
    await door.for_ann(
        identity.CHANGE_PASSWORD, identity.ChangePassword(PASSWORD, "an entirely new pond", present.session_id)
    )  # fmt: skip
    await door.ask(identity.SIGN_OUT, identity.SessionSecret(again.secret))
    assert (await door.for_ann(identity.SESSIONS)).items == ()


async def test_factors_are_set_up_and_taken_away(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    await set_up(door, capsys)
    assert not (await door.for_ann(identity.FACTORS)).authenticator
    started = await door.for_ann(identity.START_AUTHENTICATOR)
    code = App(started.key, lambda: datetime.now(UTC).timestamp()).code()
    codes = await door.for_ann(identity.CONFIRM_AUTHENTICATOR, identity.ConfirmAuthenticator(started.state, code))
    step = await door.ask(identity.SIGN_IN, identity.SignIn(EMAIL, PASSWORD, FIREFOX))
    answer = identity.SecondFactor(step.challenge, codes.codes[0], FIREFOX)
    assert (await door.ask(identity.SECOND_FACTOR, answer)).secret
    assert len((await door.for_ann(identity.NEW_RECOVERY_CODES)).codes) == 10
    await door.for_ann(identity.REMOVE_AUTHENTICATOR)
    assert (await door.ask(identity.SIGN_IN, identity.SignIn(EMAIL, PASSWORD, FIREFOX))).secret


async def test_keys_are_made_shown_and_ended(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    await set_up(door, capsys)
    made = await door.for_ann(identity.CREATE_KEY, identity.CreateKey("bot", READ))
    again = await door.for_ann(identity.REGENERATE_KEY, identity.RegenerateKey(made.key.key_id))
    assert (await door.ask(identity.VERIFY_KEY, identity.KeySecret(again.secret))).person_id == door.person_id
    assert len((await door.for_ann(identity.KEYS)).items) == 1
    await door.for_ann(identity.REVOKE_KEY, identity.KeyOf(made.key.key_id))
    assert (await door.for_ann(identity.KEYS)).items == ()


async def test_links_are_begun_shown_and_called_off(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    await set_up(door, capsys)
    begun = await door.for_ann(identity.START_LINK, identity.StartLink("discord"))
    request = identity.RequestOf(begun.request_id)
    assert [one.request_id for one in (await door.for_ann(identity.LINKS)).requests] == [begun.request_id]
    assert isinstance(await refusal(door.for_ann(identity.CONFIRM_LINK, request)), NotFound)
    await door.for_ann(identity.DROP_LINK, request)
    assert (await door.for_ann(identity.LINKS)).requests == ()
    account = identity.AccountKey("discord", "dan")
    assert isinstance(await refusal(door.for_ann(identity.UNLINK, account)), NotFound)
    found = await door.router.call("identity", identity.LOOKUP, identity.LookUp((account,)))
    assert found.items == (identity.FoundPerson(),)
    mentioned = await door.router.call("identity", identity.RESOLVE, identity.ResolveName("discord", "<@77>"))
    assert mentioned == identity.Resolved("discord", "77")


FRESH: list[tuple[Any, Any]] = [
    (identity.CHANGE_PASSWORD, identity.ChangePassword(PASSWORD, "an entirely new pond")),
    (identity.START_AUTHENTICATOR, NOTHING),
    (identity.CONFIRM_AUTHENTICATOR, identity.ConfirmAuthenticator("x", "000000")),
    (identity.REMOVE_AUTHENTICATOR, NOTHING),
    (identity.NEW_RECOVERY_CODES, NOTHING),
    (identity.NEW_PASSKEY, identity.NewPasskey("")),
    (identity.ADD_PASSKEY, identity.AddPasskey(identity.PasskeyProof("x", "{}"))),
    (identity.REMOVE_PASSKEY, identity.PasskeyOf("x")),
    (identity.CREATE_KEY, identity.CreateKey("bot", READ)),
    (identity.REGENERATE_KEY, identity.RegenerateKey("x")),
    (identity.CONFIRM_LINK, identity.RequestOf("x")),
    (identity.UNLINK, identity.AccountKey("twitch", "1")),
    (data_desk.DESK, data_desk.Nothing()),
    (data_desk.ASK_EXPORT, data_desk.Nothing()),
    (data_desk.FETCH_EXPORT, data_desk.RequestNumber("0" * 32)),
    (data_desk.ASK_ERASE, data_desk.AskErase("erase")),
]


@pytest.mark.promise("identity.13")
async def test_what_matters_asks_again_after_a_quarter_of_an_hour(door: Door) -> None:
    for operation, request in FRESH:
        refused = await refusal(door.for_ann(operation, request, age=timedelta(minutes=16)))
        assert isinstance(refused, Unauthenticated), operation.path
        assert refused.details["sign_in_again"]
        fresh = await refusal(door.for_ann(operation, request, age=timedelta(minutes=14)))
        assert "sign_in_again" not in fresh.details


def test_all_that_gives_or_takes_a_way_in_asks_again() -> None:
    nobody: Any = None
    offered: list[Operation[Any, Any]] = [
        operation
        for made in (
            endpoints(nobody, nobody, nobody),
            key_endpoints(nobody),
            link_endpoints(nobody, nobody, nobody),
            desk_endpoints(nobody, nobody, ""),
        )
        for operation in made.operations()
    ]
    assert {operation.key for operation in offered if operation.callers.fresh} == {one.key for one, _ in FRESH}


async def test_only_the_portal_signs_people_in(door: Door) -> None:
    asked = door.router.call("identity", identity.SIGN_IN, identity.SignIn(EMAIL, PASSWORD, FIREFOX))
    assert isinstance(await refusal(asked), Forbidden)
