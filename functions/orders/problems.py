"""The problem codes of the orders API, and their statuses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from functions.shared.runtime.problem import COMMON_PROBLEMS, CommonCode

ProblemCode = Literal[
    CommonCode,
    "order_not_found",
    "already_shipped",
    "duplicate_sku",
    "unknown_sku",
    "mixed_currencies",
    "total_mismatch",
    "email_not_verified",
    "too_many_orders",
]

PROBLEMS: Mapping[str, HTTPStatus] = {
    **COMMON_PROBLEMS,
    "order_not_found": HTTPStatus.NOT_FOUND,
    "already_shipped": HTTPStatus.CONFLICT,
    "duplicate_sku": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_sku": HTTPStatus.UNPROCESSABLE_ENTITY,
    "mixed_currencies": HTTPStatus.UNPROCESSABLE_ENTITY,
    "total_mismatch": HTTPStatus.UNPROCESSABLE_ENTITY,
    "email_not_verified": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_orders": HTTPStatus.TOO_MANY_REQUESTS,
}
"""Every code and its status; codes are a metric's dimension, so this list is complete."""
