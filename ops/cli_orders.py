"""`orderbus orders`: the commands of a customer, over the HTTP API."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.exit_codes import ExitCode
from ops.options import Json, Yes, at_door

if TYPE_CHECKING:
    from ops.shop_door import ShopDoor

orders = typer.Typer(no_args_is_help=True, help="Orders over the HTTP API, as a customer places them.")

OrderId = Annotated[str, typer.Argument(help="The order's id.")]


@orders.command()
@at_door
def place(
    door: "ShopDoor",
    file: Annotated[Path, typer.Argument(help="The body of POST /orders, as JSON.")],
    *,
    key: Annotated[str | None, typer.Option(help="The Idempotency-Key; else by the contents.")] = None,
    as_json: Json = False,
) -> ExitCode:
    """Place an order, once for a key."""
    from ops.order_commands import place_order  # noqa: PLC0415 — Rich, which `--help` should not wait for

    return place_order(door, file, key=key, as_json=as_json)


@orders.command()
@at_door
def get(door: "ShopDoor", order: OrderId, *, as_json: Json = False) -> ExitCode:
    """Show an order as its customer sees it."""
    from ops.order_commands import get_order  # noqa: PLC0415 — as above

    return get_order(door, order, as_json=as_json)


@orders.command()
@at_door
def cancel(door: "ShopDoor", order: OrderId, *, as_json: Json = False, yes: Yes = False) -> ExitCode:
    """Call an order back; without --yes only show it."""
    from ops.order_commands import cancel_order  # noqa: PLC0415 — as above

    return cancel_order(door, order, as_json=as_json, sure=yes)


@orders.command(name="ls")
@at_door
def list_newest(
    door: "ShopDoor",
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    as_json: Json = False,
) -> ExitCode:
    """List a customer's orders."""
    from ops.order_commands import list_orders  # noqa: PLC0415 — as above

    return list_orders(door, limit=limit, as_json=as_json)
