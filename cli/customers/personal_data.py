"""The personal data in an event, and the event without it. Pure.

An erased event keeps its id, its schema and all that other orders, stock and money depend on. The country
stays: it is what fraud has judged, and names nobody.
"""

import json
from collections.abc import Mapping
from typing import Any

ERASED = "erased"
ERASED_EMAIL = "erased@erased.invalid"
"""A domain that nobody can own: https://www.rfc-editor.org/rfc/rfc2606"""
KEPT = "country"


def without_personal_data(document: str) -> str:
    """Return the CloudEvent without name, addresses and gift message; the same text if it has none."""
    event = json.loads(document)
    data = dict(event["data"])
    data.pop("gift_message", None)
    if "email" in data:
        data["email"] = ERASED_EMAIL
    if isinstance(data.get("customer"), Mapping):  # OrderCreated, version 1
        data["customer"] = {**data["customer"], "email": ERASED_EMAIL}
    if "ship_to" in data:
        data["ship_to"] = _erased_address(data["ship_to"])
    if data == event["data"]:
        return document
    return json.dumps({**event, "data": data}, separators=(",", ":"), ensure_ascii=False)


def _erased_address(address: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if name == KEPT else ERASED for name, value in address.items() if name != "postal_code"
    }


def personal_texts(document: str) -> set[str]:
    """Return the texts in the event that name the person."""
    data = json.loads(document)["data"]
    customer = data.get("customer", {})
    found = {data.get("email"), customer.get("email"), data.get("gift_message")}
    found |= {value for name, value in data.get("ship_to", {}).items() if name in {"name", "street"}}
    return {text for text in found if text} - {ERASED, ERASED_EMAIL}
