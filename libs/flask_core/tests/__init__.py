"""Tests of flask_core."""
