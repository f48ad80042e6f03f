"""Commands out of signatures: what the router is told, and what a handler gets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
import pytest

from flask_core.commands import MAX_TIMEOUT, After, Call, CommandGroup, Flag, Rest, per_channel, per_member
from flask_core.datamodels import (
    Account,
    Argument,
    ArgumentKind,
    ChannelRef,
    CommandCard,
    CommunityRef,
    Cooldowns,
    Event,
    GivenMember,
    Invocation,
    MemberRef,
    MessageType,
    Platform,
    Reply,
    Role,
)
from flask_core.errors import NotFound


def invoked(command: str, **arguments: Any) -> Invocation:
    account = Account("7", display_name="Dee")
    return Invocation(
        execution_id="execution-1",
        community=CommunityRef(2, "Penguins"),
        channel=ChannelRef("console:2:main"),
        member=MemberRef("member-dee", Role.VIEWER, account),
        event=Event("e1", MessageType.CHAT, "console:2:main", datetime(2026, 3, 11, tzinfo=UTC), account),
        command=command,
        arguments=arguments,
    )


@pytest.fixture
def group() -> CommandGroup:
    group = CommandGroup("garden")

    @group.command("plant", aliases=("p", "sow"), role=Role.VIP, or_label="gardener", cooldown=per_member(seconds=5))
    async def plant(
        call: Call[list[Any]],
        what: str,
        many: int,
        deep: float,
        watered: bool,
        every: timedelta,
        by: GivenMember,
        where: Literal["bed", "pot"] = "bed",
        *,
        until: Annotated[timedelta | None, Flag()] = None,
        where_channel: Annotated[str | None, ArgumentKind.CHANNEL] = None,
        note: Annotated[Rest | None, After("note")] = None,
    ) -> Reply:
        """Plant something.

        More about it, for whoever reads the code.
        """
        call.service.append((what, many, deep, watered, every, by, where, until, where_channel, note))
        return Reply.chat(f"{call.member.name} planted in {call.community} from {call.channel}.")

    @group.command("dig", timeout=99, scope="community", group="Earth", platforms=(Platform.TWITCH,), hidden=True)
    async def dig(call: Call[list[Any]], hole: Rest) -> Reply:
        """Dig a hole."""
        return Reply.chat(hole)

    return group


def test_a_card_is_read_from_the_signature(group: CommandGroup) -> None:
    plant, dig = group.cards()
    assert plant == CommandCard(
        path="plant",
        help="Plant something.",
        usage=(
            "!plant <what> <many> <deep> <watered> <every> <by> [bed|pot] [--until until] [where channel] [note note]"
        ),
        aliases=("p", "sow"),
        role=Role.VIP,
        or_label="gardener",
        cooldowns=Cooldowns(member=5),
        arguments=(
            Argument("what"),
            Argument("many", ArgumentKind.INTEGER),
            Argument("deep", ArgumentKind.DECIMAL),
            Argument("watered", ArgumentKind.BOOLEAN),
            Argument("every", ArgumentKind.DURATION),
            Argument("by", ArgumentKind.MEMBER),
            Argument("where", ArgumentKind.CHOICE, required=False, choices=("bed", "pot")),
            Argument("until", ArgumentKind.DURATION, required=False, flag=True),
            Argument("where_channel", ArgumentKind.CHANNEL, required=False),
            Argument("note", ArgumentKind.REST, required=False, after="note"),
        ),
    )
    assert (dig.timeout, dig.scope, dig.group, dig.platforms, dig.hidden) == (
        MAX_TIMEOUT, "community", "Earth", (Platform.TWITCH,), True,
    )  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(group.cards()), type=tuple[CommandCard, ...]) == group.cards()


async def test_a_handler_gets_what_its_signature_says(group: CommandGroup) -> None:
    bed: list[Any] = []
    reply = await group.run(
        bed, invoked("plant", what="rose", many=3, deep=0.5, watered=True, every=3_600,
                     by={"name": "Ann", "user_id": "9"}, until=60, note="soon"),
    )  # fmt: skip
    assert reply == Reply.chat("Dee planted in 2 from console:2:main.")
    assert bed == [
        ("rose", 3, 0.5, True, timedelta(hours=1), GivenMember("Ann", user_id="9"), "bed", timedelta(minutes=1), None,
         "soon"),
    ]  # fmt: skip


async def test_a_command_that_was_never_declared_is_not_found(group: CommandGroup) -> None:
    with pytest.raises(NotFound, match="There is no command !weed here"):
        await group.run([], invoked("weed"))


def test_usage_can_be_said_in_other_words() -> None:
    group = CommandGroup("garden")

    @group.command("look", usage="!look [at]", cooldown=per_channel(seconds=3, member=1))
    async def look(call: Call[None]) -> Reply:
        """Look around."""
        return Reply()

    assert (group.cards()[0].usage, group.cards()[0].cooldowns) == ("!look [at]", Cooldowns(1, 3))


type Handler = Callable[..., Awaitable[Reply]]


async def silent(call: Call[None]) -> Reply:
    return Reply()


async def takes_bytes(call: Call[None], what: bytes) -> Reply:
    """Take what nobody can type."""
    return Reply()


async def takes_either(call: Call[None], what: int | str) -> Reply:
    """Take one thing or another."""
    return Reply()


async def takes_all(call: Call[None], *words: list[str]) -> Reply:
    """Take a list."""
    return Reply()


@pytest.mark.parametrize(
    ("handler", "complaint"),
    [
        (silent, "!weed needs a docstring"),
        (takes_bytes, "takes_bytes: no line can fill what"),
        (takes_either, "takes_either: no line can fill what"),
        (takes_all, "takes_all: no line can fill words"),
    ],
)
def test_what_no_line_can_fill_fails_at_import(handler: Handler, complaint: str) -> None:
    with pytest.raises(TypeError, match=complaint):
        CommandGroup("garden").command("weed")(handler)


@pytest.mark.parametrize("names", [("plant",), ("grow", "p"), ("p",), ("grow", "dig")])
def test_a_word_means_one_command(group: CommandGroup, names: tuple[str, ...]) -> None:
    async def grow(call: Call[None]) -> Reply:
        """Grow."""
        return Reply()

    with pytest.raises(ValueError, match="is declared twice"):
        group.command(names[0], aliases=names[1:])(grow)
    assert len(group.cards()) == 2
