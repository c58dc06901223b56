"""`orderbus stock`: list, load and set stock."""
