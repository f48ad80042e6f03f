"""Accounts that were linked to persons, and what community is told of it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection
from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.errors import Conflict, LimitReached, NotFound
from identity_core_module_flask.models import AccountOwner, LinkRequest, OwnAccount, SeenAccount
from identity_core_module_flask.person_repository import lock_person
from identity_core_module_flask.session_repository import log_security
from identity_core_module_flask.tellings import Tellings

MOST_PER_PLATFORM = 5
_ACCOUNT = "platform, user_id, login, display_name, merge_id, verified_at"


class AccountRepository:
    """What is linked and what others are told of it commit together."""

    def __init__(self, database: AsyncDAL, tellings: Tellings) -> None:
        self._database = database
        self._tellings = tellings

    async def person_of(self, account: SeenAccount) -> str | None:
        """Whose account it is."""
        return await self._database.read(lambda tx: _owner(tx, account))

    async def make_person(self, account: SeenAccount, now: datetime) -> str:
        """The person of an account that was seen, made now when there is none."""

        def unit(tx: Tx) -> str:
            person_id = str(uuid.uuid4())
            tx.run(
                "INSERT INTO persons (id, name, operator, state, created_at) VALUES (?, ?, ?, 'active', ?)",
                person_id, account.name, False, now,
            )  # fmt: skip
            if not _insert(tx, account, person_id, "", now, founding=True):
                # Somebody began with the same account at the same moment: that person counts.
                tx.run("DELETE FROM persons WHERE id = ?", person_id)
                return str(_owner(tx, account))
            self._tellings.founded(tx, secrets.token_hex(16), person_id, account, now)
            return person_id

        return await self._database.write(unit)

    async def signs_in(self, person_id: str) -> bool:
        """Whether the person has a sign-in of the portal."""
        found = await self._database.read(
            lambda tx: tx.value(
                "SELECT 1 FROM persons p WHERE p.id = ? AND (EXISTS (SELECT 1 FROM users u WHERE u.person_id = p.id)"
                " OR EXISTS (SELECT 1 FROM accounts a WHERE a.person_id = p.id AND a.signed_in_at IS NOT NULL))",
                person_id,
            )
        )
        return found is not None

    async def owner(self, account: SeenAccount) -> AccountOwner | None:
        """Whose account it is, and since when."""
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT person_id, verified_at, founding FROM accounts WHERE platform = ? AND user_id = ?",
                *account.key,
            )
        )
        return None if row is None else AccountOwner(row[0], row[1], bool(row[2]))

    async def signed_in(self, account: SeenAccount, now: datetime) -> None:
        """Somebody signed in with the account, which is called like this now."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE accounts SET signed_in_at = ?, login = ?, display_name = ? WHERE platform = ? AND user_id = ?",
                now, account.login, account.display_name, *account.key,
            )
        )  # fmt: skip

    async def attach(self, person_id: str, account: SeenAccount, now: datetime) -> bool:
        """Make an account that was proved the person's; False when it belongs to somebody else.

        Raises LimitReached for the sixth account of a platform.
        """

        def unit(tx: Tx) -> bool:
            lock_person(tx, person_id)
            return _owner(tx, account) == person_id or self._attach(tx, person_id, account, now)

        return await self._database.write(unit)

    async def name_of(self, person_id: str) -> str:
        """How the person is called."""
        found = await self._database.read(lambda tx: tx.value("SELECT name FROM persons WHERE id = ?", person_id))
        return str(found or "")

    async def accounts(self, person_id: str) -> list[OwnAccount]:
        """A person's accounts, the oldest first."""
        return await self._database.read(lambda tx: _accounts(tx, person_id))

    async def named(self, platform: str, folded_name: str) -> list[SeenAccount]:
        """Linked accounts of a platform with this login or display name."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT platform, user_id, login, display_name FROM accounts WHERE platform = ?"
                " AND (lower(login) = ? OR lower(display_name) = ?) ORDER BY user_id LIMIT 6",
                platform, folded_name, folded_name,
            )
        )  # fmt: skip
        return [SeenAccount(*row) for row in rows]

    async def link(self, request: LinkRequest, account: SeenAccount, now: datetime) -> bool:
        """Make the account the person's; False when it belongs to somebody else, and the request is over.

        Raises NotFound when the request was used meanwhile, LimitReached for the sixth account of a platform.
        """
        return await self._database.write(lambda tx: self._link(tx, request, account, now))

    def _link(self, tx: Tx, request: LinkRequest, account: SeenAccount, now: datetime) -> bool:
        lock_person(tx, request.person_id)
        if not tx.run("UPDATE link_requests SET state = 'linked' WHERE id = ? AND state = 'open'", request.id):
            raise NotFound("This code is wrong or too old.")
        linked = self._attach(tx, request.person_id, account, now)
        if not linked:
            tx.run("UPDATE link_requests SET state = 'refused' WHERE id = ?", request.id)
        return linked

    def _attach(self, tx: Tx, person_id: str, account: SeenAccount, now: datetime) -> bool:
        own = _accounts(tx, person_id)
        if sum(one.account.platform == account.platform for one in own) >= MOST_PER_PLATFORM:
            raise LimitReached(f"{MOST_PER_PLATFORM} accounts of one platform can be linked.")
        merge_id = secrets.token_hex(16)
        if not _insert(tx, account, person_id, merge_id if own else "", now):
            return False
        everyone = [one.account for one in own]
        self._tellings.link(tx, merge_id, person_id, [*everyone, account], now)
        for other in everyone:
            told = f"{account.place} was linked with this account. Was it not you? !identity unlink {account.platform}"
            self._tellings.say(tx, other, told, now)
        log_security(tx, person_id, f"{account.platform} account linked", now)
        return True

    async def unlink(
        self, person_id: str, account: SeenAccount, now: datetime, signing_in: Collection[str] = ()
    ) -> None:
        """Take an account away. Raises NotFound when it is not the person's, Conflict for the last one.

        The last one, too, with which somebody without password signs in: `signing_in` are platforms that let people in.
        """
        await self._database.write(lambda tx: self._unlink(tx, person_id, account, now, signing_in))

    def _unlink(self, tx: Tx, person_id: str, account: SeenAccount, now: datetime, signing_in: Collection[str]) -> None:
        lock_person(tx, person_id)
        own = _accounts(tx, person_id)
        gone = next((one for one in own if one.account.key == account.key), None)
        if gone is None:
            raise NotFound("That account is not linked with you.")
        if len(own) == 1:
            raise Conflict("This is your last account: it cannot be unlinked.")
        if account.platform in signing_in and _is_last_way_in(tx, person_id, account, signing_in):
            raise Conflict("This is the last account with which you can sign in: it cannot be unlinked.")
        merge_id = gone.merge_id
        if not merge_id:
            # The first account was never joined to another: the latest join is undone, with the sides changed.
            latest = next(one for one in reversed(own) if one.merge_id)
            merge_id = latest.merge_id
            tx.run(
                "UPDATE accounts SET merge_id = '' WHERE platform = ? AND user_id = ?",
                *latest.account.key,
            )  # fmt: skip
        tx.run("DELETE FROM accounts WHERE platform = ? AND user_id = ?", *account.key)
        self._tellings.unlink(tx, merge_id, person_id, [gone.account], now)
        log_security(tx, person_id, f"{account.platform} account unlinked", now)


def _owner(tx: Tx, account: SeenAccount) -> str | None:
    found: str | None = tx.value("SELECT person_id FROM accounts WHERE platform = ? AND user_id = ?", *account.key)
    return found


def _is_last_way_in(tx: Tx, person_id: str, gone: SeenAccount, signing_in: Collection[str]) -> bool:
    if tx.value("SELECT 1 FROM users WHERE person_id = ?", person_id) is not None:
        return False
    rows = tx.rows("SELECT platform, user_id, signed_in_at FROM accounts WHERE person_id = ?", person_id)
    left = [row for row in rows if (row[0], row[1]) != gone.key]
    return any(row[2] for row in rows) and not any(row[0] in signing_in for row in left)


def _insert(
    tx: Tx, account: SeenAccount, person_id: str, merge_id: str, now: datetime, *, founding: bool = False
) -> bool:
    kept = tx.run(
        "INSERT INTO accounts (platform, user_id, person_id, login, display_name, merge_id, verified_at, founding)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        account.platform, account.user_id, person_id, account.login, account.display_name, merge_id, now, founding,
    )  # fmt: skip
    return bool(kept)


def _accounts(tx: Tx, person_id: str) -> list[OwnAccount]:
    rows = tx.rows(f"SELECT {_ACCOUNT} FROM accounts WHERE person_id = ? ORDER BY verified_at, platform", person_id)
    return [OwnAccount(SeenAccount(*row[:4]), row[4], row[5]) for row in rows]
