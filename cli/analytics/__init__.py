"""`orderbus analytics`: the live figures of a stage."""
