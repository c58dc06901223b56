"""The setting `bridges`: the other brokers of a stage, a row for each. No CDK."""

from typing import Annotated

from msgspec import Meta, Struct

from infrastructure.services import Topology


class Bridge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that the bridge to every broker has."""

    facts: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    """The facts that it sends; null: all that its row in the topology names."""

    @property
    def needs_stream(self) -> bool:
        """Whether it sends from the ordered stream; a subclass may say so."""
        return False

    def check(self, name: str, topology: Topology) -> None:
        """Raise ValueError for facts that no service publishes."""
        sent = {fact.name for fact in topology.own_facts}
        if unknown := sorted({*(self.facts or ())} - sent):
            raise ValueError(f"bridges.{name}.facts: no service publishes {', '.join(unknown)}; remove them")


class Bridges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The other brokers of a stage; null: none of that kind."""

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
        if unknown := sorted(self.rows.keys() - known):
            raise ValueError(f"bridges: this application has no bridge to {', '.join(unknown)}; remove it")
        for name, row in self.rows.items():
            row.check(name, topology)
            if row.needs_stream and not has_stream:
                raise ValueError(f"bridges.{name} sends from the ordered stream: set ordered_stream too")
