"""`orderbus stream`: the ordered stream of a stage."""
