"""An application built from these components, and one stage of it. No CDK."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from msgspec import ValidationError, convert

from infrastructure.access.grants import PeopleGrants
from infrastructure.names import Names
from infrastructure.observability.overview import Overview
from infrastructure.packaging.bundles import Bundles
from infrastructure.services import Service, Topology
from infrastructure.settings import Settings
from infrastructure.tables import IS_SET, Condition


class InvalidStageError(ValueError):
    """A setting of a stage is unknown, missing or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Everything in which one application differs from another that has the same components."""

    name: str
    """The prefix of every physical name: `orderbus`."""
    domain: str
    """The prefix of the bus, its archive and the API: `order` for `order-bus`."""
    topology: Topology
    bundles: Bundles
    schemas: Path
    """The folder with `<owner>/<Fact>.v<N>.json`, the public contracts."""
    contracts: str = "functions.contracts.registry"
    """The module with the types of the facts."""
    runbook: str
    """The address that an alarm's description links to, without the anchor."""
    api_client: str = "client"
    """The name of the API's client in the user pool."""
    settings: type[Settings] = Settings
    """The settings of a stage; a subclass adds the application's own."""
    overview: Overview | None = None
    """The alarms and the dashboard across its services."""
    people: PeopleGrants = field(default_factory=PeopleGrants)
    """Grants to observers and operators of its own tables and sources."""

    def __post_init__(self) -> None:
        """Require a queue of each service whose delays fire the flow alarm."""
        named = self.overview.flow.services if self.overview else ()
        if unknown := set(named) - {service.name for service in self.topology.consumers}:
            raise ValueError(f"the flow alarm names services without a queue: {', '.join(sorted(unknown))}")

    @property
    def title(self) -> str:
        """The name in descriptions and in the namespace of metrics."""
        return self.name.title()

    def stage(self, name: str, stages: Mapping[str, Mapping[str, Any]]) -> "Stage":
        """The stage of that name; InvalidStageError names the setting that is unknown, missing or wrong."""
        if name not in stages:
            raise InvalidStageError(f"there is no stage {name!r} in cdk.json; add it, or use {_list(stages)}")
        try:
            settings = convert({**stages[name], "name": name}, self.settings)
            settings.check(self.topology)
        except (ValidationError, ValueError) as error:
            raise InvalidStageError(f"stage {name!r} in cdk.json: {error}") from error
        return Stage(application=self, settings=settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of an application."""

    application: Application
    settings: Settings

    @property
    def name(self) -> str:
        """`dev` or `prod`, for example."""
        return self.settings.name

    @property
    def topology(self) -> Topology:
        """The application's."""
        return self.application.topology

    @property
    def services(self) -> tuple[Service, ...]:
        """The services that it deploys, with the functions and the facts that it selects."""
        return tuple(
            self._selected(service)
            for service in self.topology.every_service
            if self.includes(service.only_when)
        )

    @property
    def bridges(self) -> tuple[Service, ...]:
        """The bridges that it deploys."""
        known = {service.name for service in self.topology.bridges}
        return tuple(service for service in self.services if service.name in known)

    @property
    def consumers(self) -> tuple[Service, ...]:
        """The services with a queue that it deploys."""
        return tuple(service for service in self.services if service.reacts_to)

    @property
    def own_ingress_sources(self) -> tuple[str, ...]:
        """The sources that its own functions have on the ingress bus."""
        functions = (function for service in self.services for function in service.functions)
        return tuple(function.ingress_source for function in functions if function.ingress_source)

    @property
    def names(self) -> Names:
        """The names of this stage's resources."""
        return Names(self.name, application=self.application.name, domain=self.application.domain)

    @property
    def tags(self) -> dict[str, str]:
        """CloudFormation puts these tags on every resource."""
        return {"application": self.application.name, "stage": self.name}

    def _selected(self, service: Service) -> Service:
        functions = tuple(each for each in service.functions if self.includes(each.only_when))
        return replace(service, functions=functions).receiving(self.settings.bridges.facts_of(service.name))

    def includes(self, only_when: Condition) -> bool:
        """Whether the stage's settings have these values."""
        found = {name: attrgetter(name)(self.settings) for name in only_when}
        return all(
            found[name] is not None if value == IS_SET else found[name] == value
            for name, value in only_when.items()
        )


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names))
