"""Historic purchases as orders, from a file like CDNOW's; each other row is rejected with a reason.

The columns, separated by blanks: customer in the master file, customer in the sample, date YYYYMMDD, number
of CDs, amount in US dollars (the sample of Fader and Hardie, https://brucehardie.com/datasets/).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.sample_orders import SampleLine, SampleOrder

COLUMNS = "The columns are: customer, customer in the sample, date YYYYMMDD, number of CDs, amount."
STANDARD, PREMIUM = "CD-STANDARD", "CD-PREMIUM"

MAX_QUANTITY = 99
MAX_AMOUNT_CENTS = 100_000_000
"""The maximum unit price of CheckoutCompleted, in cents."""
YEARS = range(1980, 2100)
"""The plausible years; a typing error would move the virtual clock by centuries."""

_ROW = re.compile(
    r"(?P<master>[0-9]{1,20})\s+(?P<sample>[0-9]{1,20})\s+(?P<date>[0-9]{8})\s+"
    r"(?P<quantity>[0-9]{1,6})\s+(?P<dollars>[0-9]{1,9})\.(?P<cents>[0-9]{2})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is not a purchase, and the reason."""

    line: int
    reason: str


class _InvalidRowError(ValueError):
    """The reason why a row is not a purchase."""


def read_purchases(path: Path) -> tuple[list[SampleOrder], list[RejectedRow]]:
    """Return the file's purchases by date, and the rejected rows."""
    try:
        # A byte that is not UTF-8 affects only its own row.
        rows = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}.",
            hint=COLUMNS,
            code=ExitCode.USAGE,
        ) from error
    return parse_purchases(rows)


def parse_purchases(rows: Iterable[str]) -> tuple[list[SampleOrder], list[RejectedRow]]:
    """Return the purchases by date, and the rejected rows; skip empty lines."""
    orders: list[SampleOrder] = []
    rejected: list[RejectedRow] = []
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            orders.append(_order(number, row))
        except _InvalidRowError as error:
            rejected.append(RejectedRow(number, str(error)))
    return sorted(orders, key=lambda order: (order.arrives is None, order.arrives)), rejected


def _order(number: int, row: str) -> SampleOrder:
    fields = _ROW.fullmatch(row.strip())
    if fields is None:
        raise _InvalidRowError("not five columns: customer, customer, YYYYMMDD, whole number, dollars.cents")
    quantity, amount = int(fields["quantity"]), int(fields["dollars"] + fields["cents"])
    if not 1 <= quantity <= MAX_QUANTITY:
        raise _InvalidRowError(f"the number of CDs, {quantity}, is not between 1 and {MAX_QUANTITY}")
    if amount > MAX_AMOUNT_CENTS:
        raise _InvalidRowError(f"the amount, {amount} cents, is above {MAX_AMOUNT_CENTS}")
    return SampleOrder(
        # The line makes the key: a customer may buy the same twice on one day.
        key=f"cdnow-{number}-{fields['master']}-{fields['date']}",
        customer=f"cdnow-{fields['master']}",
        lines=lines_worth(quantity, amount),
        arrives=_midnight(fields["date"]),
    )


def lines_worth(quantity: int, amount: int) -> tuple[SampleLine, ...]:
    """Return lines of this total quantity and exactly this amount in cents."""
    price, dearer = divmod(amount, quantity)
    lines = (SampleLine(PREMIUM, dearer, price + 1), SampleLine(STANDARD, quantity - dearer, price))
    return tuple(line for line in lines if line.quantity)


def _midnight(date: str) -> datetime:
    try:
        midnight = datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise _InvalidRowError(f"{date} is not a date") from error
    if midnight.year not in YEARS:
        raise _InvalidRowError(f"{date} is not between {YEARS[0]} and {YEARS[-1]}")
    return midnight
