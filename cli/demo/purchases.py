"""Real purchases as orders: one row each of a file like CDNOW's, or a reason why not.

Columns, separated by blanks: customer in the master file, customer in the sample, date YYYYMMDD, number of
CDs, amount in US dollars (Fader and Hardie's sample, https://brucehardie.com/datasets/).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.sample_orders import Line, Order

STANDARD, PREMIUM = "CD-STANDARD", "CD-PREMIUM"

MAX_QUANTITY = 99
MAX_AMOUNT = 100_000_000
"""In cents: what the contract of CheckoutCompleted allows as a unit price."""
YEARS = range(1980, 2100)
"""Nothing is sold before or after; a slip of the pen would move the virtual clock by centuries."""

_ROW = re.compile(
    r"(?P<master>[0-9]{1,20})\s+(?P<sample>[0-9]{1,20})\s+(?P<date>[0-9]{8})\s+"
    r"(?P<quantity>[0-9]{1,6})\s+(?P<dollars>[0-9]{1,9})\.(?P<cents>[0-9]{2})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is no purchase, and why."""

    line: int
    reason: str


class _UnusableError(ValueError):
    """Why a row is no purchase."""


def read_purchases(path: Path) -> tuple[list[Order], list[RejectedRow]]:
    """The file's purchases by date, and the rows that are none."""
    try:
        # A byte that is no UTF-8 spoils its own row and no other.
        rows = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}.",
            hint="--purchases takes a text file: customer, customer in the sample, date, number, amount.",
            code=ExitCode.USAGE,
        ) from error
    return parse_purchases(rows)


def parse_purchases(rows: Iterable[str]) -> tuple[list[Order], list[RejectedRow]]:
    """The rows that are purchases, by date, and those that are not; empty lines are no rows."""
    orders: list[Order] = []
    rejected: list[RejectedRow] = []
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            orders.append(_order(number, row))
        except _UnusableError as unusable:
            rejected.append(RejectedRow(number, str(unusable)))
    return sorted(orders, key=lambda order: (order.arrives is None, order.arrives)), rejected


def _order(number: int, row: str) -> Order:
    fields = _ROW.fullmatch(row.strip())
    if fields is None:
        raise _UnusableError("not five columns: customer, customer, YYYYMMDD, whole number, dollars.cents")
    quantity, amount = int(fields["quantity"]), int(fields["dollars"] + fields["cents"])
    if not 1 <= quantity <= MAX_QUANTITY:
        raise _UnusableError(f"the number of CDs, {quantity}, is not between 1 and {MAX_QUANTITY}")
    if amount > MAX_AMOUNT:
        raise _UnusableError(f"the amount, {amount} cents, is above {MAX_AMOUNT}")
    return Order(
        # The line makes the key: a customer may buy the same twice on one day.
        key=f"cdnow-{number}-{fields['master']}-{fields['date']}",
        customer=f"cdnow-{fields['master']}",
        lines=lines_worth(quantity, amount),
        arrives=_midnight(fields["date"]),
    )


def lines_worth(quantity: int, amount: int) -> tuple[Line, ...]:
    """Lines of so many articles that cost exactly this amount in cents."""
    price, dearer = divmod(amount, quantity)
    lines = (Line(PREMIUM, dearer, price + 1), Line(STANDARD, quantity - dearer, price))
    return tuple(line for line in lines if line.quantity)


def _midnight(date: str) -> datetime:
    try:
        midnight = datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise _UnusableError(f"{date} is no date") from error
    if midnight.year not in YEARS:
        raise _UnusableError(f"{date} is not between {YEARS[0]} and {YEARS[-1]}")
    return midnight
