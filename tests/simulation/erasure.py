"""Erase a customer in the middle of a run; afterwards nothing names the person.

`python -m tests.simulation.erasure --seeds 100` runs more seeds. A separate random generator decides when to
erase. The archive keeps the events and is replayed at the end; tests/workflow/test_customers.py empties it.
"""

import json
import random
from collections.abc import Sequence

import typer

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.simulation.customers import Customer
from tests.simulation.fault_profile import NO_FAULTS, FaultProfile
from tests.simulation.ledger import BrokenError
from tests.simulation.run import Run
from tests.workflow.command_line import orderbus
from tests.workflow.kept_data import kept
from tests.workflow.shop import ADDRESS

PERSON = ("erase-me@example.com", "Erica Forgotten", "7 Lethe Lane", "for Erica alone")
PARCEL = {**ADDRESS, "name": PERSON[1], "street": PERSON[2]}
HOW_OFTEN = 0.1
"""Share of steps at which an operator tries to erase the customer, who may have open orders."""


class ErasureRun(Run):
    """One seed with an erasure as soon as it is possible, in the middle of chaos or after it."""

    def __init__(self, cloud: OfflineCloud, seed: int, script: Sequence[int] | None = None) -> None:
        super().__init__(cloud, seed, script, thorough=True)
        self._chance = random.Random(f"erasure {seed}")
        self._is_erased = False
        self.is_midway = False
        """Whether the customer was erased while there were still faults."""

    def _inject_faults(self, profile: FaultProfile) -> None:
        customer = self.customers.all[0]
        customer.order |= {"email": PERSON[0], "ship_to": PARCEL, "gift_message": PERSON[3]}
        self.ledger.model.gifts = self.customers.gifts()
        super()._inject_faults(profile)

    def _take_step(self, profile: FaultProfile) -> None:
        super()._take_step(profile)
        if self._chance.random() < HOW_OFTEN:
            self._try_to_erase()

    def _visit(self, customer: Customer) -> None:
        """Send no request of an erased customer: the key would be rejected, as the address differs (0078)."""
        if not (self._is_erased and customer is self.customers.all[0]):
            super()._visit(customer)

    def _end_faults(self) -> None:
        self.is_midway = self._is_erased
        super()._end_faults()

    def _wait_for_ends(self) -> None:
        super()._wait_for_ends()
        self._try_to_erase()

    def _replayed(self) -> None:
        """Replay the archive, which still names the person; then check that nothing else does."""
        super()._replayed()
        everything = kept(self.cloud, archive=False)
        if not self._is_erased:
            raise BrokenError("I13 the customer could not be erased")
        if found := [text for text in PERSON if text in everything]:
            raise BrokenError(f"I13 an erased person is still named: {found}")

    def _try_to_erase(self) -> None:
        self._is_erased = self._is_erased or self._erase()

    def _erase(self) -> bool:
        """Erase the customer; return False while an order is open or a dead-lettered message names it."""
        order = self.customers.all[0].order_id
        events = self.ledger.events.values()
        created = next((e for e in events if (e["type"], e["subject"]) == ("OrderCreated", order)), None)
        if order is None or created is None:
            return False
        data = created["data"]  # of either version
        customer = data.get("customer_id") or data["customer"]["id"]
        profile, self.calls.profile = self.calls.profile, NO_FAULTS
        self.ledger.erased.add(order)
        code, out, err = orderbus("customers", "erase", customer, "--yes", "--json")
        self.calls.profile = profile
        if code == ExitCode.OK and all(each["done"] for each in json.loads(out)):
            return True
        self.ledger.erased.discard(order)
        if code not in {ExitCode.INCOMPLETE, ExitCode.UNKNOWN_ORDER}:  # not yet in the read model
            raise BrokenError(f"erasure ended with {code}: {out}{err}")
        return False


def main(*, seeds: int = 20, first: int = 0) -> None:
    """Run the seeds; print the violation of each."""
    broken = 0
    with OfflineCloud.start() as cloud:
        for seed in range(first, first + seeds):
            run = ErasureRun(cloud, seed)
            violation = run.outcome().violation
            broken += violation is not None
            when = "midway" if run.is_midway else "at the end"
            typer.echo(f"seed {seed}, erased {when}: {violation or 'all invariants hold'}")
    raise typer.Exit(code=broken > 0)


if __name__ == "__main__":
    typer.run(main)
