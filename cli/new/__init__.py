"""`orderbus new`: generate code in a checkout."""
