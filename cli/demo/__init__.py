"""`orderbus demo` and `orderbus up`: the offline cloud."""
