"""`orderbus stock`: the options of its commands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.stock.levels import list_stock
from cli.stock.load import LoadRequest, load_stock
from cli.stock.set_quantity import QuantityRequest, set_stock

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("ls")
@dataclass(frozen=True, kw_only=True)
class StockList(StageOptions):
    """List the stock of every SKU."""

    def run_on(self, account: Account) -> ExitCode:
        """List the stock."""
        return list_stock(account, as_json=self.as_json)


@app.command("load")
@dataclass(frozen=True, kw_only=True)
class StockLoad(StageOptions):
    """Add a delivery to stock, once; without --yes only show what it adds."""

    file: Annotated[Path, typer.Argument(help="A CSV file: sku,quantity or sku,quantity,reorder_level.")]
    reference: Annotated[
        str | None, typer.Option(help="The delivery's number; by default the file's hash.")
    ] = None
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Add the delivery."""
        request = LoadRequest(
            file=self.file, reference=self.reference, confirmed=self.yes, now=datetime.now(UTC)
        )
        return load_stock(account, request, as_json=self.as_json)


@app.command("set")
@dataclass(frozen=True, kw_only=True)
class StockSet(StageOptions):
    """Raise the stock of a SKU to a quantity; without --yes only show the difference."""

    sku: Annotated[str, typer.Argument(help="The SKU.")]
    quantity: Annotated[int, typer.Argument(min=0, help="The quantity; not below the current one.")]
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Add the difference."""
        request = QuantityRequest(
            sku=self.sku, quantity=self.quantity, confirmed=self.yes, now=datetime.now(UTC), sleep=sleep
        )
        return set_stock(account, request, as_json=self.as_json)
