"""Loads the project's pytest plugin for the whole tree."""

pytest_plugins = ["flask_core.testing.plugin"]
