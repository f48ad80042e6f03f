"""Browser source: one overlay address for OBS, fed live, restored after every refresh."""
