"""What changes the channel or what is kept; only commands of moderators may."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import STREAMELEMENTS, WADDLE, Family
from alias_interaction_module_flask.evaluator.template import Literal, Variable
from alias_interaction_module_flask.evaluator.values import Failed, Origin, Said, joined
from flask_core.datamodels import PlatformRequest, Role

family = Family("Changes")

LONGEST_NAME, LONGEST_VALUE = 50, 200


@family.variable("settitle", dialects=STREAMELEMENTS, usage='"text"', reads="text", ordered=True, privileged=True)
def settitle(call: Call) -> Said:
    """Set the title of the stream, and say it."""
    return _platform(call, "set_title", "text")


@family.variable("setgame", dialects=STREAMELEMENTS, usage='"name"', reads="text", ordered=True, privileged=True)
def setgame(call: Call) -> Said:
    """Set what is played, and say it."""
    return _platform(call, "set_category", "name")


def _platform(call: Call, operation: str, argument: str) -> Said:
    _for_moderators(call)
    text = call.text().strip()
    if not text:
        raise Failed("something went wrong")
    # Once per execution: the first one counts.
    made = call.run.actions.setdefault(operation, PlatformRequest(operation, {argument: text}))
    return Said(str(made.arguments[argument]), Origin.VIEWER)


@family.variable("var", dialects=WADDLE, usage="name [= text]", reads="raw", lazy=True, ordered=True)
async def var(call: Call) -> Said:
    """A text that the community keeps; with `=` it is changed, which only commands of moderators may."""
    parts = call.node.arguments[0].parts if call.node.arguments else ()
    pieces = await call.run.pieces(parts)
    for at, part in enumerate(parts):
        if isinstance(part, Literal) and "=" in part.text:
            before, _, after = part.text.partition("=")
            name = joined([*pieces[:at], Said(before)]).text
            return await _keep(call, name, joined([Said(after), *pieces[at + 1 :]]))
    name = _name(call, joined(pieces).text)
    known = call.run.kept.get(name)
    if known is None:
        known = await call.ask(call.world.kept, name)
    return Said(known or "", Origin.VIEWER)


async def _keep(call: Call, name: str, text: Said) -> Said:
    _for_moderators(call)
    name, value = _name(call, name), text.text.strip()
    if len(value) > LONGEST_VALUE:
        call.fail(f"at most {LONGEST_VALUE} characters")
    if not call.execution.test:
        await call.run.lookups.change(call.world.keep(name, value))
    call.run.kept[name] = value
    return Said(value, max(text.origin, Origin.VIEWER))


def _name(call: Call, given: str) -> str:
    name = given.strip().lower()
    if not name or len(name) > LONGEST_NAME:
        call.fail("write a name")
    return name


def _for_moderators(call: Call) -> None:
    if call.execution.command_role < Role.MODERATOR:
        call.fail("only in commands of moderators")


def writes(variable: Variable) -> bool:
    """Whether a `var` changes what is kept."""
    parts = variable.arguments[0].parts if variable.arguments else ()
    return variable.name == "var" and any(isinstance(part, Literal) and "=" in part.text for part in parts)
