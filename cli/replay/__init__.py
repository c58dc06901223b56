"""`orderbus replay` and `orderbus republish`: send facts of the event log or the archive again."""
