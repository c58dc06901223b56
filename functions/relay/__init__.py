"""The relay: publishes on the order bus what the event log's stream says was decided."""
