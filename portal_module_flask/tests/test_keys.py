"""API keys on the pages: made, shown once, given a new secret, deleted."""

from __future__ import annotations

import re

from portal_module_flask.tests.house import House


def secret_in(page: str) -> str:
    """The one key that a page shows."""
    (secret,) = set(re.findall("wbot_user_[A-Za-z0-9_-]{43}", page))
    return str(secret)


async def test_a_key_is_made_shown_once_given_a_new_secret_and_deleted(house: House) -> None:
    assert "No key yet." in await house.page("/me/keys")
    fields = {"name": "Deck", "scope": "read", "days": "30"}
    first = secret_in(await house.send("/me/keys", 200, **fields))
    listed = await house.page("/me/keys")
    assert first not in listed
    assert f"wbot_user_{first[10:14]}…" in listed
    assert "in all your communities" in listed
    assert "never used" in listed
    key = listed.split('action="/me/keys/')[1].split("/")[0]
    second = secret_in(await house.send(f"/me/keys/{key}/regenerate", 200, on="/me/keys"))
    assert second != first
    assert await house.send(f"/me/keys/{key}/delete", on="/me/keys") == "/me/keys"
    assert "No key yet." in await house.page("/me/keys")
    assert "No such key." in await house.send(f"/me/keys/{key}/delete", 404, on="/me/keys")


async def test_what_is_wrong_with_a_key_is_said_and_what_was_typed_stays(house: House) -> None:
    said = await house.send("/me/keys", 400, name="Deck <b>", days="90", community=str(house.community_id))
    assert "Give a key 1 to 20 scopes" in said
    assert 'value="Deck &lt;b&gt;"' in said
    assert '<option value="90" selected>' in said
    for number in range(5):
        await house.send("/me/keys", 200, name=f"Key {number}", scope="read", days="365")
    full = await house.send("/me/keys", 409, name="Sixth", scope="ai", days="365")
    assert "5 keys work already." in full
    assert 'value="ai" checked' in full
