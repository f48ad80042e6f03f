"""Signing in with Twitch, Discord and Slack, as people do it, and who may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.contracts import oauth
from flask_core.database import AsyncDAL
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMany, Unauthenticated, Unavailable
from flask_core.shared_memory import MemoryState
from identity_core_module_flask.linking import TAKEN
from identity_core_module_flask.models import SeenAccount
from identity_core_module_flask.tests.conftest import EMAIL, FIREFOX, House, refusal
from identity_core_module_flask.tests.harbour import HERS, HIS, PLATFORMS, PORTAL, Harbour, open_harbour

MINE = {"twitch": "twitch:1dee", "discord": "discord:2dee", "slack": "slack:T1.Udee"}
each_platform = pytest.mark.parametrize("platform", PLATFORMS)


@pytest_asyncio.fixture
async def harbour(make_database: Callable[[Path], AsyncDAL]) -> AsyncIterator[Harbour]:
    async with open_harbour(make_database) as made:
        yield made


@each_platform
async def test_a_newcomer_signs_in_and_is_the_same_person_the_next_time(harbour: Harbour, platform: str) -> None:
    url = await harbour.set_out(platform)
    assert f"redirect_uri={PORTAL.replace(':', '%3A').replace('/', '%2F')}%2Fauth%2F{platform}%2Fcallback" in url
    first = await harbour.sign_in(platform, "dee")
    known = await harbour.house.sessions.verify(first.secret)
    assert (known.name.lower(), known.operator) == ("dee", False)
    assert await harbour.accounts(first.person_id) == [MINE[platform]]
    harbour.house.later(days=1)
    second = await harbour.sign_in(platform, "dee")
    assert (second.person_id, await harbour.people()) == (first.person_id, 1)
    assert second.secret != first.secret
    told = [(told.accounts, told.founding) for _, told in harbour.house.world.heard]
    assert told == [((tuple(MINE[platform].split(":")),), True)]


@each_platform
async def test_tokens_of_the_platform_are_used_once_and_given_back(harbour: Harbour, platform: str) -> None:
    await harbour.sign_in(platform, "dee", "dee@example.org")
    assert harbour.twitch.signed_in() == set()
    assert (harbour.discord.bearers, harbour.slack.openid.alive) == ({}, set())
    tables = ("persons", "accounts", "sessions", "oauth_states", "security_log", "tellings")
    kept = [await harbour.house.database.read(lambda tx, t=table: tx.rows(f"SELECT * FROM {t}")) for table in tables]  # type: ignore[misc]
    assert "dee@example.org" not in repr(kept)
    assert "dee" in repr(kept).lower()


@pytest.mark.promise("identity.9")
@each_platform
async def test_a_way_back_is_good_once(harbour: Harbour, platform: str) -> None:
    path = harbour.at_the_platform(await harbour.set_out(platform), "dee")
    assert (await harbour.come_back(path)).back == "/me"
    refused = await refusal(harbour.come_back(path))
    assert isinstance(refused, InvalidInput)
    assert "used already" in refused.message


@pytest.mark.promise("identity.9")
async def test_a_way_back_is_good_in_the_browser_that_set_out_and_for_its_platform(harbour: Harbour) -> None:
    path = harbour.at_the_platform(await harbour.set_out("twitch"), "dee")
    assert isinstance(await refusal(harbour.come_back(path, binding=HIS)), InvalidInput)
    # Whoever carried it off has not left it behind either.
    assert isinstance(await refusal(harbour.come_back(path)), InvalidInput)
    path = harbour.at_the_platform(await harbour.set_out("twitch"), "dee")
    assert isinstance(await refusal(harbour.come_back(path, platform="discord")), InvalidInput)
    made_up = path.replace("state=", "state=a")
    assert isinstance(await refusal(harbour.come_back(made_up)), InvalidInput)
    assert await harbour.people() == 0


@pytest.mark.promise("identity.9")
async def test_a_way_back_is_good_for_ten_minutes(harbour: Harbour) -> None:
    path = harbour.at_the_platform(await harbour.set_out("discord"), "dee")
    harbour.house.later(seconds=599)
    await harbour.come_back(path)
    path = harbour.at_the_platform(await harbour.set_out("discord"), "dee")
    harbour.house.later(seconds=600)
    assert isinstance(await refusal(harbour.come_back(path)), InvalidInput)
    await harbour.set_out("discord")
    assert await harbour.house.database.read(lambda tx: tx.value("SELECT count(*) FROM oauth_states")) == 1


@pytest.mark.promise("identity.9")
@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "me", "", "/a\nb"])
async def test_one_comes_back_to_a_path_of_ours_alone(harbour: Harbour, back: str) -> None:
    refused = await refusal(harbour.set_out("twitch", back=back))
    assert (type(refused), refused.details) == (InvalidInput, {"field": "back"})


async def test_a_browser_has_to_be_named_and_people_link_while_others_sign_in(harbour: Harbour) -> None:
    assert isinstance(await refusal(harbour.set_out("twitch", binding="")), InvalidInput)
    asked = oauth.StartOAuth("twitch", HERS, "link", "/me", FIREFOX)
    assert isinstance(await refusal(harbour.house.made.platforms.start(asked, None)), InvalidInput)


@pytest.mark.promise("identity.7")
@each_platform
async def test_a_known_address_opens_and_attaches_nothing(harbour: Harbour, platform: str) -> None:
    ann = await harbour.house.ann_moves_in()
    for email in (EMAIL, EMAIL.upper()):
        refused = await refusal(harbour.sign_in(platform, "eve", email))
        assert isinstance(refused, Conflict)
        assert "Sign in first, then link" in refused.message
        assert EMAIL not in refused.message
    assert (await harbour.people(), await harbour.accounts(ann.person_id)) == (1, [])
    # With another address, or none, the same account is somebody of its own.
    stranger = await harbour.sign_in(platform, "eve", "eve@example.org")
    assert stranger.person_id != ann.person_id
    # That it has Ann's address now changes nothing about whose it is.
    assert (await harbour.sign_in(platform, "eve", EMAIL)).person_id == stranger.person_id


@pytest.mark.promise("identity.8")
@each_platform
async def test_linking_never_changes_whose_session_it_is(harbour: Harbour, platform: str) -> None:
    ann = await harbour.house.ann_moves_in()
    done = await harbour.link(ann.person_id, platform, "dee")
    assert (done.session, done.back, done.linked.lower()) == (None, "/me", f"dee ({platform})")
    assert await harbour.accounts(ann.person_id) == [MINE[platform]]
    assert (await harbour.house.sessions.verify(ann.secret)).person_id == ann.person_id
    assert await harbour.people() == 1
    assert (await harbour.link(ann.person_id, platform, "dee")).linked
    assert await harbour.accounts(ann.person_id) == [MINE[platform]]


@pytest.mark.promise("identity.8")
async def test_an_account_of_somebody_else_stays_theirs(harbour: Harbour) -> None:
    bea = await harbour.sign_in("discord", "bea")
    ann = await harbour.house.ann_moves_in()
    refused = await refusal(harbour.link(ann.person_id, "discord", "bea"))
    assert (type(refused), refused.message) == (Conflict, TAKEN)
    assert await harbour.accounts(ann.person_id) == []
    assert await harbour.accounts(bea.person_id) == ["discord:2bea"]


@pytest.mark.promise("identity.8")
async def test_a_link_is_finished_by_whoever_began_it(harbour: Harbour) -> None:
    ann, bea = await harbour.house.ann_moves_in(), await harbour.sign_in("discord", "bea")
    for finisher in (bea.person_id, ""):
        path = harbour.at_the_platform(await harbour.set_out("twitch", ann.person_id), "dee")
        assert isinstance(await refusal(harbour.come_back(path, finisher)), InvalidInput)
    path = harbour.at_the_platform(await harbour.set_out("twitch"), "dee")
    signed_in = await harbour.come_back(path, ann.person_id)
    assert signed_in.session is not None
    assert signed_in.session.person_id not in {ann.person_id, bea.person_id}


@pytest.mark.promise("identity.5")
async def test_for_a_day_a_linked_account_opens_nothing(harbour: Harbour) -> None:
    ann = await harbour.house.ann_moves_in()
    await harbour.link(ann.person_id, "twitch", "dee")
    refused = await refusal(harbour.sign_in("twitch", "dee"))
    assert isinstance(refused, Forbidden)
    assert "less than a day ago" in refused.message
    harbour.house.later(hours=24)
    assert (await harbour.sign_in("twitch", "dee")).person_id == ann.person_id


@pytest.mark.promise("identity.16")
async def test_the_last_account_with_which_one_signs_in_stays(
    make_database: Callable[[Path], AsyncDAL],
) -> None:
    async with open_harbour(make_database, DISCORD_OAUTH_CLIENT_ID="") as harbour:
        dee = await harbour.sign_in("twitch", "dee")
        await harbour.house.link("1dee", "dan")
        # Who signs in in the portal has the last word, whatever their role.
        assert await harbour.accounts(dee.person_id) == ["twitch:1dee"]
        await harbour.house.say("!identity confirm", "1dee")
        harbour.house.later(days=1)
        mine = SeenAccount("twitch", "1dee")
        refused = await refusal(harbour.house.own.unlink(dee.person_id, mine))
        assert refused.message == "This is the last account with which you can sign in: it cannot be unlinked."
        await harbour.link(dee.person_id, "slack", "dee")
        await harbour.house.own.unlink(dee.person_id, mine)
        assert sorted(await harbour.accounts(dee.person_id)) == ["discord:dan", "slack:T1.Udee"]


async def test_where_the_sign_up_is_closed_those_who_are_known_come_in(
    make_database: Callable[[Path], AsyncDAL],
) -> None:
    async with open_harbour(make_database, IDENTITY_SIGN_UP="closed") as closed:
        ann = await closed.house.ann_moves_in()
        assert isinstance(await refusal(closed.sign_in("slack", "eve")), Forbidden)
        assert await closed.people() == 1
        await closed.link(ann.person_id, "slack", "dee")
        closed.house.later(days=1)
        assert (await closed.sign_in("slack", "dee")).person_id == ann.person_id


async def test_who_is_suspended_stays_out(harbour: Harbour) -> None:
    await harbour.sign_in("twitch", "dee")
    await harbour.house.database.write(lambda tx: tx.run("UPDATE persons SET state = 'suspended'"))
    assert isinstance(await refusal(harbour.sign_in("twitch", "dee")), Unauthenticated)
    assert await harbour.people() == 1


async def test_who_has_an_authenticator_is_asked_for_its_code(harbour: Harbour) -> None:
    ann = await harbour.house.ann_moves_in()
    app, recovery = await harbour.house.set_up_authenticator(ann)
    await harbour.link(ann.person_id, "discord", "ann")
    harbour.house.later(days=1)
    for code in (app.code(), recovery[0]):
        waiting = await harbour.sign_in("discord", "ann")
        assert waiting.secret == ""
        assert isinstance(await refusal(harbour.house.code(waiting.challenge, "000000")), Unauthenticated)
        session = await harbour.house.code(waiting.challenge, app.code() if code.isdigit() else code)
        assert session.person_id == ann.person_id
        assert (await harbour.house.sessions.verify(session.secret)).second_factor


async def test_a_no_changes_nothing_and_ends_the_way(harbour: Harbour) -> None:
    for platform in PLATFORMS:
        path = harbour.at_the_platform(await harbour.set_out(platform), "dee", answer="no")
        refused = await refusal(harbour.come_back(path))
        assert refused.message.startswith(f"You said no at {platform.capitalize()}.")
        assert "used already" in (await refusal(harbour.come_back(path))).message
    assert await harbour.people() == 0


async def test_two_who_begin_with_the_same_account_at_once_are_one_person(harbour: Harbour) -> None:
    paths = [harbour.at_the_platform(await harbour.set_out("twitch"), "dee") for _ in range(2)]
    done = await asyncio.gather(*(harbour.come_back(path) for path in paths))
    assert len({one.session.person_id for one in done if one.session}) == 1
    assert await harbour.people() == 1


@pytest.mark.parametrize("platform", ["twitch", "discord"])
async def test_a_code_of_another_way_is_worth_nothing(harbour: Harbour, platform: str) -> None:
    stolen = harbour.at_the_platform(await harbour.set_out(platform, binding=HIS), "dee")
    own = harbour.at_the_platform(await harbour.set_out(platform), "eve")
    mixed = own.split("code=")[0] + "code=" + stolen.split("code=")[1].split("&")[0] + "&" + own.split("&", 1)[1]
    assert isinstance(await refusal(harbour.come_back(mixed)), InvalidInput)
    assert await harbour.people() == 0


async def test_a_twitch_that_knows_no_verifier_lets_people_in_all_the_same(harbour: Harbour) -> None:
    harbour.twitch.knows_pkce = False
    assert (await harbour.sign_in("twitch", "dee")).person_id


async def test_a_platform_without_application_is_not_there(house: House) -> None:
    assert dict(house.made.platforms.providers) == {}
    asked = oauth.StartOAuth("twitch", HERS)
    assert isinstance(await refusal(house.made.platforms.start(asked, None)), NotFound)


async def test_nobody_fills_the_table_of_ways_from_one_address(harbour: Harbour) -> None:
    for _ in range(120):
        await harbour.set_out("twitch")
    assert isinstance(await refusal(harbour.set_out("twitch")), TooMany)
    harbour.house.later(minutes=11)
    await harbour.set_out("twitch")
    assert await harbour.house.database.read(lambda tx: tx.value("SELECT count(*) FROM oauth_states")) == 1


class Away(MemoryState):
    """Shared state that does not answer."""

    async def increment(self, key: str, seconds: float, by: int = 1) -> int:
        raise Unavailable("Shared state is not answering right now.")


@pytest.mark.promise("identity.24")
async def test_without_shared_state_nobody_sets_out(harbour: Harbour) -> None:
    harbour.house.ways_in.throttle._shared = Away()
    assert isinstance(await refusal(harbour.set_out("twitch")), Unavailable)
