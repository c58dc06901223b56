"""`orderbus dlq`: list, redrive, edit and purge dead-lettered messages."""
