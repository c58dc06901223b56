"""Every physical name in one place, so that a stack can find another's resources without a reference."""

import re
from dataclasses import dataclass

LIVE = "live"
"""The alias every function is invoked through; it names the version that serves."""


def kebab(words: str) -> str:
    """`OrderCreated` as `order-created`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", words).lower()


def table_variable(table: str) -> str:
    """The environment variable that holds a table's name: `stock` is in `STOCK_TABLE`."""
    return f"{table.upper().replace('-', '_')}_TABLE"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one stage's resources; two stages never share one."""

    stage: str

    @property
    def prefix(self) -> str:
        """What every name begins with."""
        return f"orderbus-{self.stage}"

    def of(self, *parts: str) -> str:
        """The name that these parts make, hyphenated."""
        return "-".join((self.prefix, *parts))

    @property
    def metrics(self) -> str:
        """The namespace of what the stage's functions count themselves."""
        return f"Orderbus/{self.stage}"

    @property
    def ingress_bus(self) -> str:
        """The bus outside producers may use."""
        return self.of("ingress-bus")

    @property
    def order_bus(self) -> str:
        """The bus only the relay may use."""
        return self.of("order-bus")

    @property
    def order_archive(self) -> str:
        """The archive of the order bus."""
        return self.of("order-archive")

    @property
    def schema_registry(self) -> str:
        """The registry that holds the public contract."""
        return self.prefix

    @property
    def event_log(self) -> str:
        """The table every decision is appended to."""
        return self.of("event-log")

    @property
    def audit(self) -> str:
        """The table of what operators did to dead letters."""
        return self.of("audit")

    @property
    def relay(self) -> str:
        """The function that publishes what the event log holds."""
        return self.of("relay")

    @property
    def alarm_topic(self) -> str:
        """The topic every alarm goes to."""
        return self.of("alarms")

    @property
    def not_flowing(self) -> str:
        """The alarm that says that orders are not flowing, whatever keeps them."""
        return self.of("orders-are-not-flowing")

    @property
    def overdue(self) -> str:
        """The alarm on orders that nobody ends."""
        return self.of("orders-overdue")

    @property
    def order_volume(self) -> str:
        """The alarm on more orders than usual, or fewer."""
        return self.of("order-volume")

    @property
    def payment_secret(self) -> str:
        """The secret that holds what the payment provider knows us by."""
        return self.of("payment-gateway")

    @property
    def observer_policies(self) -> tuple[str, str]:
        """What a person needs to look at everything, and at dead letters; IAM's names know no region."""
        return self.of("observer"), self.of("observer", "dead-letters")

    @property
    def operator_policies(self) -> tuple[str, str]:
        """What a person needs besides to put things right, and dead letters."""
        return self.of("operator"), self.of("operator", "dead-letters")

    def table(self, service: str, table: str) -> str:
        """A service's table; the idempotency tables carry their service's name, as each has its own."""
        return self.of(service, table) if table == "idempotency" else self.of(table)

    def topic(self, fact: str) -> str:
        """The topic that fans a fact out, and the rule that leads to it."""
        return self.of(kebab(fact))

    def ingress_rule(self, service: str, fact: str) -> str:
        """The rule that leads an outside fact to one consumer; on the ingress bus each has its own."""
        return self.of(service, kebab(fact))

    def replay_rule(self, service: str) -> str:
        """The rule that leads replayed events to one consumer."""
        return self.of(service, "replay")

    def replays(self, service: str) -> str:
        """How the names of replays to one consumer begin; they are an account's, and not a bus's."""
        return f"{self.of(service)}-"

    def forward_rule(self, key: str) -> str:
        """The rule that forwards facts to the bus that the key stands for."""
        return self.of("forward", key)

    def queue(self, service: str) -> str:
        """A consumer's queue."""
        return self.of(service)

    def dead_letter_queue(self, source: str) -> str:
        """Where what `source` could not deliver or handle is kept."""
        return self.of(source, "dlq")

    def consumer_function(self, service: str) -> str:
        """The function behind a consumer's queue."""
        return self.of(service)

    def api_function(self, service: str) -> str:
        """The function behind a service's HTTP routes."""
        return self.of(service, "api")

    def deadlines_function(self, service: str) -> str:
        """The function that ends what has been open for too long, and the rule that starts it."""
        return self.of(service, "deadlines")

    def reconciliation_function(self, service: str) -> str:
        """The function that finds out what is unknown, and the rule that starts it."""
        return self.of(service, "reconciliation")

    def levels_function(self, service: str) -> str:
        """The function that hears how much there is of something."""
        return self.of(service, "levels")

    def webhooks_function(self, service: str) -> str:
        """The function that the service's provider tells what happened."""
        return self.of(service, "webhooks")

    def stack(self, part: str) -> str:
        """A CloudFormation stack."""
        return self.of(part)
