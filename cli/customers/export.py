"""`orderbus customers export`: everything that is stored about a person, as JSON."""

from dataclasses import dataclass
from datetime import datetime

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Action, AuditTrail
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.customers.records import records_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """A request to export the data of a customer."""

    customer: str
    confirmed: bool
    now: datetime
    action_id: str


def export(account: Account, request: ExportRequest) -> ExitCode:
    """Print all data of the customer, and record that; without confirmation only count it."""
    with aws_errors(hint=LOOK):
        records = records_of(account, request.customer)
        if request.confirmed:
            trail = AuditTrail.of(account, Action.EXPORT, action_id=request.action_id, at=request.now)
            trail.begin(request.customer, len(records.events))
    if request.confirmed:
        write_json(records.as_json())
        return ExitCode.OK
    terminal().print(f"{len(records.orders)} orders with {len(records.events)} events.")
    terminal().print("Nothing was exported. Add --yes to print it.")
    return ExitCode.OK
