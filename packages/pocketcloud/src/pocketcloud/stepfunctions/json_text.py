"""Documents as JSON texts."""

import json
from typing import Any


def text_of(value: Any) -> str:
    """Return a document as Step Functions shows it."""
    return json.dumps(value, separators=(",", ":"))
