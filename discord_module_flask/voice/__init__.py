"""Minutes in voice channels, counted while somebody listens."""
