"""The engine that the services share, and the journal of every hop."""
