"""Events of a community in the list of events of its server."""
