"""`$(eval …)`: JavaScript, in which what viewers typed is data."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import NIGHTBOT, Family
from alias_interaction_module_flask.evaluator.template import Literal
from alias_interaction_module_flask.evaluator.values import Origin, Said
from alias_interaction_module_flask.scripts.insertion import Inserted, insert

family = Family("Scripts")

LONGEST = 500


@family.variable("eval", dialects=NIGHTBOT, usage="script", reads="code", asks=True, lazy=True)
async def script(call: Call) -> Said:
    """The value of a JavaScript expression; variables in it are values, never code."""
    parts = call.node.arguments[0].parts if call.node.arguments else ()
    pieces = await call.run.pieces(parts)
    code = insert([
        part.text if isinstance(part, Literal) else Inserted(None if said.missing else said.text, said.code)
        for part, said in zip(parts, pieces, strict=True)
    ])  # fmt: skip
    value = await call.ask(call.world.script, code, call.execution.execution_id)
    return Said(value[:LONGEST], Origin.EXTERNAL)
