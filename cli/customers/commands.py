"""`orderbus customers`: the options of its commands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.customers.erase import ErasureRequest, erase
from cli.customers.export import ExportRequest, export

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("export")
@dataclass(frozen=True, kw_only=True)
class CustomersExport(StageOptions):
    """Export everything that is stored about a customer, as JSON."""

    customer: Annotated[str, typer.Argument(help="The customer's id in the token, or a partner's.")]
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Export it."""
        request = ExportRequest(
            customer=self.customer, confirmed=self.yes, now=datetime.now(UTC), action_id=str(uuid4())
        )
        return export(account, request)


@app.command("erase")
@dataclass(frozen=True, kw_only=True)
class CustomersErase(StageOptions):
    """Erase a customer's name, addresses and gift messages from the stage."""

    customer: Annotated[
        str | None, typer.Argument(help="The customer's id in the token, or a partner's.")
    ] = None
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Erase every customer erased before, after a restore.")
    ] = False
    empty_archive: Annotated[
        bool, typer.Option("--empty-archive", help="Also empty the archive of events, for everybody.")
    ] = False
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Erase it."""
        request = ErasureRequest(
            customer=self.customer,
            recorded=self.recorded,
            empties_archive=self.empty_archive,
            confirmed=self.yes,
            now=datetime.now(UTC),
        )
        return erase(account, request, as_json=self.as_json)
