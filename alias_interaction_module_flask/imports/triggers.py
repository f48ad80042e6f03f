"""Commands that answered to words without `!`: a rule of the router hears the words and runs the command."""

from __future__ import annotations

import re

import re2

from alias_interaction_module_flask.imports.rows import Command, Note, Row, Trigger
from flask_core.contracts.rules import Draft, Exempt, Match, RunLine
from flask_core.datamodels import Role

LONGEST_PATTERN = 500
_MEMORY = 4 * 1024 * 1024


def starts_with(row: Row, words: str) -> Row:
    """The rule for a command that was its first word, without `!`."""
    return _trigger(row, "trigger", "regex", rf"^\s*{re.escape(words.lower())}(\s|$)", Note("became_trigger", words))


def contains(row: Row, words: str, number: int) -> Row:
    """The rule for one keyword of a command."""
    return _trigger(row, f"keyword:{number}", "word", words)


def matches(row: Row, expression: str) -> Row:
    """The rule for a command's regular expression; one that RE2 does not take stays off."""
    refused = () if accepted(expression) else (Note("regex_refused", expression[:60]),)
    return _trigger(row, "regex", "regex", expression, *refused)


def _trigger(row: Row, suffix: str, match: Match, pattern: str, *notes: Note) -> Row:
    assert isinstance(row.becomes, Command)
    wish = row.becomes.wish
    if wish.role > Role.VIEWER:
        notes = (*notes, Note("trigger_as_viewer", wish.role.word))
    on = wish.enabled and not any(note.code == "regex_refused" for note in notes)
    run = RunLine(f"!{wish.name}")
    draft = Draft(
        match=match, pattern=pattern[:LONGEST_PATTERN], actions=(run,), name=run.line[:50], exempt=Exempt(role=None),
        stop=False, enabled=on, dry_run=False,
    )  # fmt: skip
    return Row("trigger", f"{row.external_id}:{suffix}", wish.name, pattern, Trigger(wish.name, draft), notes)


def accepted(expression: str) -> bool:
    """Whether RE2 takes the expression and it stays small."""
    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY, False
    if not 1 <= len(expression) <= LONGEST_PATTERN:
        return False
    try:
        re2.compile(expression, options=options)
    except re2.error:
        return False
    return True
