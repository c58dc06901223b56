"""`orderbus orders`: the options of its commands."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.orders.authentication import authenticate
from cli.orders.customer_orders import orders_of_customer
from cli.orders.order_requests import cancel_order, get_order, list_orders, place_order, print_orders

app = typer.Typer(no_args_is_help=True, add_completion=False)

OrderId = Annotated[str, typer.Argument(help="The order's id.")]
DEFAULT_CUSTOMER = "customer-1"


@dataclass(frozen=True, kw_only=True)
class ApiOptions(StageOptions):
    """A command on the HTTP API."""

    url: Annotated[
        str | None, typer.Option(envvar="ORDERBUS_URL", help="The HTTP API, if not the stage's own.")
    ] = None
    token: Annotated[str | None, typer.Option(envvar="ORDERBUS_TOKEN", help="A customer's access token.")] = (
        None
    )


@dataclass(frozen=True, kw_only=True)
class CustomerOptions(ApiOptions):
    """A command on the HTTP API as one customer."""

    customer: Annotated[
        str, typer.Option(help="Customer to sign in as when no --token is given (offline only).")
    ] = DEFAULT_CUSTOMER


@app.command("place")
@dataclass(frozen=True, kw_only=True)
class OrdersPlace(CustomerOptions):
    """Place an order, once per idempotency key."""

    file: Annotated[Path, typer.Argument(help="The JSON body of POST /orders.")]
    key: Annotated[str | None, typer.Option(help="The Idempotency-Key; by default the body's hash.")] = None

    def run_on(self, account: Account) -> ExitCode:
        """Place the order."""
        api = authenticate(account, url=self.url, token=self.token, customer=self.customer)
        return place_order(api, self.file, key=self.key, as_json=self.as_json)


@app.command("get")
@dataclass(frozen=True, kw_only=True)
class OrdersGet(CustomerOptions):
    """Show an order as its customer sees it."""

    order: OrderId

    def run_on(self, account: Account) -> ExitCode:
        """Show the order."""
        api = authenticate(account, url=self.url, token=self.token, customer=self.customer)
        return get_order(api, self.order, as_json=self.as_json)


@app.command("cancel")
@dataclass(frozen=True, kw_only=True)
class OrdersCancel(CustomerOptions):
    """Cancel an order; without --yes only show it."""

    order: OrderId
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Cancel the order."""
        api = authenticate(account, url=self.url, token=self.token, customer=self.customer)
        return cancel_order(api, self.order, as_json=self.as_json, confirmed=self.yes)


@app.command("ls")
@dataclass(frozen=True, kw_only=True)
class OrdersList(ApiOptions):
    """List the orders of the token's customer, or with --customer of any customer."""

    limit: Annotated[int, typer.Option(min=1, help="The number of orders, newest first.")] = 20
    customer: Annotated[
        str | None, typer.Option(help="List this customer's orders from the read model, without a token.")
    ] = None

    def run_on(self, account: Account) -> ExitCode:
        """List the orders."""
        if self.customer is None:
            api = authenticate(account, url=self.url, token=self.token, customer=DEFAULT_CUSTOMER)
            return list_orders(api, limit=self.limit, as_json=self.as_json)
        found = orders_of_customer(account, self.customer, limit=self.limit)
        return print_orders(found, as_json=self.as_json)
