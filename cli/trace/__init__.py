"""`orderbus trace`: the history of one order."""
