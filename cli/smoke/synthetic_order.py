"""A synthetic order of a person, placed as the heartbeat places its own."""

from datetime import datetime
from hashlib import sha256
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
from functions.shared.contracts.log_sample import sample_position
from functions.shared.contracts.party import scoped

CUSTOMER = "smoke"
"""The customer of these orders, within the heartbeat's party."""
TRIED_KEYS = 2_000
"""So many that the order is logged at nearly any `success_log_rate` of 0.003 or more."""
NO_HEARTBEAT = "Set heartbeat_minutes in cdk.json and deploy the stage: docs/operate.md#heartbeat."


class SyntheticOrder(Struct, frozen=True, kw_only=True):
    """One order, and its unit of stock."""

    order_id: str
    party: str
    delivery: StockReplenished
    checkout: CheckoutCompleted

    @classmethod
    def of(cls, account: Account, *, seed: str) -> Self:
        """Return an order for the stage's account, with a key made from the seed."""
        number = str(account.client("sts").get_caller_identity()["Account"])
        key = _logged_key(number, seed)
        return cls(
            order_id=heartbeat.order_of(number, CUSTOMER, key),
            party=f"{number}:{heartbeat.SOURCE}",
            delivery=delivery(CUSTOMER, key),
            checkout=checkout(CUSTOMER, key),
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
        entry = entry_of(fact, bus=account.names.ingress_bus, order_id=self.order_id, time=now)
        with aws_errors(hint=LOOK):
            result = account.client("events").put_events(Entries=[entry])["Entries"][0]
        if "ErrorCode" in result:
            raise CommandError(
                f"The ingress bus rejected {type(fact).__name__}: {result['ErrorCode']}.",
                hint="Nothing was placed. Try again.",
                code=ExitCode.AWS_REFUSED,
            )


def _logged_key(account: str, seed: str) -> str:
    """Return the key, of `TRIED_KEYS`, whose order is the first that a stage would log.

    An operator knows the salt of the sample, which is the account's number.
    """
    keys = (sha256(f"{seed}|{number}".encode()).hexdigest()[:32] for number in range(TRIED_KEYS))
    return min(
        keys, key=lambda key: sample_position(heartbeat.order_of(account, CUSTOMER, key), salt=account)
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
