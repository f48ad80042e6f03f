"""What identity keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who signed in or linked an account."""

    id: str
    name: str
    operator: bool
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A sign-in that goes on; the secret itself is in the browser only."""

    id: str
    person_id: str
    browser: str
    signed_in_at: datetime
    last_used_at: datetime
    expires_at: datetime
