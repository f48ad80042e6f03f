"""Conversations with a fake Discord."""
