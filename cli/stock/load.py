"""`orderbus stock`: what is for sale, and more of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stock.delivery_note import NoteLine, UnusableNoteError, read_note, replenishments
from cli.stock.levels import Article, NotTakenError, added_before, articles, deliver, set_levels
from functions.contracts.inventory import StockAdded
from functions.contracts.warehouse import StockReplenished

NOTE = "It is a CSV file with the columns sku,quantity or sku,quantity,reorder_level. Nothing was loaded."
AGAIN = "To load the same file again is safe: what was added is not added twice."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a note does to one article."""

    sku: str
    now: int
    adds: int
    then: int
    reorder_level: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which note to load, under which name, and whether to do it or only to say what it would do."""

    file: Path
    reference: str | None
    sure: bool
    now: datetime


def list_stock(account: Account, *, as_json: bool) -> ExitCode:
    """Show what is for sale of every article."""
    with aws_errors(hint=LOOK):
        found = articles(account.client("dynamodb"), account.names)
    if as_json:
        write_json([article.as_json() for article in found.values()])
    else:
        terminal().print_table(
            ("SKU", "for sale", "rows", "reorder level"),
            map(_cells, found.values()),
            title="Stock",
            right=frozenset({1, 2, 3}),
        )
    return ExitCode.OK


def load_stock(account: Account, wish: Wish, *, as_json: bool) -> ExitCode:
    """Say what a delivery note would change; where that is wanted, put it on the ingress bus."""
    note, deliveries = _read(wish.file, wish.reference)
    with aws_errors(hint=LOOK):
        dynamodb, names = account.client("dynamodb"), account.names
        known = added_before(dynamodb, names, deliveries)
        for delivery in deliveries:
            _refuse_other_contents(delivery, known)
        due = [delivery for delivery in deliveries if delivery.replenishment_id not in known]
        changes = _changes(note, due, articles(dynamodb, names))
    if wish.sure:
        with aws_errors(hint=AGAIN):
            _deliver(account, note, due, wish.now)
    _say(changes, due, as_json=as_json, done=wish.sure)
    return ExitCode.OK


def _read(file: Path, reference: str | None) -> tuple[list[NoteLine], list[StockReplenished]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as rows:
            note = read_note(rows)
        return note, replenishments(note, reference)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise CommandError(f"{file} cannot be read: {why}.", hint=NOTE, code=ExitCode.USAGE) from error
    except UnusableNoteError as error:
        said = "\n".join(error.rows)
        raise CommandError(f"{file} cannot be used.\n{said}", hint=NOTE, code=ExitCode.USAGE) from error


def _refuse_other_contents(delivery: StockReplenished, known: Mapping[str, StockAdded]) -> None:
    added = known.get(delivery.replenishment_id)
    if added is not None and added.lines != delivery.lines:
        raise CommandError(
            f"{delivery.replenishment_id} was loaded before, with other contents.",
            hint="Another delivery needs another --reference.",
            code=ExitCode.USAGE,
        )


def _changes(
    note: Sequence[NoteLine], due: Sequence[StockReplenished], found: dict[str, Article]
) -> list[Change]:
    adds = {line.sku: line.quantity for delivery in due for line in delivery.lines}
    changes = []
    for line in note:
        now, added = found.get(line.sku, Article(sku=line.sku)).available, adds.get(line.sku, 0)
        changes.append(
            Change(sku=line.sku, now=now, adds=added, then=now + added, reorder_level=line.reorder_level)
        )
    return changes


def _deliver(
    account: Account, note: Sequence[NoteLine], due: Sequence[StockReplenished], now: datetime
) -> None:
    try:
        deliver(account.client("events"), account.names, due, now=now)
    except NotTakenError as error:
        raise CommandError(str(error), hint=AGAIN, code=ExitCode.AWS_REFUSED) from error
    set_levels(account.client("dynamodb"), account.names, note)


def _say(changes: Sequence[Change], due: Sequence[StockReplenished], *, as_json: bool, done: bool) -> None:
    if as_json:
        report = {"loaded": done, "replenishments": [each.replenishment_id for each in due]}
        write_json({**report, "changes": [asdict(each) for each in changes]})
        return
    console = terminal()
    rows = [
        (each.sku, str(each.now), str(each.adds), str(each.then), _level(each.reorder_level))
        for each in changes
    ]
    headers = ("SKU", "for sale", "adds", "then", "reorder level")
    console.print_table(headers, rows, right=frozenset({1, 2, 3, 4}))
    if not due:
        console.print("All of it was added before.")
    elif done:
        console.print(f"On its way as {', '.join(each.replenishment_id for each in due)}.")
    else:
        console.print("Nothing was loaded. Say --yes to load it.")


def _cells(stock: Article) -> tuple[str, ...]:
    return stock.sku, str(stock.available), str(stock.rows), _level(stock.reorder_level)


def _level(reorder_level: int | None) -> str:
    return "" if reorder_level is None else str(reorder_level)
