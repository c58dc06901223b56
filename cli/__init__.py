"""The operator's command line, `orderbus`: the same against AWS and offline."""
