"""The variables that texts may use, for who writes one."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.template import Dialect
from flask_core.contracts import alias as contract


def language(dialect: str) -> contract.Language:
    """Those of a dialect; what is retired, refused or written otherwise is left out."""
    words = [
        contract.Word(f"$({one.name}{' ' if one.usage else ''}{one.usage})", one.about.partition("\n")[0], family.title)
        for family in KNOWN.families
        for one in family.declared
        if Dialect(dialect) in one.dialects and not (one.hidden or one.refused or one.note == "retired_variable")
    ]
    return contract.Language(tuple(words))
