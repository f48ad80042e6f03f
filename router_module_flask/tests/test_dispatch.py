"""Commands that lead to commands, and lines that nobody typed."""

from __future__ import annotations

import msgspec
import pytest

from flask_core.contracts.module import Priority
from flask_core.datamodels import (
    Argument,
    ArgumentKind,
    Chat,
    CommandCard,
    Cooldowns,
    Invocation,
    Manifest,
    Reply,
    Role,
    RunCommand,
)
from flask_core.errors import Forbidden
from router_module_flask.dispatch import Lines, as_one_argument
from router_module_flask.models import Line
from router_module_flask.moderation.verdicts import Verdict
from router_module_flask.permissions import speaker_of
from router_module_flask.tests.fakes import World, chat_event

_REST = Argument("words", ArgumentKind.REST, required=False)
_FREE = Cooldowns()


class Aliases:
    """A world with a module that may start commands; `lines` tells which line a name runs."""

    def __init__(self, *, may_dispatch: bool = True) -> None:
        self.world = World()
        self.lines: dict[str, str] = {}
        names = ("a1", "a2", "a3", "a4", "a5", "a6")
        cards = tuple(CommandCard(n, "Runs another.", f"!{n}", cooldowns=_FREE, arguments=(_REST,)) for n in names)
        cards += (CommandCard("w", "The weather.", "!w", cooldowns=Cooldowns(channel=30), arguments=(_REST,)),)
        self.world.directory.take(
            Manifest("alias", "1", "interaction", "", "one", commands=cards, may_dispatch=may_dispatch)
        )
        self.world.modules.answer = self._answer

    def chain(self, *names: str, end: str) -> None:
        self.lines |= dict(zip(names, [f"!{name}" for name in names[1:]] + [end], strict=True))

    def _answer(self, invocation: Invocation) -> Reply:
        line = self.lines.get(invocation.command)
        return Reply((RunCommand(line),)) if line is not None else Reply.chat(f"ran {invocation.command}")

    @property
    def ran(self) -> list[str]:
        return [invocation.command for _, invocation in self.world.modules.asked]


@pytest.mark.promise("router.10")
async def test_a_chain_of_five_ends_in_the_command_and_is_recorded_whole() -> None:
    aliases = Aliases()
    aliases.chain("a1", "a2", "a3", "a4", "a5", end="quote 7")
    assert await aliases.world.say("!a1") == "ran quote"
    module, last = aliases.world.modules.asked[-1]
    assert (module, last.arguments, last.depth, last.text) == ("memories", {"number": 7}, 5, "!quote 7")
    finished = aliases.world.records.finished[-1]
    assert [run.command for run in finished.runs] == ["a1", "a2", "a3", "a4", "a5", "quote"]
    assert len({run.execution_id for run in finished.runs}) == 6
    chain = [said for name, _, said, _ in finished.trace.steps if name == "dispatched"]
    assert chain[0] == "!a1 → !a2 of alias"
    assert chain[-1] == "!a5 → !quote of memories"


@pytest.mark.parametrize(
    ("style", "said", "private"), [("reply", True, False), ("private", True, True), ("silent", False, False)]
)
@pytest.mark.parametrize("line", ["a1", "reset", "nothing"])
async def test_a_refusal_deep_in_a_chain_is_told_as_the_community_wants(
    line: str, style: str, said: bool, private: bool
) -> None:
    aliases = Aliases()
    aliases.world.decide(refusals=style)
    aliases.chain("a1", end=line)
    await aliases.world.say("!a1")
    assert aliases.world.outcome == "refused"
    assert [out.action.private for out in aliases.world.records.finished[-1].outgoing] == [private] * said


async def test_wrong_words_deep_in_a_chain_are_explained_in_any_case() -> None:
    aliases = Aliases()
    aliases.world.decide(refusals="silent")
    aliases.chain("a1", end="quote seven")
    assert await aliases.world.say("!a1") == "Usage: !quote [number]"


@pytest.mark.promise("router.10")
async def test_a_chain_of_six_is_refused() -> None:
    aliases = Aliases()
    aliases.chain("a1", "a2", "a3", "a4", "a5", "a6", end="quote 7")
    assert await aliases.world.say("!a1") == "A command can lead to 5 others at most."
    assert "quote" not in aliases.ran


@pytest.mark.promise("router.10")
async def test_a_circle_stops() -> None:
    aliases = Aliases()
    aliases.lines = {"a1": "!a2", "a2": "a1 again"}
    assert await aliases.world.say("!a1") == "!a1 runs itself."
    assert aliases.ran == ["a1", "a2"]


@pytest.mark.promise("router.10")
async def test_the_rights_are_the_callers() -> None:
    aliases = Aliases()
    aliases.lines["w"] = '!quote add "ship it"'
    assert await aliases.world.say("!w") == "Only moderators or members with the label memories can do that."
    assert await aliases.world.say("!w", user="mod", moderator=True) == "ran quote add"
    # The refused one spent nothing: only moderators skip the channel's bucket.
    assert await aliases.world.say("!w", user="ben") != "Ready in 30 s."


async def test_a_module_that_is_off_is_off_through_another_one_too() -> None:
    aliases = Aliases()
    aliases.lines["a1"] = "!quote 7"
    aliases.world.customs.states[("memories", "")] = False
    assert await aliases.world.say("!a1") == "memories is off here."


