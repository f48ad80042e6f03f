"""Forms that were filled in, as commands of the module that asked."""

from __future__ import annotations

from typing import Any

import msgspec

from flask_core.contracts.forms import Submitted
from flask_core.datamodels import Event
from flask_core.errors import InvalidInput
from flask_core.grammar import bind_values
from router_module_flask.models import FoundCommand
from router_module_flask.ports import Directory

FORM = "form"


def filled_in(directory: Directory, event: Event) -> FoundCommand | None:
    """The command that a form leads to, with its values as arguments; None for a form of nobody.

    Raises UsageError when the values do not fit the command.
    """
    given: Any = event.data.get(FORM)
    try:
        submitted = msgspec.convert(given, Submitted)
    except msgspec.ValidationError:
        raise InvalidInput("This form cannot be read.") from None
    card = directory.card(submitted.module, submitted.command)
    if card is None:
        return None
    arguments = bind_values(card, submitted.values)
    return FoundCommand(submitted.module, card, card.path, "", arguments, answers="form")
