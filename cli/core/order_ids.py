"""The ids of orders, as somebody types them."""

from collections.abc import Iterable

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from functions.contracts.values import is_order_id


def orders_of(given: Iterable[str]) -> tuple[str, ...]:
    """The orders that were named, each once; a CommandError where one is none."""
    orders = tuple(dict.fromkeys(given))
    for order in orders:
        if not is_order_id(order):
            raise CommandError(
                f"{order} is no order's id.",
                hint="It is like 0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11; `orderbus orders ls` shows them.",
                code=ExitCode.USAGE,
            )
    return orders


def unknown(order: str) -> CommandError:
    """What to say of an order that the stage's event log has no fact about."""
    return CommandError(
        f"This stage knows no order {order}.",
        hint="Check the stage and the region; an order that was refused has no facts.",
        code=ExitCode.UNKNOWN_ORDER,
    )
