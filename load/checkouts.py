"""Put partners' checkouts on the ingress bus at a steady rate, and check the results."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from cli.core.account import LOOK, Account, aws_errors
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.core.terminal_text import terminal, write_json
from load.criteria import Goals, LoadResult, Measured, judged
from load.journeys import followed
from load.pacing import batches_due
from load.relay_lag import relay_lag_ms
from load.sample_checkout import SampleCheckout, sample_checkouts
from orderbus_client import Publisher

CRITERIA_MISSED = 1
"""The exit code when the stage is too slow or loses something."""
SKUS = ("CD-ABBEY-ROAD", "CD-BLUE-TRAIN", "CD-KIND-OF-BLUE")
"""In stock on the cloud of `orderbus up`."""


@dataclass(frozen=True, kw_only=True)
class CheckoutLoad(StageOptions):
    """Publish checkouts on the ingress bus, and follow their orders in the event log.

    It places real orders: on AWS they cost money, and send emails to SES's mailbox simulator.
    """

    rate: Annotated[float, typer.Option(min=0.1, max=1_000, help="Checkouts a second.")] = 5.0
    seconds: Annotated[float, typer.Option(min=1, max=3_600, help="How long to publish.")] = 10.0
    within_seconds: Annotated[
        float,
        typer.Option(min=1, max=900, help="The longest time from creation to shipment or cancellation."),
    ] = 60.0
    relay_lag_seconds: Annotated[
        float, typer.Option(min=0.001, help="The oldest record that the relay may have read.")
    ] = 10.0
    sku: Annotated[list[str] | None, typer.Option(help="An SKU in stock; repeat it.")] = None
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Run the test; exit with CRITERIA_MISSED if a criterion is missed."""
        number = round(self.rate * self.seconds)
        checkouts = sample_checkouts(number, run=uuid4().hex[:12], skus=tuple(self.sku or SKUS))
        if not self.yes:
            terminal().print(
                f"Would publish {number} checkouts on {account.names.ingress_bus}; add --yes to do it."
            )
            return ExitCode.OK
        with aws_errors(hint=LOOK):
            result = self._result(account, checkouts)
        self._print(result)
        if not result.is_passed:
            raise typer.Exit(CRITERIA_MISSED)
        return ExitCode.OK

    def _result(self, account: Account, checkouts: list[SampleCheckout]) -> LoadResult:
        started = datetime.now(UTC)
        with terminal(stderr=True).progress() as report:
            accepted, late_seconds = self._publish(account, checkouts)
            published = datetime.now(UTC)
            report(f"{len(accepted)} of {len(checkouts)} accepted. Following their orders …")
            journeys = followed(account, [each.order_id for each in accepted], self.within_seconds)
            report("Waiting for the relay's metric …")
            lag_ms = relay_lag_ms(account, since=started, published=published)
        measured = Measured(
            published=len(checkouts),
            accepted=len(accepted),
            late_seconds=late_seconds,
            journeys=journeys,
            relay_lag_ms=lag_ms,
        )
        goals = Goals(within_seconds=self.within_seconds, relay_lag_seconds=self.relay_lag_seconds)
        return judged(measured, goals)

    def _publish(
        self, account: Account, checkouts: list[SampleCheckout]
    ) -> tuple[list[SampleCheckout], float]:
        """Return the accepted checkouts, and how late the latest one was."""
        publisher = Publisher(account.names.ingress_bus, client=account.client("events"))
        accepted, late_seconds = [], 0.0
        start = time.monotonic()
        for batch in batches_due(checkouts, self.rate, clock=time.monotonic, sleep=time.sleep):
            report = publisher.publish([each.value.event() for each in batch])
            late_seconds = max(late_seconds, time.monotonic() - start - batch[0].due_seconds)
            taken = {each.event.subject for each in report.published}
            accepted += [each.value for each in batch if each.value.key in taken]
        return accepted, late_seconds

    def _print(self, result: LoadResult) -> None:
        if self.as_json:
            write_json(result.as_json(), indent=2)
            return
        console = terminal()
        rows = [
            (each.name, each.goal, each.measured, "passed" if each.is_passed else "missed")
            for each in result.criteria
        ]
        missed = {index: "red" for index, each in enumerate(result.criteria) if not each.is_passed}
        console.print_table(("criterion", "goal", "measured", ""), rows, styles=missed)
