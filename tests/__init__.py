"""Tests of the whole installation."""
