"""`orderbus stock`: the options of its commands."""

from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.exit_codes import ExitCode
from cli.core.options import Json, Yes, on_account

if TYPE_CHECKING:
    from cli.core.account import Account

stock = typer.Typer(no_args_is_help=True, help="What is for sale, and more of it.")


@stock.command(name="ls")
@on_account
def stock_ls(account: "Account", *, as_json: Json = False) -> ExitCode:
    """Show what is for sale of every article."""
    from cli.stock.load import list_stock  # noqa: PLC0415 - boto3, which `--help` should not wait for

    return list_stock(account, as_json=as_json)


@stock.command(name="load")
@on_account
def stock_load(
    account: "Account",
    file: Annotated[Path, typer.Argument(help="A CSV file: sku,quantity or sku,quantity,reorder_level.")],
    *,
    reference: Annotated[str | None, typer.Option(help="The delivery's number; else its content.")] = None,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Add what has come in, once, by way of the ingress bus; without --yes only say what it adds."""
    from cli.stock.load import Wish, load_stock  # noqa: PLC0415 - as above

    wish = Wish(file=file, reference=reference, sure=yes, now=datetime.now(UTC))
    return load_stock(account, wish, as_json=as_json)


@stock.command(name="set")
@on_account
def stock_set(
    account: "Account",
    sku: Annotated[str, typer.Argument(help="The article.")],
    quantity: Annotated[
        int, typer.Argument(min=0, help="How many are to be for sale; never fewer than now.")
    ],
    *,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Add what an article is short of, once, by way of the ingress bus; without --yes only say it."""
    from cli.stock.set_level import Wish, set_stock  # noqa: PLC0415 - as above

    wish = Wish(sku=sku, quantity=quantity, sure=yes, now=datetime.now(UTC), sleep=sleep)
    return set_stock(account, wish, as_json=as_json)
