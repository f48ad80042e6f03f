"""What memories keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["quote", "link", "note"]
State = Literal["approved", "pending", "deleted"]
LETTERS: dict[Kind, str] = {"quote": "#", "link": "L", "note": "N"}


@dataclass(frozen=True, slots=True)
class Memory:
    """A quote, a link or a note; `context` is what was on when it was said, such as the game."""

    id: int
    community_id: int
    kind: Kind
    number: int
    title: str
    content: str
    url: str
    author: str
    author_account: str
    tags: tuple[str, ...]
    state: State
    private: bool
    votes: int
    uses: int
    version: int
    created_by: str
    created_name: str
    created_at: datetime
    context: str
    category: str
    deleted_by: str

    @property
    def label(self) -> str:
        """How people call it: `#12`, `L4`, `N7`."""
        return f"{LETTERS[self.kind]}{self.number}"

    def as_new(self) -> NewMemory:
        """What somebody would have to want to get the same."""
        return NewMemory(
            self.community_id, self.kind, self.content, self.title, self.url, self.author, self.author_account,
            self.tags, self.state, self.private, self.context, self.category,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewMemory:
    """What somebody wants kept."""

    community_id: int
    kind: Kind
    content: str = ""
    title: str = ""
    url: str = ""
    author: str = ""
    author_account: str = ""
    tags: tuple[str, ...] = ()
    state: State = "approved"
    private: bool = False
    context: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """A drawer for entries; `colour` is `#rrggbb` or ""."""

    id: int
    name: str
    colour: str
    icon: str


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: member id, name, and whether they may do what moderators may."""

    member_id: str
    name: str
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to be said later. `rule` is empty for a single time; `occurrence` counts from 1.

    `ends_at` bounds a recurring one; `elsewhere` are accounts (`platform:id`) tried after the first was refused.
    """

    id: int
    community_id: int
    number: int
    owner: str
    owner_name: str
    platform: str
    user_id: str
    channel: str
    target: Literal["me", "channel"]
    text: str
    private: bool
    rule: str
    wall: str
    zone: str
    started_at: datetime
    ends_at: datetime
    occurrence: int
    elsewhere: str
    status: str
    due_at: datetime
    fired_at: datetime | None
    last_error: str
    created_at: datetime

    @property
    def label(self) -> str:
        """How people call it: `R3`."""
        return f"R{self.number}"
