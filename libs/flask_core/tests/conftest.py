"""A database with a guest book in it, on both kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_core.database import AsyncDAL
from flask_core.testing.plugin import MakeDatabase

GUESTBOOK = Path(__file__).parent / "guestbook"


@pytest.fixture
def database(make_database: MakeDatabase) -> AsyncDAL:
    return make_database(GUESTBOOK)
