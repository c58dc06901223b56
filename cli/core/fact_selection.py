"""Selections of facts, and checks of the order ids and fact names that people type."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from functions.contracts.registry import FACTS
from functions.contracts.values import is_order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSelection:
    """The facts that meet all conditions; an empty or missing value is no condition."""

    orders: tuple[str, ...] = ()
    facts: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""

    def matches(self, fact: str, time: datetime) -> bool:
        """Return whether the name and time match; the reader of the event log selects the orders."""
        return (
            (self.facts is None or fact in self.facts)
            and (self.since is None or time >= self.since)
            and (self.until is None or time < self.until)
        )


def order_ids(typed: Iterable[str]) -> tuple[str, ...]:
    """Return each order id once; raise CommandError for an invalid one."""
    ids = tuple(dict.fromkeys(typed))
    for order_id in ids:
        if not is_order_id(order_id):
            raise CommandError(
                f"{order_id} is not an order id.",
                hint="It is like 0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11; `orderbus orders ls` lists them.",
                code=ExitCode.USAGE,
            )
    return ids


def unknown_order(order_id: str) -> CommandError:
    """Return the error of an order without a fact in the stage's event log."""
    return CommandError(
        f"This stage has no order {order_id}.",
        hint="Check the stage and the region; a rejected order has no facts.",
        code=ExitCode.UNKNOWN_ORDER,
    )


def require_known_fact(name: str) -> None:
    """Raise CommandError if there is no fact of that name."""
    if name not in FACTS:
        hint = f"The facts are {', '.join(sorted(FACTS))}."
        raise CommandError(f"There is no fact {name}.", hint=hint, code=ExitCode.USAGE)
