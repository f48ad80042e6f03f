"""What opens doors is in no log line and in no refusal, whatever goes wrong."""

from __future__ import annotations

import logging

import pytest

from flask_core.contracts import identity
from flask_core.log_line import LineFormatter
from identity_core_module_flask.tests.conftest import EMAIL, PASSWORD, House, refusal

WRONG_PASSWORD, NEW_PASSWORD = "a wrong guess of mine", "an entirely new pond"


async def live_through_everything(house: House) -> tuple[list[str], list[str]]:
    """Sign in, fail, make keys, link, change the password: every secret of it, and every refusal."""
    made = await house.ann_moves_in()
    app, recovery = await house.set_up_authenticator(made)
    step = await house.sign_in()
    refused = [
        await refusal(house.sign_in(password=WRONG_PASSWORD)),
        await refusal(house.code(step.challenge, "000000")),
        await refusal(house.sessions.verify(made.secret[:-1])),
        await refusal(house.keys.verify("wbot_user_guessed-by-somebody")),
    ]
    code = app.code()
    session = await house.code(step.challenge, code)
    key = await house.keys.create(made.person_id, identity.CreateKey("bot", (identity.KeyScope("read"),)))
    _, portal_code = await house.linking.begin_in_portal(made.person_id, "slack")
    house.world.logins["discord", "dan"] = "dan"
    house.world.away = {"router", "community"}
    await house.say("!identity link discord dan")
    await house.told()
    house.world.away = set()
    house.later(minutes=1)
    chat_code = await house.code_for("dan")
    said = [await house.say(f"!verify {chat_code} yes", user, "discord") for user in ("eve", "dan")]
    await house.ways_in.change_password(made.person_id, identity.ChangePassword(PASSWORD, NEW_PASSWORD))
    secrets = [made.secret, session.secret, step.challenge, key.secret, app.key, code, *recovery, portal_code]
    secrets += [chat_code, EMAIL, PASSWORD, NEW_PASSWORD, WRONG_PASSWORD]
    return secrets, [f"{error.message} {error.details}" for error in refused] + said


@pytest.mark.promise("identity.22")
async def test_no_secret_code_or_address_is_in_a_log_line_or_a_refusal(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets, refusals = await live_through_everything(house)
    logging.getLogger("identity").warning("the scan sees lines")
    written = "\n".join([*map(LineFormatter().format, caplog.records), caplog.text])
    assert "the scan sees lines" in written
    assert [secret for secret in secrets if secret in written] == []
    assert [secret for secret in secrets if any(secret in said for said in refusals)] == []
