"""The relay: publishes the event log's new rows, from its stream, on the bus."""
