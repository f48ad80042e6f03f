"""What needs a person stands at the top of home and on their own page until it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flask_core.contracts import community, module, notices, router
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput
from flask_core.operations import Caller
from portal_module_flask.notice_repository import NoticeRepository
from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours

LOST = "Twitch: waddles has to be connected again."


async def tell(house: House, key: str = "k1", **more: object) -> notices.Notice:
    """A module tells that somebody is needed."""
    asked = notices.PutNotice(key, str(more.pop("about", "sign-in:1")), LOST, **more)  # type: ignore[arg-type]
    return await house.inst.client("twitch").call("portal", notices.NOTIFY, asked)


async def test_a_notice_stands_on_home_and_on_ones_own_page_until_it_is_put_away(house: House) -> None:
    ann = await house.ann()
    link = f"{house.here}/platforms/twitch"
    made = await tell(house, community_id=house.community_id, person_id=ann.person_id, link=link)
    assert made.new
    for where in (f"{house.here}/home", "/me"):
        html = await house.page(where)
        assert html.count(LOST) == 2  # the sentence, and the button that names it
        assert f'href="{link}"' in html
    await house.send(f"{house.here}/notices/{made.id}/put-away", on=f"{house.here}/home")
    assert LOST not in await house.page(f"{house.here}/home")
    assert LOST not in await house.page("/me")
    await house.send(f"/me/notices/{made.id + 1}/put-away", 404, on="/me")


async def test_the_same_key_is_one_notice_and_a_newer_one_takes_its_place(house: House) -> None:
    here = {"community_id": house.community_id}
    first = await tell(house, **here)
    again = await tell(house, **here)
    assert (again.id, again.new) == (first.id, False)
    second = await tell(house, "k2", **here)
    assert second.new
    assert (await house.page(f"{house.here}/home")).count(f"<p>{LOST}") == 1
    await house.inst.client("twitch").call("portal", notices.RESOLVE, notices.NoticeAbout("sign-in:1"))
    assert LOST not in await house.page(f"{house.here}/home")


async def test_nobody_takes_back_or_puts_away_what_is_not_theirs(house: House) -> None:
    made = await tell(house, community_id=house.community_id, person_id="person-of-somebody")
    await house.inst.client("slack").call("portal", notices.RESOLVE, notices.NoticeAbout("sign-in:1"))
    assert LOST in await house.page(f"{house.here}/home")
    assert LOST not in await house.page("/me")
    await house.send(f"/me/notices/{made.id}/put-away", 404, on="/me")
    where = await house.send("/communities/new", name="Seals")
    seals = f"/c/{where.split('/')[2]}"
    assert LOST not in await house.page(f"{seals}/home")
    await house.send(f"{seals}/notices/{made.id}/put-away", 404, on=f"{seals}/home")
    for link in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        with pytest.raises(InvalidInput):
            await tell(house, f"k-{link}", community_id=house.community_id, link=link)


async def test_a_person_is_written_to_where_there_is_no_trouble(house: House) -> None:
    neighbours = await Neighbours.of(house)
    await neighbours.becomes("Ben", "discord", "moderator")
    said: list[router.ActionsRequest] = []
    member = community.Member(
        "m1", "Ben", "active", Role.MODERATOR, 
        accounts=(community.MemberAccount("twitch", "7", "ben"), community.MemberAccount("discord", "9", "ben")),
    )  # fmt: skip
    _plays_community(house, member)

    @house.inst.fake("router").offers(router.ACT)
    async def act(asked: router.ActionsRequest, _: Caller) -> router.ActionStates:
        said.append(asked)
        return router.ActionStates(())

    told = {"community_id": house.community_id, "person_id": "person-ben", "trouble_on": "twitch"}
    await tell(house, **told)
    await tell(house, **told)
    assert [(one.target.account, one.private, one.idempotency_key) for one in said] == [
        (("discord", "9"), True, "notice:twitch:k1")
    ]  # fmt: skip


def _plays_community(house: House, member: community.Member) -> None:
    fake = house.inst.fake("community")

    @fake.offers(community.ROLE_OF)
    async def role_of(_: community.RoleOf, __: Caller) -> community.PersonRole:
        return community.PersonRole(member.role, member.role, member_id=member.id)

    @fake.offers(community.MEMBER)
    async def show(_: community.MemberOf, __: Caller) -> community.Member:
        return member


async def test_what_is_old_or_of_somebody_who_leaves_is_forgotten(house: House) -> None:
    kept = NoticeRepository(house.inst.services["portal"].database)
    await tell(house, "k1", about="a", community_id=house.community_id, person_id="person-ben")
    await tell(house, "k2", about="b", person_id="person-ben")
    of_ben = module.PersonAccounts("r1", person_id="person-ben")
    identity = house.inst.client("identity")
    exported = await identity.call("portal", module.EXPORT, of_ben)
    assert [row["text"] for row in exported.tables["notices"]] == [LOST, LOST]
    assert (await identity.call("portal", module.ERASE, of_ben)).counts == {"forms": 0, "notices": 2}
    assert not await kept.of_person("person-ben")
    assert len(await kept.of_community(house.community_id)) == 1
    await kept.forget(datetime.now(UTC) + timedelta(days=1))
    assert not await kept.of_community(house.community_id)
