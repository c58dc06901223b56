# Copied from functions/contracts/heartbeat.py by `python -m client_package`: change the original.
"""The heartbeat's orders: free, of a reserved SKU, placed by a party that nobody else can be.

Their customer begins with the party `<our account>:heartbeat`. Only events of the source `heartbeat` on our
ingress bus have it: the id of any other customer that looks like it is hashed (`party.py`).
See docs/decisions/0085-a-synthetic-order-every-few-minutes.md.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from orderbus_client.contracts.values import Line, PricedLine, StockLine, order_id_of
from orderbus_client.contracts.shared.codec import Rejected
from orderbus_client.contracts.shared.party import customer_of

SOURCE = "heartbeat"
"""Its source on the ingress bus, and the name of its service."""
SKU = "HEARTBEAT"
"""Only the heartbeat orders and replenishes it."""
NO_CARRIER = "none"
"""The carrier of its shipments: there is no parcel."""
EMAIL = "success@simulator.amazonses.com"
"""SES's mailbox simulator: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html."""

_PARTY = re.compile(f"[0-9]{{12}}:{SOURCE}")


def is_synthetic(customer_id: str) -> bool:
    """Whether the customer's orders are the heartbeat's, which count as no sale."""
    return _PARTY.fullmatch(customer_id.rpartition(":")[0]) is not None


def check_lines(lines: Iterable[Line | PricedLine | StockLine], party: str = "") -> None:
    """Raise `Rejected` if the heartbeat orders another SKU or at a price, or another party its SKU."""
    for line in lines:
        if (line.sku == SKU) != (_PARTY.fullmatch(party) is not None):
            raise Rejected("sku_reserved", f"{SKU} is the SKU of the heartbeat, and its only one")
        if line.sku == SKU and isinstance(line, PricedLine) and line.unit_price:
            raise Rejected("sku_reserved", f"{SKU} costs nothing")


def key_of(time: datetime) -> str:
    """Return the idempotency key of the order that the schedule places at that minute."""
    return f"{time:%Y%m%dT%H%MZ}"


def order_of(account: str, customer: str, key: str) -> str:
    """Return the id of the order that the heartbeat of the account places under the key."""
    return order_id_of(customer_of(f"{account}:{SOURCE}", customer), key)
