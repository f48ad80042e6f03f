"""Chat with a module in a test as people do: a line in, the bot's words out."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask_core.commands import Command, CommandGroup
from flask_core.database import AsyncDAL
from flask_core.datamodels import (
    Account,
    Action,
    ChannelRef,
    Chat,
    CommunityRef,
    Event,
    Invocation,
    MemberRef,
    MessageType,
    RepliedTo,
    Reply,
    Role,
)
from flask_core.errors import ServiceError
from flask_core.executions import Executions
from flask_core.grammar import Token, bind, clean, tokenize
from flask_core.time_tokens import with_times


def find_command(group: CommandGroup, tokens: list[Token]) -> tuple[Command, int] | None:
    """The command with the longest path or alias at the start of the line, and how many words it took."""
    words = [token.text.lower() for token in tokens]
    named = {
        tuple(name.split()): command
        for command in group.commands.values()
        for name in (command.card.path, *command.card.aliases)
    }
    for length in range(len(words), 0, -1):
        if command := named.get(tuple(words[:length])):
            return command, length
    return None


@dataclass
class ChatDriver:
    """Lines go through the grammar and the stored executions as in the router; roles are checked alike."""

    commands: CommandGroup
    service: object
    database: AsyncDAL
    community: CommunityRef = field(default_factory=lambda: CommunityRef(2, "Penguins", "UTC", "en"))
    channel: str = "console:2:main"
    live: bool | None = None
    actions: list[Action] = field(default_factory=list)
    _ids: Any = field(default_factory=itertools.count)

    async def say(self, line: str, **options: Any) -> str:
        """The bot's first chat text, a refusal's sentence, or "" when it stays silent.

        Options: `user`, `role`, `labels`, `platform`, `reply_to` (RepliedTo), `channel`, `execution_id`.
        """
        try:
            reply = await self.run(line, **options)
        except ServiceError as refusal:
            self.actions = []
            return refusal.message
        self.actions = list(reply.actions)
        said = next((action.text for action in reply.actions if isinstance(action, Chat)), "")
        return with_times(said, self.community.time_zone)

    async def run(
        self,
        line: str,
        *,
        user: str = "dee",
        role: Role | str = Role.VIEWER,
        labels: tuple[str, ...] = (),
        platform: str = "console",
        reply_to: RepliedTo | None = None,
        channel: str = "",
        execution_id: str = "",
        member_id: str = "",
    ) -> Reply:
        """The whole reply; raises the refusal."""
        role = Role.named(role) if isinstance(role, str) else role
        text = clean(line)
        tokens = tokenize(text.removeprefix("!"))
        found = find_command(self.commands, tokens)
        if found is None:
            return Reply()
        command, taken = found
        self._permit(command, role, labels)
        account = Account(user_id=user, login=user, display_name=user)
        arguments = bind(command.card, text.removeprefix("!"), tokens[taken:])
        number = next(self._ids)
        invocation = Invocation(
            execution_id=execution_id or f"execution-{number}",
            community=self.community,
            channel=ChannelRef(channel or self.channel, self.live),
            member=MemberRef(member_id or f"member-{user}", role, account, platform, labels),
            event=Event(
                event_id=f"test:{number}",
                message_type=MessageType.CHAT,
                channel=channel or self.channel,
                occurred_at=datetime.now(UTC),
                account=account,
                text=line,
                reply_to=reply_to,
            ),
            invoked_as=" ".join(token.text for token in tokens[:taken]),
            command=command.card.path,
            arguments=arguments,
            text=line,
        )
        executions = Executions(self.database)
        return await executions.once(
            invocation.execution_id, lambda: self.commands.run(self.service, invocation)
        )  # fmt: skip

    def _permit(self, command: Command, role: Role, labels: tuple[str, ...]) -> None:
        if role < command.card.role and command.card.or_label not in labels:
            raise ServiceError(f"Only {command.card.role.word}s can do that.")
