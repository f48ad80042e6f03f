"""Installations that were begun: who, for which community, until when."""

from __future__ import annotations

from flask_core.begun_elsewhere import BegunElsewhere
from flask_core.database import AsyncDAL


class GrantRepository(BegunElsewhere):
    """A state is good once."""

    def __init__(self, database: AsyncDAL) -> None:
        super().__init__(database, "install_states")
