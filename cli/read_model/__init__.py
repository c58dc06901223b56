"""`orderbus views`: rebuild the read model, and show sales."""
