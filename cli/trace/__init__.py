"""`orderbus trace`: the journey of one order."""
