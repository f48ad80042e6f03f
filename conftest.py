"""Loads the project's pytest plugin for the whole tree, and lets properties take the time that they need."""

from hypothesis import settings

pytest_plugins = ["flask_core.testing.plugin"]

# A busy machine is slow; that is no failure of what is tried.
settings.register_profile("waddlebot", deadline=None)
settings.load_profile("waddlebot")
