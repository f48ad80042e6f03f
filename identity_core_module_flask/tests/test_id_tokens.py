"""Slack's signed tokens: what is believed, and what is not."""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import RSAKey

from flask_core.database import AsyncDAL
from flask_core.errors import InvalidInput, UpstreamFailed
from flask_core.log_line import LineFormatter
from identity_core_module_flask.tests.conftest import EMAIL, refusal
from identity_core_module_flask.tests.harbour import HERS, PLATFORMS, Harbour, open_harbour

NOT_OURS = "Slack's answer does not belong to this sign-in. Begin again."


@pytest_asyncio.fixture
async def harbour(make_database: Callable[[Path], AsyncDAL]) -> AsyncIterator[Harbour]:
    async with open_harbour(make_database) as made:
        yield made


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another way"}, {"nonce": None}, {"aud": "999.888"}, {"aud": ["111.222", "999.888"]},
        {"iss": "https://evil.example"}, {"exp": 1_000_000_000}, {"exp": None}, {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"azp": "999.888"}, {"iat": 4_000_000_000}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
async def test_a_token_that_is_not_meant_for_this_very_way_opens_nothing(
    harbour: Harbour, changed: dict[str, Any]
) -> None:
    harbour.slack.openid.changed = changed
    refused = await refusal(harbour.sign_in("slack", "dee"))
    assert (type(refused), refused.message) == (InvalidInput, NOT_OURS)
    assert (await harbour.people(), harbour.slack.openid.alive) == (0, set())


async def test_a_token_that_does_not_say_who_it_is_opens_nothing(harbour: Harbour) -> None:
    harbour.slack.openid.changed = {"https://slack.com/user_id": ""}
    assert isinstance(await refusal(harbour.sign_in("slack", "dee")), UpstreamFailed)
    assert await harbour.people() == 0


@pytest.mark.parametrize("forger", ["another key", "our own public key as a secret", "nobody"])
async def test_a_token_that_slack_did_not_sign_opens_nothing(
    harbour: Harbour, forger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    openid = harbour.slack.openid
    openid.replace_key()
    true = openid.keys[-1]

    def signed(claims: dict[str, Any]) -> str:
        if forger == "another key":
            key = RSAKey.generate_key(2048, {"kid": true.kid})
            return jwt.encode({"alg": "RS256", "kid": true.kid}, claims, key, algorithms=["RS256"])
        head = {"alg": "none" if forger == "nobody" else "HS256", "kid": true.kid}
        signed_part = b".".join(_part(msgspec.json.encode(part)) for part in (head, claims))
        mac = hmac.digest(true.as_pem(private=False), signed_part, "sha256")
        return b".".join((signed_part, b"" if forger == "nobody" else _part(mac))).decode()

    monkeypatch.setattr(openid, "signed", signed)
    refused = await refusal(harbour.sign_in("slack", "dee"))
    assert (type(refused), refused.message) == (InvalidInput, NOT_OURS)
    assert await harbour.people() == 0


def _part(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


async def test_keys_are_remembered_and_asked_for_anew_when_slack_replaced_them(harbour: Harbour) -> None:
    for _ in range(3):
        await harbour.sign_in("slack", "dee")
    assert harbour.slack.openid.published == 1
    harbour.slack.openid.replace_key()
    harbour.house.later(minutes=2)
    await harbour.sign_in("slack", "dee")
    assert harbour.slack.openid.published == 2


@pytest.mark.promise("identity.22")
async def test_nothing_of_a_way_is_in_a_log_line_or_a_refusal(
    harbour: Harbour, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    await harbour.house.ann_moves_in()
    secrets, said = [HERS, EMAIL], []
    issue, signed = harbour.twitch.issue, harbour.slack.openid.signed

    def issued(*args: Any) -> dict[str, Any]:
        answer = issue(*args)
        secrets.append(answer["access_token"])
        return answer

    def signs(claims: dict[str, Any]) -> str:
        secrets.append(token := signed(claims))
        return token

    monkeypatch.setattr(harbour.twitch, "issue", issued)
    monkeypatch.setattr(harbour.slack.openid, "signed", signs)
    for platform in PLATFORMS:
        url = await harbour.set_out(platform)
        path = harbour.at_the_platform(url, "dee", EMAIL)
        said += [await refusal(harbour.come_back(path)), await refusal(harbour.come_back(path))]
        secrets += [path.split("code=")[1].split("&")[0], path.split("state=")[1].split("&")[0]]
    harbour.slack.openid.changed = {"nonce": "of another way"}
    said.append(await refusal(harbour.sign_in("slack", "eve", "eve@example.org")))
    logging.getLogger("identity").warning("the scan sees lines")
    written = "\n".join([*map(LineFormatter().format, caplog.records), caplog.text])
    assert "the scan sees lines" in written
    assert len(secrets) > 9
    assert [secret for secret in secrets if secret in written] == []
    refusals = " ".join(f"{error.message} {error.details}" for error in said)
    assert [secret for secret in secrets if secret in refusals] == []
