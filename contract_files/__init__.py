"""The public contract: schemas and examples of events, OpenAPI, and the readers of each field."""

import os

os.environ.setdefault("CONTRACTS", "functions.contracts.registry")
