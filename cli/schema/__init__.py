"""`orderbus schema`: compare the versions of the public schemas, and write types for them."""
