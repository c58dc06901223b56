"""`orderbus orders`: the commands of a customer, over the HTTP API."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.exit_codes import ExitCode
from cli.core.options import DEFAULT_CUSTOMER, Json, Token, Url, Yes, at_door, on_account

if TYPE_CHECKING:
    from cli.core.account import Account
    from cli.orders.api_client import ShopDoor

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
    from cli.orders.actions import place_order  # noqa: PLC0415 — Rich, which `--help` should not wait for

    return place_order(door, file, key=key, as_json=as_json)


@orders.command()
@at_door
def get(door: "ShopDoor", order: OrderId, *, as_json: Json = False) -> ExitCode:
    """Show an order as its customer sees it."""
    from cli.orders.actions import get_order  # noqa: PLC0415 — as above

    return get_order(door, order, as_json=as_json)


@orders.command()
@at_door
def cancel(door: "ShopDoor", order: OrderId, *, as_json: Json = False, yes: Yes = False) -> ExitCode:
    """Call an order back; without --yes only show it."""
    from cli.orders.actions import cancel_order  # noqa: PLC0415 — as above

    return cancel_order(door, order, as_json=as_json, sure=yes)


@orders.command(name="ls")
@on_account
def list_newest(  # noqa: PLR0913 - the options of a command line
    account: "Account",
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    customer: Annotated[
        str | None, typer.Option(help="List this customer's orders from the read model, without a token.")
    ] = None,
    url: Url = None,
    token: Token = None,
    as_json: Json = False,
) -> ExitCode:
    """List a customer's orders: those of the token, or with --customer anybody's."""
    from cli.orders.actions import list_orders, show_orders  # noqa: PLC0415 — as above

    if customer is None:
        from cli.orders.authentication import door  # noqa: PLC0415 — as above

        return list_orders(
            door(account, url=url, token=token, customer=DEFAULT_CUSTOMER), limit=limit, as_json=as_json
        )
    from cli.orders.customer_orders import orders_of_customer  # noqa: PLC0415 — boto3, as above

    return show_orders(orders_of_customer(account, customer, limit=limit), as_json=as_json)
