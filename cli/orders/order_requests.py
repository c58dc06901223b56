"""`orderbus orders`: what a customer does with the HTTP API."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.orders.api_client import ShopDoor

BODY = "It is the body of POST /orders, one JSON object, as schemas/openapi.json describes it."
TITLE = "Orders, the newest first"
PAGE = 50
"""What `GET /orders` lists at once, at most."""


def place_order(door: ShopDoor, file: Path, *, key: str | None, as_json: bool) -> ExitCode:
    """Place the order in the file, once for a key; without one, once for its contents."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read: {error.strerror}.", hint=BODY, code=ExitCode.USAGE
        ) from error
    chosen = key or f"sha256-{hashlib.sha256(body).hexdigest()}"
    answer = door.ask("POST", "/orders", body=body, headers={"Idempotency-Key": chosen})
    return _said(answer, as_json=as_json)


def get_order(door: ShopDoor, order_id: str, *, as_json: bool) -> ExitCode:
    """Show the order as its customer sees it."""
    return _said(door.ask("GET", f"/orders/{quote(order_id, safe='')}"), as_json=as_json)


def cancel_order(door: ShopDoor, order_id: str, *, as_json: bool, sure: bool) -> ExitCode:
    """Call the order back, and have undone what was done for it; or only show it."""
    if not sure:
        code = get_order(door, order_id, as_json=as_json)
        terminal(stderr=True).print("Nothing was cancelled. Say --yes to cancel it; nothing brings it back.")
        return code
    return _said(door.ask("POST", f"/orders/{quote(order_id, safe='')}/cancellation"), as_json=as_json)


def list_orders(door: ShopDoor, *, limit: int, as_json: bool) -> ExitCode:
    """Show the customer's newest orders, so many of them, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < limit:
        asked = {"limit": str(min(limit - len(found), PAGE)), **({"cursor": cursor} if cursor else {})}
        page = door.ask("GET", f"/orders?{urlencode(asked)}", answered_with="orders")
        found += page["orders"]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    return show_orders(found, as_json=as_json)


def show_orders(found: list[dict[str, Any]], *, as_json: bool) -> ExitCode:
    """Print the orders."""
    if as_json:
        write_json(found)
    else:
        terminal().print_table(("order", "status", "total (minor units)"), map(_cells, found), title=TITLE)
    return ExitCode.OK


def _said(answer: dict[str, Any], *, as_json: bool) -> ExitCode:
    if as_json:
        write_json(answer)
        return ExitCode.OK
    console = terminal()
    console.print(f"{answer['order_id']}  {answer['status']}")
    for step in answer.get("history", []):
        console.print(f"  {step['time']}  {step['type']}")
    return ExitCode.OK


def _cells(order: dict[str, Any]) -> tuple[str, str, str]:
    total = order.get("total") or {}
    return order["order_id"], order["status"], f"{total.get('amount', '')} {total.get('currency', '')}"
