"""Rules: what a community wants done about lines it describes in its own words."""
