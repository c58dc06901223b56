"""`orderbus stock load`: add a delivery note to stock."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stock.deliveries import added_stock, publish
from cli.stock.delivery_note import NoteLine, UnusableNoteError, read_note, replenishments
from cli.stock.levels import SkuStock, level_cell, set_reorder_levels, stock_by_sku
from functions.contracts.inventory import StockAdded
from functions.contracts.warehouse import StockReplenished

NOTE = "Use a CSV file with the columns sku,quantity or sku,quantity,reorder_level. Nothing was loaded."
AGAIN = "Load the same file again: nothing is added twice."


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChange:
    """The change of a delivery note for one SKU."""

    sku: str
    now: int
    adds: int
    then: int
    reorder_level: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """The note to load and its reference; without `confirmed`, only show the changes."""

    file: Path
    reference: str | None
    confirmed: bool
    now: datetime


def load_stock(account: Account, request: LoadRequest, *, as_json: bool) -> ExitCode:
    """Show what a delivery note changes; if confirmed, put it on the ingress bus."""
    note, deliveries = _read(request.file, request.reference)
    with aws_errors(hint=LOOK):
        dynamodb, names = account.client("dynamodb"), account.names
        added = added_stock(dynamodb, names, deliveries)
        for delivery in deliveries:
            _reject_other_contents(delivery, added)
        due = [delivery for delivery in deliveries if delivery.replenishment_id not in added]
        changes = _changes(note, due, stock_by_sku(dynamodb, names))
    if request.confirmed:
        publish(account, due, now=request.now, hint=AGAIN)
        with aws_errors(hint=AGAIN):
            set_reorder_levels(dynamodb, names, note)
    _print_changes(changes, due, as_json=as_json, loaded=request.confirmed)
    return ExitCode.OK


def _read(file: Path, reference: str | None) -> tuple[list[NoteLine], list[StockReplenished]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as rows:
            note = read_note(rows)
        return note, replenishments(note, reference)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise CommandError(f"{file} cannot be read: {reason}.", hint=NOTE, code=ExitCode.USAGE) from error
    except UnusableNoteError as error:
        errors = "\n".join(error.rows)
        raise CommandError(f"{file} cannot be used.\n{errors}", hint=NOTE, code=ExitCode.USAGE) from error


def _reject_other_contents(delivery: StockReplenished, known: Mapping[str, StockAdded]) -> None:
    added = known.get(delivery.replenishment_id)
    if added is not None and added.lines != delivery.lines:
        raise CommandError(
            f"{delivery.replenishment_id} was loaded before, with other contents.",
            hint="Choose another --reference for another delivery.",
            code=ExitCode.USAGE,
        )


def _changes(
    note: Sequence[NoteLine], due: Sequence[StockReplenished], stock: Mapping[str, SkuStock]
) -> list[StockChange]:
    adds = {line.sku: line.quantity for delivery in due for line in delivery.lines}
    return [
        _change(line, stock.get(line.sku, SkuStock(sku=line.sku)).available, adds.get(line.sku, 0))
        for line in note
    ]


def _change(line: NoteLine, now: int, adds: int) -> StockChange:
    return StockChange(sku=line.sku, now=now, adds=adds, then=now + adds, reorder_level=line.reorder_level)


def _print_changes(
    changes: Sequence[StockChange], due: Sequence[StockReplenished], *, as_json: bool, loaded: bool
) -> None:
    if as_json:
        report = {"loaded": loaded, "replenishments": [each.replenishment_id for each in due]}
        write_json({**report, "changes": [asdict(each) for each in changes]})
        return
    console = terminal()
    rows = [
        (each.sku, str(each.now), str(each.adds), str(each.then), level_cell(each.reorder_level))
        for each in changes
    ]
    headers = ("SKU", "for sale", "adds", "then", "reorder level")
    console.print_table(headers, rows, right=frozenset({1, 2, 3, 4}))
    if not due:
        console.print("The whole delivery was added before.")
    elif loaded:
        console.print(f"Published as {', '.join(each.replenishment_id for each in due)}.")
    else:
        console.print("Nothing was loaded. Add --yes to load it.")
