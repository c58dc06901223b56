"""What is published about events: their schemas and examples, the OpenAPI document, and who reads what."""

import os

os.environ.setdefault("CONTRACTS", "functions.contracts.registry")
