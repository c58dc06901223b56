"""Every physical name: a stack finds the resources of another by name, without a reference."""

import re
from dataclasses import dataclass

LIVE = "live"
"""The alias that every function is invoked through; it names the version in service."""
EVENT_HUBS = "event-hubs"
"""The forward to Azure Event Hubs, in names."""


def kebab(words: str) -> str:
    """`OrderCreated` as `order-created`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", words).lower()


def table_variable(table: str) -> str:
    """The environment variable that holds a table's name: `STOCK_TABLE` for `stock`."""
    return f"{table.upper().replace('-', '_')}_TABLE"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one stage's resources; two stages never share one."""

    stage: str
    application: str = "orderbus"
    domain: str = "order"

    @property
    def prefix(self) -> str:
        """The beginning of every name."""
        return f"{self.application}-{self.stage}"

    def of(self, *parts: str) -> str:
        """The prefix and these parts, hyphenated."""
        return "-".join((self.prefix, *parts))

    @property
    def metrics(self) -> str:
        """The namespace of the metrics that the stage's functions count."""
        return f"{self.application.title()}/{self.stage}"

    @property
    def ingress_bus(self) -> str:
        """The bus of outside producers."""
        return self.of("ingress-bus")

    @property
    def event_bus(self) -> str:
        """The bus of facts; only the relay may put events on it."""
        return self.of(f"{self.domain}-bus")

    @property
    def event_archive(self) -> str:
        """The archive of the event bus."""
        return self.of(f"{self.domain}-archive")

    @property
    def schema_registry(self) -> str:
        """The registry of the public contracts."""
        return self.prefix

    @property
    def event_log(self) -> str:
        """The table that every decision is appended to."""
        return self.of("event-log")

    @property
    def claims(self) -> str:
        """The table of who claimed an aggregate."""
        return self.of("claims")

    @property
    def audit(self) -> str:
        """The table of operators' actions on dead-lettered messages."""
        return self.of("audit")

    @property
    def relay(self) -> str:
        """The function that publishes the rows of the event log."""
        return self.of("relay")

    @property
    def ordered_stream(self) -> str:
        """The Kinesis stream of every event, ordered by aggregate."""
        return self.of("events")

    @property
    def stream(self) -> str:
        """The function that puts the rows of the event log on the ordered stream."""
        return self.of("stream")

    @property
    def alarm_topic(self) -> str:
        """The topic that every alarm notifies."""
        return self.of("alarms")

    @property
    def permissions_boundary(self) -> str:
        """The limit of every role; not below the prefix, within which the deployer changes policies."""
        return f"boundary-{self.prefix}"

    def deployer_policy(self, number: int) -> str:
        """One of the policies of the role that deploys; not below the prefix either."""
        return f"deployer-{self.prefix}-{number}"

    @property
    def observer_policies(self) -> tuple[str, str]:
        """The policies of a person who reads: everything else, and dead-lettered messages."""
        return self.of("observer"), self.of("observer", "dead-letters")

    @property
    def operator_policies(self) -> tuple[str, str]:
        """The policies of a person who also changes: everything else, and dead-lettered messages."""
        return self.of("operator"), self.of("operator", "dead-letters")

    def table(self, service: str, table: str) -> str:
        """A service's table; each idempotency table also carries its service's name."""
        return self.of(service, table) if table == "idempotency" else self.of(table)

    def topic(self, fact: str) -> str:
        """The topic of a fact, and the rule that feeds it."""
        return self.of(kebab(fact))

    def ingress_rule(self, service: str, fact: str) -> str:
        """The rule that delivers an outside fact to one consumer."""
        return self.of(service, kebab(fact))

    def replay_rule(self, service: str) -> str:
        """The rule that delivers replayed events to one consumer."""
        return self.of(service, "replay")

    def replays(self, service: str) -> str:
        """The prefix of the names of replays to one consumer; an account's replays share one namespace."""
        return f"{self.of(service)}-"

    def forward_rule(self, key: str) -> str:
        """The rule that sends facts to the bus of that key, or to an API destination."""
        return self.of("forward", key)

    def redrive_bus(self, component: str) -> str:
        """The bus that redrives events of a rule whose target takes them only from rules."""
        return self.of(component, "redrive")

    def queue(self, service: str) -> str:
        """A consumer's queue."""
        return self.of(service)

    def dead_letter_queue(self, source: str) -> str:
        """The dead-letter queue of a consumer, a bus or a stream's function."""
        return self.of(source, "dlq")

    def function(self, service: str, module: str = "handler") -> str:
        """The function of a service's module; the handler's carries the service's name alone."""
        return self.of(service) if module == "handler" else self.of(service, module)

    @property
    def backups(self) -> str:
        """The vault, the plan and the selection of the tables' backups."""
        return self.of("tables")

    @property
    def data_trail(self) -> str:
        """The trail of data events."""
        return self.of("data-events")

    @property
    def key_stack(self) -> str:
        """The stack of the stage's key."""
        return self.stack("key")

    def stack(self, part: str) -> str:
        """A CloudFormation stack."""
        return self.of(part)
