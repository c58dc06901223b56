"""`orderbus orders`: place, get, cancel and list orders."""
