"""Commands and their history as others are shown them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from alias_interaction_module_flask.models import Change, Counter, Entry, Variable, Wish
from alias_interaction_module_flask.use_repository import Uses
from flask_core.contracts import alias as contract
from flask_core.datamodels import Role

_NOTHING = Uses()
_PUBLIC = (
    "kind", "name", "role", "cooldown_channel", "cooldown_member", "when", "platforms", "channels", "cost", "enabled",
)  # fmt: skip


def editors_view(
    entry: Entry, uses: Uses = _NOTHING, *, live: bool = True, warnings: Sequence[str] = ()
) -> contract.CommandView:
    """Everything, for who may change it."""
    return contract.CommandView(
        id=entry.id,
        **msgspec.structs.asdict(entry.what),
        source=entry.origin.source,
        original=entry.origin.original,
        version=entry.version,
        created_name=entry.created_name,
        created_at=entry.created_at,
        updated_name=entry.updated_name,
        updated_at=entry.updated_at,
        deleted_at=entry.deleted_at,
        uses=uses.uses,
        last_used_at=uses.last_used_at,
        live=live,
        warnings=tuple(warnings),
    )


def users_view(entry: Entry) -> contract.CommandView:
    """What who uses it needs to know; an alias tells what it runs."""
    shown = {name: getattr(entry.what, name) for name in _PUBLIC}
    return contract.CommandView(
        id=entry.id, **shown, body=entry.what.body if entry.what.kind == "alias" else "", version=entry.version
    )


def step(change: Change) -> contract.Step:
    """A step of the history, with the fields that it changed in words."""
    before, after = _words(change.before), _words(change.after)
    names = [name for name in Wish.__struct_fields__ if before.get(name, "") != after.get(name, "")]
    changes = {name: (before.get(name, ""), after.get(name, "")) for name in names}
    return contract.Step(change.version, change.did, change.editor_name, change.at, changes)


def _words(wish: Wish | None) -> dict[str, str]:
    return {} if wish is None else {name: _word(value) for name, value in msgspec.structs.asdict(wish).items()}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Role):
        return value.word
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def counter_view(counter: Counter) -> contract.CounterView:
    """A counter."""
    return contract.CounterView(counter.name, counter.value, counter.on_screen)


def variable_view(variable: Variable) -> contract.VariableView:
    """A variable."""
    return contract.VariableView(variable.name, variable.value)
