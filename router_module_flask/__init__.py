"""Router: takes every event, runs what its community wants run, delivers the answers."""
