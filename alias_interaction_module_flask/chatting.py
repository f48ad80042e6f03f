"""What chat asks of a community's own commands, phrased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alias_interaction_module_flask.audit import Audit
from alias_interaction_module_flask.counters import Counters
from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.lines import typed
from alias_interaction_module_flask.models import By, Entry, Kind, Wish
from alias_interaction_module_flask.options import Options, read_options
from alias_interaction_module_flask.running import Running
from alias_interaction_module_flask.use_repository import Uses
from flask_core.datamodels import Invocation, MemberRef
from flask_core.errors import InvalidInput, NotFound

SHOWN = 5
_LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Alias:
    """What command handlers find as `call.service`."""

    entries: Entries
    counters: Counters
    running: Running
    audit: Audit
    public_url: str = ""

    async def add(self, invocation: Invocation, name: str, said: str) -> str:
        """A text, or with `-a=!target` an alias."""
        options, text = read_options(typed(invocation.text, said))
        community_id, kind, body = invocation.community.id, "text", text
        if options.target:
            kind, body = "alias", f"!{options.target.removeprefix('!')} {text}".strip()
        wish = await self.entries.wish(community_id, _kind(kind), name, body, **options.fields)
        made = await self.entries.add(community_id, wish, by(invocation.member))
        await self._set_count(community_id, made, options)
        return " ".join((f"Added !{made.name} ({terms(made.what)}). Try: !cmd test {made.name}", *self._warnings(made)))

    async def edit(self, invocation: Invocation, name: str, said: str) -> str:
        """Another text; options that are not given stay as they are."""
        options, text = read_options(typed(invocation.text, said))
        entry = await self.entries.named(invocation.community.id, name)
        fields = dict(options.fields)
        if text:
            fields["body"] = text
        if options.target:
            fields |= {"kind": "alias", "body": f"!{options.target.removeprefix('!')} {text}".strip()}
        after = await self._change(invocation, entry, options, fields)
        return " ".join((f"Updated !{after.name}.", *self._warnings(after)))

    async def options(self, invocation: Invocation, name: str, said: str) -> str:
        """Other terms for the same text."""
        options, rest = read_options(said)
        if rest or options.nothing or options.target:
            raise InvalidInput("Write options only, such as -role=moderator -cd=10 -usercd=30.")
        entry = await self.entries.named(invocation.community.id, name)
        after = await self._change(invocation, entry, options, options.fields)
        return f"!{after.name}: {terms(after.what)}."

    async def _change(self, invocation: Invocation, entry: Entry, options: Options, fields: dict[str, Any]) -> Entry:
        after = await self.entries.change(entry, by(invocation.member), **fields)
        await self._set_count(invocation.community.id, after, options)
        return after

    async def _set_count(self, community_id: int, entry: Entry, options: Options) -> None:
        if options.count is not None:
            await self.counters.set(community_id, entry.name, options.count)

    async def remove(self, invocation: Invocation, name: str, kind: Kind | None = None) -> str:
        """Into the bin."""
        entry = await self.entries.named(invocation.community.id, name, kind)
        await self.entries.remove(entry, by(invocation.member))
        used = await self._uses(entry)
        times = f"{used.uses} time{'' if used.uses == 1 else 's'}"
        return f"Removed !{entry.name} (used {times}). Undo: !cmd restore {entry.name}"

    async def restore(self, invocation: Invocation, name: str) -> str:
        """Out of the bin."""
        entry = await self.entries.binned(invocation.community.id, name)
        back = await self.entries.restore(entry, by(invocation.member))
        return f"!{back.name} is back."

    async def show(self, invocation: Invocation, name: str, kind: Kind | None = None) -> str:
        """Everything about one."""
        entry = await self.entries.named(invocation.community.id, name, kind)
        used, link = await self._uses(entry), self.link(invocation, entry)
        author = f"by {entry.updated_name or entry.created_name or 'somebody'}"
        says = "runs" if entry.what.kind == "alias" else "says"
        body = entry.what.body
        if len(body) > _LONGEST_SHOWN:
            body = f"{body[:_LONGEST_SHOWN]}… {link}".rstrip()
        return f"!{entry.name} {says}: {body} ({terms(entry.what)}; used {used.uses}×; {author})"

    async def listed(self, invocation: Invocation, page: int) -> str:
        """Five of this community's own that the caller may use."""
        all_of_them = await self.entries.repository.all(invocation.community.id)
        usable = [f"!{entry.name}" for entry in all_of_them if usable_by(entry.what, invocation.member)]
        if not usable:
            raise NotFound("No commands of our own yet. Moderators add one: !cmd add hello Hello $(user)!")
        return self._page(invocation, usable, page)

    async def aliases(self, invocation: Invocation, page: int) -> str:
        """What leads where."""
        found = await self.entries.repository.all(invocation.community.id)
        told = [f"!{entry.name} → {entry.what.body}" for entry in found if entry.what.kind == "alias"]
        if not told:
            return "No aliases yet."
        return self._page(invocation, told, page)

    def _page(self, invocation: Invocation, told: list[str], page: int) -> str:
        shown = told[(page - 1) * SHOWN : page * SHOWN] if page > 0 else []
        if not shown:
            raise NotFound("There is no such page.")
        more = len(told) - (page - 1) * SHOWN - len(shown)
        rest = f"(+{more} more{': ' if self.public_url else ''}{self.link(invocation)})" if more > 0 else ""
        return f"{', '.join(shown)} {rest}".strip()

    def link(self, invocation: Invocation, entry: Entry | None = None) -> str:
        """Where the portal shows it, "" when nobody outside can open the portal."""
        if not self.public_url:
            return ""
        page = f"{self.public_url}/c/{invocation.community.id}"
        return f"{page}/commands/own/{entry.id}" if entry else f"{page}/command-page"

    async def alias(self, invocation: Invocation, name: str, line: str) -> str:
        """A short name for a line."""
        community_id = invocation.community.id
        wish = await self.entries.wish(community_id, "alias", name, typed(invocation.text, line))
        made = await self.entries.add(community_id, wish, by(invocation.member))
        return f"!{made.name} now runs {made.what.body}."

    async def lead_elsewhere(self, invocation: Invocation, name: str, line: str) -> str:
        """Let a short name run another line."""
        entry = await self.entries.named(invocation.community.id, name, "alias")
        after = await self.entries.change(entry, by(invocation.member), body=typed(invocation.text, line))
        return f"!{after.name} now runs {after.what.body}."

    async def test(self, invocation: Invocation, name: str, words: str) -> str:
        """What it would say to who asks; nothing happens."""
        entry = await self.entries.named(invocation.community.id, name)
        return f"(test) {await self.running.tried(entry, invocation, words) or '(nothing)'}"

    async def _uses(self, entry: Entry) -> Uses:
        return (await self.running.uses.of([entry.id])).get(entry.id, Uses())

    def _warnings(self, entry: Entry) -> tuple[str, ...]:
        return self.entries.texts.warnings(entry.what)


def by(member: MemberRef) -> By:
    """Who acts, by the role that they have where they act."""
    return By(member.id, member.name, member.role)


def usable_by(wish: Wish, member: MemberRef) -> bool:
    """Whether it is theirs to use, for lists."""
    return wish.enabled and not wish.hidden and wish.role <= member.role


def terms(wish: Wish) -> str:
    """`moderator, channel 10 s, member 30 s, offline only` in as few words as possible."""
    waits = [("channel ", wish.cooldown_channel), ("member ", wish.cooldown_member)]
    told = [f"{name if wish.cooldown_member else ''}{seconds:g} s" for name, seconds in waits if seconds]
    more = [
        "" if wish.when == "always" else f"{wish.when} only",
        f"on {', '.join(wish.platforms)}" if wish.platforms else "",
        f"costs {wish.cost}" if wish.cost else "",
        "" if wish.style == "say" else wish.style,
        "" if wish.enabled else "off",
    ]
    return ", ".join([wish.role.word, *told, *filter(None, more)])


def _kind(word: str) -> Kind:
    return "alias" if word == "alias" else "text"
