"""Everything that concerns all modules at once."""
