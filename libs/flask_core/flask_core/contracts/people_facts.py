"""Who somebody is on a platform where names are no keys: what its trigger answers when it is asked."""

from __future__ import annotations

import msgspec

from flask_core.datamodels import Role


class UserFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody as the platform shows them; `account` is the account's id everywhere, `role` what they are there."""

    account: str
    login: str
    display_name: str
    role: Role = Role.VIEWER
    bot: bool = False


class UserList(msgspec.Struct, frozen=True):
    """Candidates: names are not unique, so several may be meant."""

    items: tuple[UserFacts, ...]


class Holders(msgspec.Struct, frozen=True):
    """Accounts that hold a role, or are in a group."""

    accounts: tuple[str, ...]
