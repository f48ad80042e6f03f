"""Imports and their rows as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alias_interaction_module_flask.imports.choosing import possible, simpler, wish_of
from alias_interaction_module_flask.imports.judging import described
from alias_interaction_module_flask.imports.models import Import, KeptRow
from alias_interaction_module_flask.imports.notes import told
from flask_core.contracts import alias_imports as contract

type Counts = tuple[dict[str, int], dict[str, int], dict[str, int]]

_UNDO = timedelta(days=7)


def import_view(one: Import, counts: Counts, failed: Sequence[KeptRow], kept: Sequence[KeptRow]) -> contract.ImportView:
    """An import with its numbers."""
    statuses, kinds, outcomes = counts
    return contract.ImportView(
        id=one.id, source=one.source, origin=one.origin, phase=one.phase, by=one.person.name,
        created_at=one.created_at, channel=one.channel, fetched=one.fetched, applied_at=one.applied_at,
        undo_until=one.applied_at + _UNDO if one.applied_at else None, error=one.last_error, statuses=statuses,
        kinds=kinds, outcomes={name: number for name, number in outcomes.items() if name},
        failed=tuple(contract.Failure(row.id, row.kind, row.name, row.said) for row in failed),
        kept=tuple(contract.Failure(row.id, row.kind, row.name, row.undone) for row in kept),
    )  # fmt: skip


def row_view(row: KeptRow, samples: Sequence[contract.Sample] = ()) -> contract.RowView:
    """A row as it is shown for a decision."""
    wish = wish_of(row.becomes)
    return contract.RowView(
        id=row.id, kind=row.kind, name=row.name, status=row.status, original=row.original,
        translated=described(row.becomes) if row.becomes is not None else "", body=wish.body if wish else "",
        simpler=simpler(wish) if wish else "",
        role=wish.role if wish else None, notes=tuple(told(note.code, note.about) for note in row.notes),
        choice=row.choice, choices=possible(row), outcome=row.outcome, said=row.said, undone=row.undone,
        ours=row.ours, base=row.base, samples=tuple(samples),
    )  # fmt: skip
