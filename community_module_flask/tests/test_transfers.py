"""A community is handed over when both said so, privately asked, within a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community_module_flask.publishing import Publisher
from community_module_flask.tests.conftest import Town
from community_module_flask.tests.test_endings import settled
from community_module_flask.tests.test_telling import Modules
from community_module_flask.transfer_repository import TransferRepository
from community_module_flask.transfers import Transfers
from flask_core.contracts import community, notices, router
from flask_core.contracts import community_endings as contract
from flask_core.contracts.community_endings import BeginTransfer, TransferOf
from flask_core.datamodels import Chat, Role
from flask_core.errors import Conflict, Forbidden, LimitReached, NotFound, Unavailable
from flask_core.operations import Caller

TWITCH, DM = "twitch:1:1", "twitch:dm:dee"


async def pond(town: Town) -> int:
    """Bea's stream is a community of hers; Dee writes there."""
    await town.say("!community create Pond", "bea", TWITCH, broadcaster=True)
    town.persons["twitch", "dee"] = "person-dee"
    await town.member(TWITCH, "dee")
    return (await town.hear(TWITCH, "bea")).community.id


async def role(town: Town, user: str) -> Role:
    member = (await town.hear(TWITCH, user)).member
    assert member is not None
    return member.assigned_role


def at_hour(town: Town, hours: float) -> Transfers:
    """A replica whose clock is `hours` later."""
    service, at = town.service, datetime.now(UTC) + timedelta(hours=hours)
    publisher = Publisher(service.shared, town.contexts(), service.database.after_commit)
    return Transfers(TransferRepository(service.database), publisher, max_owned=5, now=lambda: at)


class Post:
    """What the router is asked to write to people."""

    def __init__(self, town: Town) -> None:
        self.modules, self.away = Modules(town), False
        self.letters: dict[str, str] = {}
        self.notices: dict[str, notices.PutNotice] = {}

        @town.inst.fake("portal").offers(notices.NOTIFY)
        async def notify(asked: notices.PutNotice, _: Caller) -> notices.Notice:
            self.notices[asked.person_id] = asked
            return notices.Notice(1, asked.text, asked.link, datetime.now(UTC))

        @town.inst.fake("router").offers(router.ACT)
        async def act(asked: router.ActionsRequest, _: Caller) -> router.ActionStates:
            if self.away:
                raise Unavailable("Back soon.")
            assert asked.private
            (said,) = asked.actions
            assert isinstance(said, Chat)
            self.letters[asked.target.member_id] = said.text
            return router.ActionStates(())


@pytest.mark.promise("community.20")
async def test_both_are_asked_privately_and_both_have_to_agree(town: Town) -> None:
    post = Post(town)
    await pond(town)
    bea, dee = await town.member(TWITCH, "bea"), await town.member(TWITCH, "dee")
    said = await town.say("!community transfer dee", "bea", TWITCH)
    assert said == (
        "I asked Dee and you privately. When both write !community agree 1 within 24 h, Dee is the owner and you are"
        " admin."
    )
    post.away = True
    await post.modules.a_minute_later()
    assert post.letters == {}
    post.away = False
    await post.modules.a_minute_later()
    assert post.letters[dee].startswith("Bea wants to hand the community «Pond» over to you. You would own it.")
    assert post.letters[bea].startswith("«Pond» (#2) is to be handed over to Dee. You would be admin.")
    assert "write !community agree 1 within 24 h" in post.letters[dee]
    # Bea never signed in to the portal, and nobody else is told.
    assert {who: (one.link, one.community_id) for who, one in post.notices.items()} == {
        "person-dee": ("/c/2/transfer", 0)
    }  # fmt: skip
    assert await town.say("!community agree 1", "dee", DM) == (
        "You agreed. Bea has to agree as well: !community agree 1"
    )  # fmt: skip
    assert await role(town, "bea") is Role.OWNER
    assert await town.say("!community agree 1", "bea", TWITCH) == "Dee is the owner now."
    assert [await role(town, "dee"), await role(town, "bea")] == [Role.OWNER, Role.ADMIN]
    assert await town.say("!community agree 1", "bea", TWITCH) == "No transfer #1 waits for you."
    assert (await town.say("!community leave", "bea", TWITCH)).startswith("You left.")
    post.letters.clear()
    await post.modules.a_minute_later()
    assert post.letters == {}


