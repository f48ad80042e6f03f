"""Tests of browser_source."""
