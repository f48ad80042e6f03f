"""Keeps rules: one row each, its actions, scope and exemptions as documents in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from flask_core.contracts.rules import MOST_RULES, Draft, Exempt, Rule, RuleAction, Scope
from flask_core.database import AsyncDAL, Tx
from flask_core.errors import LimitReached
from flask_core.numbers import next_number
from router_module_flask.audit import Change, write_down
from router_module_flask.moderation.rules.wording import described, settings_of

_DRAFT = "name, match, pattern, normalise, actions, scope, exempt, priority, stop, enabled, dry_run, expires_at"
_COLUMNS = f"number, {_DRAFT}, author, version, hits, last_hit_at, problem, changed_at"
_ORDER = "ORDER BY priority, number"
_actions = msgspec.json.Decoder(tuple[RuleAction, ...])
_scope = msgspec.json.Decoder(Scope)
_exempt = msgspec.json.Decoder(Exempt)

type Act = tuple[str, str]
"""Who does it, and what that is called in the audit."""


class RuleRepository:
    """Every change is written down in the audit in the same transaction; secrets in actions arrive sealed."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    @property
    def uncommitted(self) -> bool:
        """Whether what this task reads may be rolled back yet."""
        return self._database.in_transaction

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call when what this task has written is committed."""
        self._database.after_commit(call)

    async def add(self, community_id: int, draft: Draft, author: str, now: datetime, act: Act) -> Rule:
        """Keep a new rule under the next number; raises LimitReached."""

        def unit(tx: Tx) -> Rule:
            number = next_number(tx, community_id, "rule")
            kept = tx.value("SELECT count(*) FROM rules WHERE community_id = ?", community_id)
            if kept >= MOST_RULES:
                raise LimitReached(f"A community has at most {MOST_RULES} rules. Remove one first.")
            row = tx.row(
                f"INSERT INTO rules (community_id, number, {_DRAFT}, author, version, created_at, changed_at)"
                f" VALUES ({', '.join('?' * 18)}) RETURNING {_COLUMNS}",
                community_id, number, *_values(draft), author, 1, now, now,
            )  # fmt: skip
            _audit(tx, community_id, act, None, kept := _rule(row), now)
            return kept

        return await self._database.write(unit)

    async def put(
        self, community_id: int, number: int, version: int, draft: Draft, author: str, now: datetime, act: Act
    ) -> Rule | None:
        """Replace a rule; None when there is none of this number and version. What was wrong with it is forgotten."""
        assigned = ", ".join(f"{column} = ?" for column in _DRAFT.split(", "))

        def unit(tx: Tx) -> Rule | None:
            was = tx.row(
                f"SELECT {_COLUMNS} FROM rules WHERE community_id = ? AND number = ? AND version = ?",
                community_id, number, version,
            )  # fmt: skip
            row = tx.row(
                f"UPDATE rules SET {assigned}, author = ?, version = version + 1, changed_at = ?, problem = ''"
                f" WHERE community_id = ? AND number = ? AND version = ? RETURNING {_COLUMNS}",
                *_values(draft), author, now, community_id, number, version,
            )  # fmt: skip
            if row is None:
                return None
            _audit(tx, community_id, act, _rule(was), kept := _rule(row), now)
            return kept

        return await self._database.write(unit)

    async def delete(self, community_id: int, number: int, now: datetime, act: Act) -> bool:
        """Forget a rule; False when there was none."""

        def unit(tx: Tx) -> bool:
            row = tx.row(
                f"DELETE FROM rules WHERE community_id = ? AND number = ? RETURNING {_COLUMNS}", community_id, number
            )
            if row is not None:
                _audit(tx, community_id, act, _rule(row), None, now)
            return row is not None

        return await self._database.write(unit)

    async def one(self, community_id: int, number: int) -> Rule | None:
        """A rule by its number."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_COLUMNS} FROM rules WHERE community_id = ? AND number = ?", community_id, number
            )
        )
        return None if row is None else _rule(row)

    async def page(self, community_id: int, page: int, per_page: int) -> tuple[list[Rule], int]:
        """A page of rules in the order in which they act, and how many there are."""

        def unit(tx: Tx) -> tuple[list[Rule], int]:
            rows = tx.rows(
                f"SELECT {_COLUMNS} FROM rules WHERE community_id = ? {_ORDER} LIMIT ? OFFSET ?",
                community_id, per_page, (page - 1) * per_page,
            )  # fmt: skip
            total = tx.value("SELECT count(*) FROM rules WHERE community_id = ?", community_id)
            return [_rule(row) for row in rows], int(total)

        return await self._database.read(unit)

    async def watching(self, community_id: int) -> list[Rule]:
        """All rules of a community that are on."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM rules WHERE community_id = ? AND enabled = ? {_ORDER}", community_id, True
            )
        )
        return [_rule(row) for row in rows]

    async def states(self) -> dict[int, tuple[int, ...]]:
        """Communities with rules that are on, each with numbers that change whenever one of its rules does."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT community_id, count(*), sum(version), sum(number) FROM rules WHERE enabled = ?"
                " GROUP BY community_id",
                True,
            )
        )
        return {int(row[0]): tuple(int(value) for value in row[1:]) for row in rows}

    async def count(self, hits: Mapping[tuple[int, int], int], now: datetime) -> None:
        """Add to the counters of (community, number)."""
        rows = [(times, now, *rule) for rule, times in sorted(hits.items())]
        await self._database.write(
            lambda tx: tx.many(
                "UPDATE rules SET hits = hits + ?, last_hit_at = ? WHERE community_id = ? AND number = ?", rows
            )
        )

    async def mark(self, problems: Mapping[tuple[int, int], str]) -> None:
        """Write down what is wrong with rules of (community, number)."""
        rows = [(problem, *rule) for rule, problem in sorted(problems.items())]
        await self._database.write(
            lambda tx: tx.many("UPDATE rules SET problem = ? WHERE community_id = ? AND number = ?", rows)
        )


def _values(draft: Draft) -> list[object]:
    return [
        draft.name, draft.match, draft.pattern, draft.normalise, _text(draft.actions), _text(draft.scope),
        _text(draft.exempt), draft.priority, draft.stop, draft.enabled, draft.dry_run, draft.expires_at,
    ]  # fmt: skip


def _text(document: object) -> str:
    return msgspec.json.encode(document).decode()


def _rule(row: Sequence[Any] | None) -> Rule:
    assert row is not None, "RETURNING returns what was inserted"
    (number, name, match, pattern, normalise, actions, scope, exempt, priority, stop, enabled, dry_run, expires_at,
     author, version, hits, last_hit_at, problem, changed_at) = row  # fmt: skip
    return Rule(
        number=number, name=name, match=match, pattern=pattern, normalise=bool(normalise),
        actions=_actions.decode(actions), scope=_scope.decode(scope), exempt=_exempt.decode(exempt), priority=priority,
        stop=bool(stop), enabled=bool(enabled), dry_run=bool(dry_run), expires_at=expires_at, author=author,
        version=version, hits=hits, last_hit_at=last_hit_at, problem=problem, changed_at=changed_at,
    )  # fmt: skip


def _audit(tx: Tx, community_id: int, act: Act, was: Rule | None, became: Rule | None, now: datetime) -> None:
    rule = became or was
    assert rule is not None, "a rule was there before, or is there now"
    before, after = (None if one is None else settings_of(one) for one in (was, became))
    write_down(tx, Change(community_id, *act, f"rule #{rule.number}", described(rule), before, after), now)