@pytest.mark.promise("community.20")
async def test_the_owner_alone_hands_nothing_over(town: Town) -> None:
    await pond(town)
    await town.say("!community transfer dee", "bea", TWITCH)
    for _ in range(2):
        said = await town.say("!community agree 1", "bea", TWITCH)
        assert said == "You agreed. Dee has to agree as well: !community agree 1"
    await town.member(TWITCH, "eve")
    assert await town.say("!community agree 1", "eve", TWITCH) == "No such transfer."
    assert await town.say("!community agree 1", "stranger", "twitch:9:9") == "No transfer #1 waits for you."
    assert await town.say("!community disagree 1", "eve", TWITCH) == "No such transfer."
    assert await town.say("!community disagree 1", "dee", DM) == "Called off. Bea stays the owner."
    assert await town.say("!community agree 1", "dee", DM) == "No transfer #1 waits for you."
    assert await role(town, "bea") is Role.OWNER


@pytest.mark.promise("community.20")
async def test_after_a_day_it_is_too_late(town: Town) -> None:
    await pond(town)
    await town.say("!community transfer dee", "bea", TWITCH)
    await town.say("!community agree 1", "bea", TWITCH)
    assert (await at_hour(town, 23).numbered(1)).owner_agreed
    with pytest.raises(NotFound):
        await at_hour(town, 24.1).numbered(1)


@pytest.mark.promise("community.20")
async def test_in_the_portal_the_owner_types_the_short_name_and_the_other_agrees(town: Town) -> None:
    made = await town.found("Pond")
    await town.attach(made.id, TWITCH)
    dee, eve = await settled(town, made.id, "dee"), await settled(town, made.id, "eve")
    here = community.CommunityId(made.id)
    assert (await town.ask(contract.OPEN_TRANSFER, here, "ann", home=made.id)).transfer is None
    with pytest.raises(Conflict, match="Type pond to hand"):
        await town.ask(contract.TRANSFER, BeginTransfer(made.id, dee, "pool"), "ann", home=made.id)
    with pytest.raises(Forbidden):
        await town.ask(contract.TRANSFER, BeginTransfer(made.id, dee, "pond"), "dee", home=made.id)
    begun = await town.ask(contract.TRANSFER, BeginTransfer(made.id, dee, "pond"), "ann", home=made.id)
    assert (begun.owner_agreed, begun.member_agreed, begun.name) == (True, False, "Dee")
    assert (await town.ask(contract.OPEN_TRANSFER, here, "dee", home=made.id)).mine
    assert (await town.ask(contract.OPEN_TRANSFER, here, "ann", home=made.id)).transfer == begun
    assert (await town.ask(contract.OPEN_TRANSFER, here, "eve", home=made.id)).transfer is None
    number = TransferOf(made.id, begun.id)
    for operation in (contract.ACCEPT_TRANSFER, contract.CALL_OFF_TRANSFER):
        with pytest.raises(NotFound):
            await town.ask(operation, number, "eve", home=made.id)
    other = await town.found("Lake", "dee")
    with pytest.raises(NotFound):
        await town.ask(contract.ACCEPT_TRANSFER, TransferOf(other.id, begun.id), "dee", home=other.id)
    again = await town.ask(contract.TRANSFER, BeginTransfer(made.id, eve, "pond"), "ann", home=made.id)
    with pytest.raises(NotFound):
        await town.ask(contract.ACCEPT_TRANSFER, number, "dee", home=made.id)
    done = await town.ask(contract.ACCEPT_TRANSFER, TransferOf(made.id, again.id), "eve", home=made.id)
    assert done.done
    held = await town.inst.client("router").call(
        "community", community.ROLE_OF, community.RoleOf(made.id, "person-eve")
    )
    assert held.assigned is Role.OWNER


async def test_who_owns_five_or_left_or_owns_it_becomes_no_owner(town: Town) -> None:
    made = await town.found("Pond")
    await town.attach(made.id, TWITCH)
    dee = await settled(town, made.id, "dee")
    for _ in range(5):
        await town.found(who="dee")
    begun = await town.ask(contract.TRANSFER, BeginTransfer(made.id, dee, "pond"), "ann", home=made.id)
    with pytest.raises(LimitReached, match="Dee owns 5 communities already"):
        await town.ask(contract.ACCEPT_TRANSFER, TransferOf(made.id, begun.id), "dee", home=made.id)
    await town.say("!community leave", "dee", TWITCH)
    with pytest.raises(Conflict, match="Dee is not an active member here"):
        await town.ask(contract.TRANSFER, BeginTransfer(made.id, dee, "pond"), "ann", home=made.id)
    page = await town.ask(community.MEMBERS, community.ListMembers(made.id, role="owner"), "ann", home=made.id)
    with pytest.raises(Conflict, match="is the owner already"):
        await town.ask(contract.TRANSFER, BeginTransfer(made.id, page.items[0].id, "pond"), "ann", home=made.id)
