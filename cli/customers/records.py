"""The rows of a stage's tables about one customer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

from cli.core.account import Account
from cli.core.errors import CommandError
from cli.core.event_log_reader import FactLog, Row
from cli.core.exit_codes import ExitCode
from cli.orders.customer_orders import customer_ids, listed_positions
from functions.contracts.registry import DECISIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecords:
    """A customer's orders, with the rows about each."""

    customer: str
    orders: tuple[str, ...]
    events: tuple[Row, ...]
    """Rows of the event log."""
    contacts: tuple[Row, ...]

    @property
    def documents(self) -> dict[str, str]:
        """The CloudEvents by their row's key."""
        return {f"{row['pk']['S']} {row['sk']['S']}": row["event"]["S"] for row in self.events}

    def open_orders(self) -> list[str]:
        """Return the orders that are neither shipped nor cancelled, which still need their addresses."""
        types = {
            (row["pk"]["S"].partition("#")[2], json.loads(row["event"]["S"])["type"]) for row in self.events
        }
        ended = {order for order, fact in types if fact in {"ShipmentScheduled", "OrderCancelled"}}
        return [order for order in self.orders if order not in ended]

    def as_json(self) -> dict[str, Any]:
        """Return one JSON object with all that is stored."""
        events = [json.loads(document) for document in self.documents.values()]
        contacts = [
            {name: value["S"] for name, value in row.items() if name in {"order_id", "email"}}
            for row in self.contacts
        ]
        return {"customer": self.customer, "orders": self.orders, "events": events, "contacts": contacts}


def records_of(account: Account, customer: str) -> CustomerRecords:
    """Read everything about the customer; raise CommandError if there is no order."""
    dynamodb, names = account.client("dynamodb"), account.names
    positions = [
        position
        for each in customer_ids(account, customer)
        for position in listed_positions(dynamodb, names, each)
    ]
    orders = tuple(sorted({position.rpartition("#")[2] for position in positions}))
    if not orders:
        raise CommandError(
            f"There is no order of customer {customer}.",
            hint="Use the id in the token (`sub`), or ACCOUNT:SOURCE#id of a partner's customer.",
            code=ExitCode.UNKNOWN_ORDER,
        )
    log = FactLog(dynamodb=dynamodb, names=names, sleep=sleep)
    contacts = names.table("notifications", "contacts")
    return CustomerRecords(
        customer=customer,
        orders=orders,
        events=tuple(log.get(_event_keys(orders))),
        contacts=tuple(log.get([{"order_id": {"S": order}} for order in orders], table=contacts)),
    )


def _event_keys(orders: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"pk": {"S": f"{owner}#{order}"}, "sk": {"S": decision}}
        for order in orders
        for owner, decision in DECISIONS
    ]
