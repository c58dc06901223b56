"""A synthetic order of a person, placed as the heartbeat places its own."""

from datetime import datetime
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.stock.deliveries import added_stock
from functions.contracts import heartbeat
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.warehouse import StockReplenished
from functions.heartbeat.entry import entry_of
from functions.heartbeat.schedule import checkout, delivery
from functions.shared.contracts.party import scoped

CUSTOMER = "smoke"
"""The customer of these orders, within the heartbeat's party."""
NO_HEARTBEAT = "Set heartbeat_minutes in cdk.json and deploy the stage: docs/operate.md#heartbeat."


class SyntheticOrder(Struct, frozen=True, kw_only=True):
    """One order, its unit of stock, and a trace whose successes every function logs."""

    order_id: str
    party: str
    delivery: StockReplenished
    checkout: CheckoutCompleted
    traceparent: str

    @classmethod
    def of(cls, account: Account, *, key: str) -> Self:
        """Return the order of that key, 32 hexadecimal digits, in the stage's account."""
        number = str(account.client("sts").get_caller_identity()["Account"])
        return cls(
            order_id=heartbeat.order_of(number, CUSTOMER, key),
            party=f"{number}:{heartbeat.SOURCE}",
            delivery=delivery(CUSTOMER, key),
            checkout=checkout(CUSTOMER, key),
            # A function logs a trace's successes if its last 64 bits are a small enough number.
            traceparent=f"00-{key[:16]}{0:016x}-{key[16:]}-01",
        )

    def deliver(self, account: Account, now: datetime) -> None:
        """Put the delivery of its unit on the ingress bus."""
        self._put(account, self.delivery, now)

    def check_out(self, account: Account, now: datetime) -> None:
        """Put the checkout on the ingress bus."""
        self._put(account, self.checkout, now)

    def has_stock(self, account: Account) -> bool:
        """Whether inventory has added the unit."""
        name = scoped(self.party, self.delivery.replenishment_id)
        delivery = replace(self.delivery, replenishment_id=name)
        return bool(added_stock(account.client("dynamodb"), account.names, [delivery]))

    def _put(self, account: Account, fact: CheckoutCompleted | StockReplenished, now: datetime) -> None:
        entry = entry_of(
            fact,
            bus=account.names.ingress_bus,
            order_id=self.order_id,
            time=now,
            traceparent=self.traceparent,
        )
        with aws_errors(hint=LOOK):
            result = account.client("events").put_events(Entries=[entry])["Entries"][0]
        if "ErrorCode" in result:
            raise CommandError(
                f"The ingress bus rejected {type(fact).__name__}: {result['ErrorCode']}.",
                hint="Nothing was placed. Try again.",
                code=ExitCode.AWS_REFUSED,
            )


def require_heartbeat(account: Account) -> None:
    """Raise CommandError if the stage takes no synthetic orders; each stage that does has the alarm."""
    alarm = account.names.of(heartbeat.SOURCE, "missing")
    if not account.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]:
        raise CommandError(
            f"The stage {account.stage} has no heartbeat, so it takes no synthetic order.",
            hint=NO_HEARTBEAT,
            code=ExitCode.USAGE,
        )