async def test_the_cooldown_of_the_target_holds_and_gives_back_that_of_the_name() -> None:
    aliases = Aliases()
    aliases.lines["w"] = "!quote 7"
    assert await aliases.world.say("!quote 3") == "ran quote"
    assert await aliases.world.say("!w") == "Ready in 10 s."
    aliases.world.now += 10
    assert await aliases.world.say("!w") == "ran quote"


async def test_what_the_target_refuses_is_said_and_costs_nothing() -> None:
    aliases = Aliases()
    aliases.lines["w"] = "!quote 7"

    def refuses(invocation: Invocation) -> Reply:
        if invocation.command == "quote":
            raise Forbidden("There is no quote #7.")
        return Reply((RunCommand("!quote 7"),))

    aliases.world.modules.answer = refuses
    assert await aliases.world.say("!w") == "There is no quote #7."
    assert await aliases.world.say("!w") == "There is no quote #7."


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("!nothing here", "!a1 leads to a command that does not exist here."),
        ("", "!a1 leads to a command that does not exist here."),
        ("!quote seven", "Usage: !quote [number]"),
    ],
)
async def test_a_line_that_leads_nowhere_is_told(line: str, answer: str) -> None:
    aliases = Aliases()
    aliases.lines["a1"] = line
    assert await aliases.world.say("!a1") == answer


async def test_a_module_that_may_not_start_commands_starts_none() -> None:
    aliases = Aliases(may_dispatch=False)
    aliases.lines["a1"] = "!quote 7"
    assert await aliases.world.say("!a1") == ""
    assert aliases.ran == ["a1"]


async def test_an_entry_that_was_taken_over_runs_its_chain_again_under_the_same_ids() -> None:
    aliases = Aliases()
    aliases.lines["w"] = "!quote 7"
    event = chat_event("!w")
    assert await aliases.world.happens(event) == "ran quote"
    assert await aliases.world.happens(event, attempts=2) == "ran quote"
    first, second = aliases.world.records.finished
    assert [run.execution_id for run in first.runs] == [run.execution_id for run in second.runs]
    assert [out.key for out in first.outgoing] == [out.key for out in second.outgoing]


async def test_a_rules_line_runs_with_the_rules_role_next_to_what_was_typed_and_meets_no_rule() -> None:
    world = World()
    line = Line(f"quote add {as_one_argument('badword')}", Role.MODERATOR, "rule 14")
    world.moderation.verdicts["badword"] = Verdict(lines=(line,))
    assert (
        await world.say("!quote add badword")
        == "Only moderators or members with the label memories can do that. / ran quote add"
    )
    assert [i.member.role for _, i in world.modules.asked] == [Role.MODERATOR]
    assert await world.say("!quote add badword", moderator=True) == "ran quote add / ran quote add"
    assert len({run.execution_id for run in world.records.finished[-1].runs}) == 2
    assert len({out.key for out in world.records.finished[-1].outgoing}) == 2


async def test_a_rules_line_runs_though_what_was_typed_is_blocked() -> None:
    world = World()
    world.moderation.verdicts["badword"] = Verdict(lines=(Line("!quote 7", Role.VIEWER, "rule 14"),), blocked=True)
    assert await world.say("badword") == "ran quote"
    assert world.outcome == "blocked"


@pytest.mark.parametrize("line", ["!reset", "!nothing", "!quote seven", ""])
async def test_a_line_that_nobody_typed_is_refused_in_silence(line: str) -> None:
    world = World()
    world.moderation.verdicts["badword"] = Verdict(lines=(Line(line, Role.MODERATOR, "rule 14"),))
    world.contexts.assigned["dee"] = Role.OWNER  # whoever is punished lends the line nothing
    assert await world.say("badword") == ""
    assert world.modules.asked == []


async def test_a_timers_line_is_recorded_by_itself() -> None:
    world = World()
    event = msgspec.structs.replace(chat_event(""), account=None)
    context = world.contexts.known(event)
    assert context is not None
    lines = Lines(world.pipeline.dispatch, world.records)
    line = Line("!reset", Role.ADMIN, "timer night", Priority.TIMER)
    await lines.run(line, event, speaker_of(event, context))
    ((event_id, runs, outgoing),) = world.records.kept
    assert (event_id, [run.command for run in runs]) == (event.event_id, ["reset"])
    assert [(out.action, out.priority) for out in outgoing] == [(Chat("ran reset"), Priority.TIMER)]


@pytest.mark.parametrize("text", ['"; !ban x', "＂; !ban x", '\\"; !ban x', "\\", "a\nb", '" ', "“x” !ban"])
async def test_whatever_somebody_writes_stays_one_argument(text: str) -> None:
    world = World()
    words = Argument("first"), Argument("second")
    card = CommandCard("two", "Two words.", "!two <first> <second>", cooldowns=_FREE, arguments=words)
    world.directory.take(Manifest("pairs", "1", "interaction", "", "one", commands=(card,)))
    world.moderation.verdicts[text] = Verdict(lines=(Line(f"two {as_one_argument(text)} end", Role.VIEWER, "rule 1"),))
    await world.say(text)
    ((_, invocation),) = world.modules.asked
    assert invocation.arguments["second"] == "end"


async def test_what_is_off_stays_off_when_that_is_forgotten_while_names_are_read() -> None:
    world = World()
    world.customs.states["memories", ""] = False
    world.names.reading = lambda: world.directory.forget_customs(None)
    assert await world.say("!quote") == "memories is off here."
