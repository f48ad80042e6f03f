"""What an importer or an editor is told about a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.families.changing import writes
from alias_interaction_module_flask.evaluator.families.streams import GONE
from alias_interaction_module_flask.evaluator.formats import fields_in
from alias_interaction_module_flask.evaluator.template import Argument, Dialect, Literal, Template, Variable
from alias_interaction_module_flask.evaluator.zones import AMBIGUOUS

_OTHER_PLATFORMS = re.compile(r"\b(?:youtube|trovo|soop)\b", re.IGNORECASE)


def notes_of(template: Template) -> tuple[str, ...]:
    """Codes, each once: `retired_variable`, `not_kept_here`, `check_user`, `ambiguous_zone`, `retired_field`, …"""
    return tuple(dict.fromkeys(_notes(template)))


def privileged_names(template: Template) -> tuple[str, ...]:
    """The variables that only a command of moderators may have: they change the channel or what is kept."""
    found = (one.name for one in template.variables() if _privileged(template.dialect, one))
    return tuple(dict.fromkeys(found))


def _privileged(dialect: Dialect, variable: Variable) -> bool:
    declared = KNOWN.find(dialect, variable.name)
    return writes(variable) or (declared is not None and declared.privileged)


def _notes(template: Template) -> Iterator[str]:
    found = list(template.variables())
    for variable in found:
        declared = KNOWN.find(template.dialect, variable.name)
        if declared is not None and declared.note:
            yield declared.note
        yield from _of_one(template.dialect, variable)
    names = {variable.name for variable in found}
    if template.dialect is Dialect.STREAMELEMENTS and _bare_user(found) and names & {"word", "words"}:
        yield "check_user"
    if "provider" in names and _OTHER_PLATFORMS.search(_typed(_all_parts(template))):
        yield "other_platform"
    if any(_privileged(template.dialect, variable) for variable in found):
        yield "privileged"


def _of_one(dialect: Dialect, variable: Variable) -> Iterator[str]:
    typed = _typed(variable.inner)
    if variable.name in ("time", "countdown", "countup") and set(re.findall(r"[A-Z]{3}", typed)) & AMBIGUOUS:
        yield "ambiguous_zone"
    if variable.name == "twitch" and GONE & {field.lower() for field in fields_in(typed)}:
        yield "retired_field"
    if variable.name == "eval" and _runs_the_query(variable):
        yield "query_was_code"


def _runs_the_query(variable: Variable) -> bool:
    parts = variable.arguments[0].parts if variable.arguments else ()
    return len(parts) == 1 and isinstance(parts[0], Variable) and parts[0].name in ("query", "word", "args", "all_args")


def _bare_user(found: Iterable[Variable]) -> bool:
    return any(variable.name == "user" and not variable.arguments for variable in found)


def _all_parts(template: Template) -> tuple[Argument, ...]:
    return (Argument(template.parts), *(argument for variable in template.variables() for argument in variable.inner))


def _typed(arguments: Iterable[Argument]) -> str:
    return " ".join(part.text for given in arguments for part in given.parts if isinstance(part, Literal))
