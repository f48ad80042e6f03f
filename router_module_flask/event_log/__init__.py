"""The event log: where events wait until they are done, in a table or in Redis Streams."""
