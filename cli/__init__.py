"""The operator's command line, `orderbus`: the same against AWS and offline."""

import os

os.environ.setdefault("CONTRACTS", "functions.contracts.registry")
