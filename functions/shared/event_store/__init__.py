"""The event log, and how state is stored and read beside it."""
