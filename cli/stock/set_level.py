"""`orderbus stock set`: so many are for sale now, by adding what is missing as a delivery like any other.

What was counted is never written over what is there: an order that is taken meanwhile stays taken. Stock
leaves by being sold, so that a number below what is for sale is refused.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec

from cli.core.account import LOOK, Account, refusals_said
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stock.stock import Article, NotTakenError, added_before, articles, deliver
from functions.contracts.inventory import StockAdded
from functions.contracts.values import NAMESPACE, StockLine
from functions.contracts.warehouse import StockReplenished

LOOKS = 30
BETWEEN_LOOKS = 2
"""Seconds between two looks at whether inventory has added it."""
AGAIN = "Look with `orderbus stock ls`; to say the same again adds nothing twice."
LOWER = "Stock leaves by being sold. What is broken or lost is for inventory to learn to state."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How many of an article are to be for sale, and whether to do it or only to say what it would add."""

    sku: str
    quantity: int
    sure: bool
    now: datetime
    sleep: Callable[[float], None]


@dataclass(slots=True, kw_only=True)
class Addition:
    """What is added to one article, and whether inventory has said so."""

    sku: str
    now: int
    adds: int
    then: int
    replenishment: str
    sent: bool = False
    added: bool = False


def set_stock(account: Account, wish: Wish, *, as_json: bool) -> ExitCode:
    """Say what is missing; where that is wanted, deliver it and wait until it is for sale."""
    with refusals_said(hint=LOOK):
        dynamodb, names = account.client("dynamodb"), account.names
        article = articles(dynamodb, names).get(wish.sku, Article(sku=wish.sku))
    addition = _addition(article, wish.quantity)
    delivery = _delivery(addition) if addition.adds else None
    if wish.sure and delivery is not None:
        with refusals_said(hint=AGAIN):
            _deliver(account, delivery, wish.now)
            addition.sent = True
            addition.added = _is_added(lambda: added_before(dynamodb, names, [delivery]), delivery, wish)
    _say(addition, as_json=as_json)
    return ExitCode.OK


def _addition(article: Article, quantity: int) -> Addition:
    if quantity < article.available:
        raise CommandError(
            f"{article.available} {article.sku} are for sale; {quantity} would be fewer.",
            hint=LOWER,
            code=ExitCode.USAGE,
        )
    # Named after how often it was replenished: of all that is set between two deliveries, one is added.
    name = uuid.uuid5(NAMESPACE, f"set|{article.sku}|{article.replenishments}")
    return Addition(
        sku=article.sku,
        now=article.available,
        adds=quantity - article.available,
        then=quantity,
        replenishment=f"set-{name}",
    )


def _delivery(addition: Addition) -> StockReplenished:
    try:
        line = msgspec.convert({"sku": addition.sku, "quantity": addition.adds}, StockLine)
    except msgspec.ValidationError as error:
        hint = "An article is like TEAPOT or CUP-2; at most a million are added at once."
        raise CommandError(f"It cannot be added: {error}.", hint=hint, code=ExitCode.USAGE) from error
    return StockReplenished(replenishment_id=addition.replenishment, lines=(line,))


def _deliver(account: Account, delivery: StockReplenished, now: datetime) -> None:
    try:
        deliver(account.client("events"), account.names, [delivery], now=now)
    except NotTakenError as error:
        raise CommandError(str(error), hint=AGAIN, code=ExitCode.AWS_REFUSED) from error


def _is_added(look: Callable[[], dict[str, StockAdded]], delivery: StockReplenished, wish: Wish) -> bool:
    """Whether inventory adds it while somebody waits; a CommandError where another's was added instead."""
    for _ in range(LOOKS):
        wish.sleep(BETWEEN_LOOKS)
        added = look().get(delivery.replenishment_id)
        if added is not None and added.lines == delivery.lines:
            return True
        if added is not None:
            raise CommandError(
                f"Somebody else set {wish.sku} at the same time: {added.lines[0].quantity} were added.",
                hint="This one was set aside. Look with `orderbus stock ls`, then say it again.",
                code=ExitCode.INCOMPLETE,
            )
    return False


def _say(addition: Addition, *, as_json: bool) -> None:
    if as_json:
        write_json(asdict(addition))
        return
    console = terminal()
    console.print(f"{addition.sku}: {addition.now} are for sale, {addition.adds} are missing.")
    if not addition.adds:
        console.print("There is nothing to add.")
    elif addition.added:
        console.print(f"Added as {addition.replenishment}.")
    elif addition.sent:
        console.print(f"On its way as {addition.replenishment}; inventory has not added it yet.")
    else:
        console.print("Nothing was added. Say --yes to add it.")
