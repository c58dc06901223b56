"""The contract of the whole HTTP API, as whoever builds a client may fetch it."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

DOCUMENT = Path(__file__).parents[2] / "schemas" / "openapi.json"
"""At this place beside the code, in the repository as in the bundle."""


def show_contract(_event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`GET /openapi.json`: the OpenAPI document, as it is in the repository."""
    return {
        "statusCode": int(HTTPStatus.OK),
        "headers": {"content-type": "application/json"},
        "body": _document(),
    }


@cache
def _document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")
