"""Facts told again: from the archive or the event log to one consumer, or from the log to the relay."""
