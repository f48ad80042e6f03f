"""Which account somebody means by what they typed."""

from __future__ import annotations

import pytest

from flask_core.errors import InvalidInput, NotFound, ServiceError
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.tests.conftest import House, refusal


async def dora_and_dan(house: House) -> None:
    """Dora linked her account once, and Discord knows Dan today."""
    await house.link("ann", "dora")
    house.world.logins = {("discord", "dan"): "dan"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("<@77>", SeenAccount("discord", "77")),
        ("<@!77>", SeenAccount("discord", "77")),
        ("@dan", SeenAccount("discord", "dan", "dan", "Dan")),
        ("DORA", SeenAccount("discord", "dora", "dora", "dora")),
    ],
)
async def test_an_account_is_found_by_mention_login_or_linked_name(
    house: House, typed: str, found: SeenAccount
) -> None:
    await dora_and_dan(house)
    assert await house.made.directory.find("discord", typed) == found


@pytest.mark.parametrize(("typed", "refused"), [(" ", InvalidInput), ("x" * 65, InvalidInput), ("bea", NotFound)])
async def test_nobody_is_guessed(house: House, typed: str, refused: type[ServiceError]) -> None:
    await dora_and_dan(house)
    assert isinstance(await refusal(house.made.directory.find("discord", typed)), refused)


async def test_of_several_linked_people_of_one_name_all_are_named(house: House) -> None:
    await house.link("ann", "dora")
    renamed = "UPDATE accounts SET display_name = 'Dora', login = 'dora'"
    await house.database.write(lambda tx: tx.run(renamed))
    await house.link("bea", "dan")
    await house.database.write(lambda tx: tx.run(renamed))
    house.world.logins = {}
    refused = await refusal(house.made.directory.find("discord", "dora"))
    assert [one.user_id for one in refused.details["candidates"]] == ["dan", "dora"]
