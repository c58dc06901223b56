"""Events and their encoding, for any domain."""
