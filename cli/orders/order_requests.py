"""`orderbus orders`: a customer's requests to the HTTP API."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.orders.api_client import ApiClient

BODY = "Use the body of POST /orders, one JSON object, as in schemas/openapi.json."
TITLE = "Orders, newest first"
PAGE_SIZE = 50
"""The maximum of `GET /orders`."""


def place_order(api: ApiClient, file: Path, *, key: str | None, as_json: bool) -> ExitCode:
    """Place the order in the file; without a key, use the hash of the file as one."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read: {error.strerror}.", hint=BODY, code=ExitCode.USAGE
        ) from error
    headers = {"Idempotency-Key": key or f"sha256-{hashlib.sha256(body).hexdigest()}"}
    return _print_order(api.request("POST", "/orders", body=body, headers=headers), as_json=as_json)


def get_order(api: ApiClient, order_id: str, *, as_json: bool) -> ExitCode:
    """Show the order as its customer sees it."""
    return _print_order(api.request("GET", f"/orders/{quote(order_id, safe='')}"), as_json=as_json)


def cancel_order(api: ApiClient, order_id: str, *, as_json: bool, confirmed: bool) -> ExitCode:
    """Cancel the order; without confirmation only show it."""
    if not confirmed:
        code = get_order(api, order_id, as_json=as_json)
        terminal(stderr=True).print("Nothing was cancelled. Add --yes to cancel it; this is final.")
        return code
    path = f"/orders/{quote(order_id, safe='')}/cancellation"
    return _print_order(api.request("POST", path), as_json=as_json)


def list_orders(api: ApiClient, *, limit: int, as_json: bool) -> ExitCode:
    """Show the customer's newest orders, up to the limit."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < limit:
        query = {"limit": str(min(limit - len(found), PAGE_SIZE)), **({"cursor": cursor} if cursor else {})}
        page = api.request("GET", f"/orders?{urlencode(query)}", member="orders")
        found += page["orders"]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    return print_orders(found, as_json=as_json)


def print_orders(found: list[dict[str, Any]], *, as_json: bool) -> ExitCode:
    """Print the orders."""
    if as_json:
        write_json(found)
    else:
        terminal().print_table(("order", "status", "total (minor units)"), map(_cells, found), title=TITLE)
    return ExitCode.OK


def _print_order(order: dict[str, Any], *, as_json: bool) -> ExitCode:
    if as_json:
        write_json(order)
        return ExitCode.OK
    console = terminal()
    console.print(f"{order['order_id']}  {order['status']}")
    for step in order.get("history", []):
        console.print(f"  {step['time']}  {step['type']}")
    return ExitCode.OK


def _cells(order: dict[str, Any]) -> tuple[str, str, str]:
    total = order.get("total") or {}
    return order["order_id"], order["status"], f"{total.get('amount', '')} {total.get('currency', '')}"
