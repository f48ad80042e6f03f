"""Pages of docs/ that `waddlebot render` writes for this module."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator import reference


def pages() -> dict[str, str]:
    """Path from the root → text."""
    return {"docs/variables.md": reference.page()}
