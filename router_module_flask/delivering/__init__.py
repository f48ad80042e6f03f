"""Delivering: what was decided goes out, in order, in time, and once."""
