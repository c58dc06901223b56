"""`orderbus smoke`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import Annotated
from uuid import uuid4

import typer

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions
from cli.smoke.render import show_smoke
from cli.smoke.steps import StepWait
from cli.smoke.synthetic_order import SyntheticOrder, require_heartbeat

app = typer.Typer(add_completion=False)


@app.command()
@dataclass(frozen=True, kw_only=True)
class SmokeCommand(StageOptions):
    """Place one synthetic order in a stage with a heartbeat, and follow it to the end."""

    timeout: Annotated[
        int, typer.Option(min=10, max=3600, help="Seconds to wait for each step, and for the logs.")
    ] = 120

    def run_on(self, account: Account) -> ExitCode:
        """Place the order and print each step with its time."""
        require_heartbeat(account)
        order = SyntheticOrder.of(account, seed=uuid4().hex)
        wait = StepWait(timeout_seconds=self.timeout, clock=lambda: datetime.now(UTC), sleep=sleep)
        return show_smoke(account, order, wait, as_json=self.as_json)
