"""Numbers that people see: per community and kind, counted up, never given twice."""

from __future__ import annotations

from flask_core.database import Tx


def next_number(tx: Tx, community_id: int, kind: str) -> int:
    """The next number. Its row is locked until the end of the transaction, so what is counted behind it stays true."""
    return int(
        tx.value(
            "INSERT INTO number_sequences (community_id, kind, last) VALUES (?, ?, 1)"
            " ON CONFLICT (community_id, kind) DO UPDATE SET last = number_sequences.last + 1 RETURNING last",
            community_id,
            kind,
        )
    )


def reserve_number(tx: Tx, community_id: int, kind: str, number: int) -> None:
    """Let the count go on behind `number`, which came from elsewhere; locks like `next_number`."""
    tx.run(
        "INSERT INTO number_sequences (community_id, kind, last) VALUES (?, ?, ?) ON CONFLICT (community_id, kind)"
        " DO UPDATE SET last = CASE WHEN number_sequences.last > excluded.last THEN number_sequences.last"
        " ELSE excluded.last END",
        community_id,
        kind,
        number,
    )
