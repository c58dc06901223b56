"""The event catalogue: a static site of events, services, docs and decisions, without server or network."""
