"""A row of the table of bad requests, and the few kinds of it."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.contracts.values import order_id_of
from functions.shared.runtime.clients import MAXIMUM_CALL_MS, dynamodb
from tests.unit.functions.aws_faults import failing
from tests.unit.functions.builders import Context
from tests.unit.functions.shop import BASKET, Reply, place, post

CANARY = "c4n4ry"
GOOD = json.dumps(BASKET)
LIMIT = 64 * 1024
ENCODED = base64.b64encode(GOOD.encode()).decode()
GRACES = order_id_of("grace", "k-1")
"""The order that Grace places."""


def with_quantity(text: str) -> str:
    return GOOD.replace('"quantity": 1', f'"quantity": {text}')


def with_name(text: str) -> str:
    return GOOD.replace('"Ada Lovelace"', text)


def with_sku(text: str) -> str:
    return GOOD.replace("TEAPOT", text)


def basket(**changes: Any) -> str:
    return json.dumps({**BASKET, **changes})


def without(*path: Any) -> str:
    document = json.loads(GOOD)
    below = document
    for step in path[:-1]:
        below = below[step]
    del below[path[-1]]
    return json.dumps(document)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def nothing() -> None:
    """A shop that nobody has ordered from yet."""


def grace_orders() -> None:
    """A shop in which another customer has ordered."""
    assert place(customer="grace").json()["order_id"] == GRACES


@dataclass(frozen=True)
class Row:
    """One request and the refusal it must get."""

    name: str
    ask: Callable[[], Reply]
    status: int
    code: str
    pointer: str | None = None
    offset: int | None = None
    given: Callable[[], object] = nothing

    @property
    def case(self) -> str:
        """Its number in the catalogue."""
        return self.name.partition(" ")[0]


def body(  # noqa: PLR0913 - a row of the table, most of which end early
    name: str,
    text: str | None,
    status: int,
    code: str,
    pointer: str | None = None,
    *,
    offset: int | None = None,
    **more: Any,
) -> Row:
    return Row(name, lambda: post(text, **more), status, code, pointer, offset)


def at(text: str, part: str) -> int:
    """The byte of the text at which that part of it begins."""
    return len(text.partition(part)[0].encode())


def packed(name: str, text: str, code: str, offset: int | None = None) -> Row:
    return body(name, text, 400, code, offset=offset, isBase64Encoded=True)


def of_another_kind(name: str, content_type: str | None, text: str = GOOD) -> Row:
    return body(name, text, 415, "content_type", content_type=content_type)


def misspelt(name: str, text: str, part: str) -> Row:
    return body(name, text, 400, "json_invalid", offset=at(text, part))


def field(name: str, text: str, pointer: str) -> Row:
    return body(name, text, 422, "invalid", pointer)


def quantity(case: str, text: str) -> Row:
    return field(f"{case} quantity {text}", with_quantity(text), "/lines/0/quantity")


def character(case: str, text: str, pointer: str, code: str = "forbidden_character") -> Row:
    return body(case, text, 400, code, pointer)


def unknown(name: str, text: str, pointer: str) -> Row:
    return body(name, text, 400, "extra_forbidden", pointer)


def key(name: str, value: str | None, code: str = "idempotency_key_invalid") -> Row:
    return body(name, GOOD, 400, code, key=value)


def busy(name: str, operation: str, code: str, *reasons: str) -> Row:
    def ask() -> Reply:
        with failing(dynamodb(), operation, code, reasons):
            return place()

    return Row(name, ask, 503, "unavailable")


class AlmostOver(Context):
    """Return a function that Lambda stops before a slow response."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return MAXIMUM_CALL_MS - 1
