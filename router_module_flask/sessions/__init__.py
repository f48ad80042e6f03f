"""Conversations: what modules remember of a member, and whose next line they wait for."""
