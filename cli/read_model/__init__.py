"""`orderbus views`: sales, and rebuilding the read model."""
