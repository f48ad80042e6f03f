"""Tests of alias."""
