"""`orderbus stock set`: raise the stock of a SKU to a quantity, by a delivery of the difference.

The quantity is never written over the current one, so orders placed meanwhile keep their stock. Stock
leaves only by being sold: a quantity below the current one is rejected.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stock.deliveries import added_stock, publish
from cli.stock.delivery_note import RESERVED
from cli.stock.levels import SkuStock, stock_by_sku
from functions.contracts import heartbeat
from functions.contracts.inventory import StockAdded
from functions.contracts.values import NAMESPACE, StockLine
from functions.contracts.warehouse import StockReplenished

POLLS = 30
POLL_SECONDS = 2
AGAIN = "Check `orderbus stock ls`, then run the same command again: nothing is added twice."
OTHER_SKU = "Name a SKU that customers can buy: `orderbus stock ls`."
LOWER = "Stock leaves only by being sold; inventory has no fact for lost or broken items yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityRequest:
    """The quantity wanted of a SKU; without `confirmed`, only show the difference."""

    sku: str
    quantity: int
    confirmed: bool
    now: datetime
    sleep: Callable[[float], None]


@dataclass(slots=True, kw_only=True)
class Addition:
    """The stock to add to one SKU: whether it was sent, and whether inventory has added it."""

    sku: str
    now: int
    adds: int
    then: int
    replenishment: str
    sent: bool = False
    added: bool = False


def set_stock(account: Account, request: QuantityRequest, *, as_json: bool) -> ExitCode:
    """Show the difference; if confirmed, publish it as a delivery and wait until inventory adds it."""
    if request.sku == heartbeat.SKU:
        raise CommandError(f"{RESERVED}.", hint=OTHER_SKU, code=ExitCode.USAGE)
    with aws_errors(hint=LOOK):
        dynamodb, names = account.client("dynamodb"), account.names
        stock = stock_by_sku(dynamodb, names).get(request.sku, SkuStock(sku=request.sku))
    addition = _addition(stock, request.quantity)
    delivery = _delivery(addition) if addition.adds else None
    if request.confirmed and delivery is not None:
        publish(account, [delivery], now=request.now, hint=AGAIN)
        addition.sent = True
        with aws_errors(hint=AGAIN):
            addition.added = _is_added(lambda: added_stock(dynamodb, names, [delivery]), delivery, request)
    _print_addition(addition, as_json=as_json)
    return ExitCode.OK


def _addition(stock: SkuStock, quantity: int) -> Addition:
    if quantity < stock.available:
        raise CommandError(
            f"{stock.available} {stock.sku} are for sale; {quantity} would be fewer.",
            hint=LOWER,
            code=ExitCode.USAGE,
        )
    # The id counts the replenishments: of several `stock set` between two replenishments, one is added.
    name = uuid.uuid5(NAMESPACE, f"set|{stock.sku}|{stock.replenishments}")
    return Addition(
        sku=stock.sku,
        now=stock.available,
        adds=quantity - stock.available,
        then=quantity,
        replenishment=f"set-{name}",
    )


def _delivery(addition: Addition) -> StockReplenished:
    try:
        line = msgspec.convert({"sku": addition.sku, "quantity": addition.adds}, StockLine)
    except msgspec.ValidationError as error:
        hint = "Use a SKU like TEAPOT or CUP-2, and add at most a million at once."
        raise CommandError(
            f"{addition.adds} {addition.sku} cannot be added: {error}.", hint=hint, code=ExitCode.USAGE
        ) from error
    return StockReplenished(replenishment_id=addition.replenishment, lines=(line,))


def _is_added(
    read: Callable[[], dict[str, StockAdded]], delivery: StockReplenished, request: QuantityRequest
) -> bool:
    """Wait for inventory; raise CommandError if it added another delivery with this id instead."""
    for _ in range(POLLS):
        request.sleep(POLL_SECONDS)
        added = read().get(delivery.replenishment_id)
        if added is not None and added.lines == delivery.lines:
            return True
        if added is not None:
            raise CommandError(
                f"{request.sku} was set at the same time by another command,"
                f" which added {added.lines[0].quantity}.",
                hint="This delivery was not added. Check `orderbus stock ls`, then run the command again.",
                code=ExitCode.INCOMPLETE,
            )
    return False


def _print_addition(addition: Addition, *, as_json: bool) -> None:
    if as_json:
        write_json(asdict(addition))
        return
    console = terminal()
    console.print(f"{addition.sku}: {addition.now} for sale, {addition.adds} missing.")
    if not addition.adds:
        console.print("There is nothing to add.")
    elif addition.added:
        console.print(f"Added as {addition.replenishment}.")
    elif addition.sent:
        console.print(f"Published as {addition.replenishment}; inventory has not added it yet.")
    else:
        console.print("Nothing was added. Add --yes to add it.")
