"""The setting `bridges`: the other brokers of a stage, a row for each. No CDK."""

from typing import Annotated

from msgspec import Meta, Struct

from infrastructure.services import Topology

STEPS = frozenset(
    {"OrderCreated", "InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled"}
)
"""The facts of every shipped order, and so of a synthetic one."""
LOCAL = r"http://127\.0\.0\.1:[0-9]{1,5}"
"""Without TLS only on this machine."""
HubUrl = Annotated[
    str,
    Meta(
        pattern=rf"^(https://[a-z][a-z0-9-]{{4,48}}[a-z0-9]\.servicebus\.windows\.net|{LOCAL})"
        r"/[A-Za-z0-9][A-Za-z0-9._-]{0,255}$"
    ),
]
"""A namespace of Event Hubs, and an event hub in it."""
EntraTokenUrl = Annotated[
    str,
    Meta(
        pattern=r"^(https://login\.microsoftonline\.com/[A-Za-z0-9.-]+/oauth2/v2\.0/token"
        rf"|{LOCAL}/[A-Za-z0-9/.-]+)$"
    ),
]
"""The token endpoint of a tenant of Microsoft Entra ID."""

SubnetId = Annotated[str, Meta(pattern="^subnet-[0-9a-f]{8,17}$")]
SecurityGroupId = Annotated[str, Meta(pattern="^sg-[0-9a-f]{8,17}$")]


class Network(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The place in a VPC of functions that reach a broker (docs/neighbours/README.md#a-private-broker)."""

    subnets: Annotated[tuple[SubnetId, ...], Meta(min_length=1)]
    """One for each Availability Zone; they lead to SQS, EventBridge and Secrets Manager too."""
    security_groups: Annotated[tuple[SecurityGroupId, ...], Meta(min_length=1, max_length=5)]


class Bridge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that the bridge to every broker has."""

    facts: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    """The facts that it sends; null: all that its row in the topology names."""

    @property
    def sends(self) -> bool:
        """Whether facts go out; a subclass may say no."""
        return True

    @property
    def takes_in(self) -> bool:
        """Whether outside producers' events come in; a subclass may say so."""
        return False

    @property
    def carries_orders(self) -> bool:
        """Whether it sends a fact that every shipped order has, so that it is never silent for long."""
        return self.facts is None or bool(STEPS & set(self.facts))

    @property
    def needs_stream(self) -> bool:
        """Whether it sends from the ordered stream; a subclass may say so."""
        return False

    @property
    def needs_service(self) -> bool:
        """Whether it has a service with functions; a subclass may say that a rule suffices."""
        return True

    def check(self, name: str, topology: Topology) -> None:
        """Raise ValueError for facts that no service publishes, and for a row of no use."""
        if not self.sends and self.facts:
            raise ValueError(f"bridges.{name} sends nothing: remove facts, or name where they go")
        if not (self.sends or self.takes_in):
            raise ValueError(f"bridges.{name} neither sends nor takes in anything; remove the row")
        sent = {fact.name for fact in topology.own_facts}
        if unknown := sorted({*(self.facts or ())} - sent):
            raise ValueError(f"bridges.{name}.facts: no service publishes {', '.join(unknown)}; remove them")


class EventHubs(Bridge, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event hub of Azure, to which a rule sends facts (docs/neighbours/event-hubs.md)."""

    facts: Annotated[tuple[str, ...], Meta(min_length=1)]
    hub_url: HubUrl
    token_url: EntraTokenUrl
    client_id: Annotated[str, Meta(pattern="^[0-9a-f-]{36}$")]
    """The application's id; its secret is in Secrets Manager before the stack is deployed."""
    events_per_second: Annotated[int, Meta(ge=1, le=300)]
    """More wait in EventBridge. A throughput unit of Event Hubs takes 1,000 a second."""

    @property
    def needs_service(self) -> bool:
        """No: a rule sends them."""
        return False


class Bridges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The other brokers of a stage; null: none of that kind."""

    event_hubs: EventHubs | None = None

    @property
    def rows(self) -> dict[str, Bridge]:
        """The rows that the stage has, by the name of the broker."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: row for name, row in found.items() if row is not None}

    def facts_of(self, service: str) -> tuple[str, ...] | None:
        """The facts that the stage selects for the bridge of that name; None: as its row says."""
        row = self.rows.get(service.replace("-", "_"))
        return row.facts if row else None

    def check(self, topology: Topology, *, has_stream: bool) -> None:
        """Raise ValueError for a broker to which the application has no bridge, or a row that is wrong."""
        known = {service.name.replace("-", "_") for service in topology.bridges}
        needed = {name for name, row in self.rows.items() if row.needs_service}
        if unknown := sorted(needed - known):
            raise ValueError(f"bridges: this application has no bridge to {', '.join(unknown)}; remove it")
        for name, row in self.rows.items():
            row.check(name, topology)
            if row.needs_stream and not has_stream:
                raise ValueError(f"bridges.{name} sends from the ordered stream: set ordered_stream too")
