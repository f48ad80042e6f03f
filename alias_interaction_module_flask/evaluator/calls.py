"""What the meaning of a variable gets to work with."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn

from alias_interaction_module_flask.evaluator.execution import Execution
from alias_interaction_module_flask.evaluator.template import Dialect, Variable
from alias_interaction_module_flask.evaluator.values import NOTHING, Failed, Origin, Said
from alias_interaction_module_flask.evaluator.world import World

if TYPE_CHECKING:
    from alias_interaction_module_flask.evaluator.evaluation import Evaluation


class Call:
    """One variable at its place. `origin` is the least trusted of what was read of its arguments."""

    __slots__ = ("_run", "arguments", "dotted", "node", "origin")

    def __init__(self, run: Evaluation, node: Variable) -> None:
        self._run, self.node = run, node
        self.origin = Origin.AUTHOR
        self.arguments: list[Said] = []
        self.dotted: str | None = None

    @property
    def execution(self) -> Execution:
        """The use of the command."""
        return self._run.execution

    @property
    def world(self) -> World:
        """Whom to ask, through `ask`."""
        return self._run.world

    @property
    def dialect(self) -> Dialect:
        """Whose rules hold."""
        return self._run.dialect

    @property
    def words(self) -> list[str]:
        """The words behind the command."""
        return self._run.words

    @property
    def run(self) -> Evaluation:
        """The whole execution, for what variables share."""
        return self._run

    def text(self, number: int = 0, default: str = "") -> str:
        """An argument, or `default` when it was not given."""
        return self.arguments[number].text if number < len(self.arguments) else default

    def rest(self, first: int = 0) -> str:
        """All arguments from one on, joined by spaces."""
        return " ".join(said.text for said in self.arguments[first:])

    async def read(self, number: int) -> Said:
        """Evaluate an argument of a lazy variable; nothing when there is none."""
        if number >= len(self.node.arguments):
            return NOTHING
        said = await self._run.joined(self.node.arguments[number].parts)
        self.origin = max(self.origin, said.origin)
        return said

    async def ask[**P, T](self, question: Callable[P, Coroutine[Any, Any, T]], *words: P.args, **named: P.kwargs) -> T:
        """Ask the world, once per execution. Raises LookupFailed."""
        return await self._run.lookups.ask(question, *words, **named)

    def chance(self) -> random.Random:
        """Chance of this very variable: the same execution draws the same again, in whatever order things answer."""
        return random.Random(f"{self.execution.execution_id}:{self.node.column}:{self._run.draws(self.node.column)}")

    def fail(self, reason: str) -> NoReturn:
        """Print `[name: reason]`."""
        raise Failed(f"[{self.node.name}: {reason}]")
