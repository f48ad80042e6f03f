"""Flask-Security's users on our tables, through a pyDAL connection of the thread that asks."""

from __future__ import annotations

import threading
from typing import Any

from flask_security import RoleMixin, UserMixin
from flask_security.datastore import Datastore, UserDatastore

from flask_core.database_connections import Connection, open_connection

_COLUMNS = ("person_id", "email", "password", "active", "fs_uniquifier")
_KEYS = frozenset({"email", "fs_uniquifier", "person_id"})


class User(UserMixin):
    """Flask-Security finds out what it may use by the attributes of this class."""

    email: str = ""
    password: str | None = None
    active: bool = True
    fs_uniquifier: str = ""
    username: str | None = None
    roles: list[Any] = []  # noqa: RUF012 - an attribute that Flask-Security reads, never one that changes

    def __init__(self, person_id: str, email: str, password: str, active: bool, fs_uniquifier: str) -> None:
        self.person_id = person_id
        self.email, self.password, self.active, self.fs_uniquifier = email, password, active, fs_uniquifier


class Role(RoleMixin):
    """Flask-Security wants the class; rights are communities' business and the operator's mark is the person's."""

    name = ""


class _Rows(Datastore):
    """What has to be written is written by the datastore below."""

    def __init__(self) -> None:
        super().__init__(None)

    def put(self, model: User) -> User:
        return model

    def delete(self, model: User) -> None:
        """Persons are erased by the person, not by Flask-Security."""


class PersonDatastore(_Rows, UserDatastore):
    """One connection per thread of the pool that runs Flask-Security."""

    def __init__(self, url: str, schema: str) -> None:
        _Rows.__init__(self)
        UserDatastore.__init__(self, User, Role)
        self._url, self._schema = url, schema
        self._local = threading.local()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_connection(self._url, self._schema)
        return connection

    def find_user(self, case_insensitive: bool = False, **sought: Any) -> User | None:
        """The user with that e-mail, uniquifier or person id."""
        ((key, value),) = sought.items()
        if key not in _KEYS:
            return None
        column = "lower(email)" if key == "email" else key
        connection = self._connection()
        connection.begin_read()
        try:
            row = connection.execute(
                f"SELECT {', '.join(_COLUMNS)} FROM users WHERE {column} = ?",  # noqa: S608 - our own names
                (str(value).lower() if key == "email" else value,),
            ).fetchone()
        finally:
            connection.end_read()
        if row is None:
            return None
        person_id, email, password, active, uniquifier = row
        return User(person_id, email, password, bool(active), uniquifier)

    def find_role(self, role: str) -> None:
        """There are none."""

    def put(self, model: User) -> User:
        """Keep a changed password (Flask-Security hashes anew when its settings grow stronger)."""
        connection = self._connection()
        connection.begin_write()
        connection.execute(
            "UPDATE users SET password = ?, fs_uniquifier = ? WHERE person_id = ?",
            (model.password, model.fs_uniquifier, model.person_id),
        )
        connection.commit()
        return model

    def close_here(self) -> None:
        """End the connection of this thread."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            del self._local.connection
