"""`orderbus stock`: list, load and raise stock."""
