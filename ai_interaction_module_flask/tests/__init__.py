"""Tests of ai."""
