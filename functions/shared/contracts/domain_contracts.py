"""The parts of a domain that the shared library uses."""

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any
from uuid import UUID

from msgspec import Struct

from functions.shared.contracts.fact import Fact

VARIABLE = "CONTRACTS"
"""The environment variable that names the module with the domain's `CONTRACTS`."""


class NoContractsError(RuntimeError):
    """No module with the domain's contracts is named."""


class DomainContracts(Struct, frozen=True, kw_only=True):
    """The facts of one domain, and the names it uses."""

    name: str
    """The namespace of the metrics, unless the deployment names another."""
    urn: str
    """The start of every schema's name, such as `urn:orderbus`."""
    id_namespace: UUID
    """The namespace of every derived id; another one would make every decision new."""
    facts: Mapping[str, type[Fact]]
    """Every fact by its name."""
    log_field: str
    """The log field for the subject of an event, such as `order_id`."""
    log_type: Any
    """The type of the subjects that may be logged; all other subjects stay out of logs."""


def facts_in(module: ModuleType) -> dict[str, type[Fact]]:
    """Return the facts that the module defines, by name and in its order; a base has no owner."""
    classes = [each for each in vars(module).values() if isinstance(each, type)]
    return {each.__name__: each for each in classes if issubclass(each, Fact) and hasattr(each, "owner")}


@cache
def domain_contracts() -> DomainContracts:
    """Return the contracts in the module that the environment variable `CONTRACTS` names."""
    module = os.environ.get(VARIABLE)
    if module is None:
        raise NoContractsError(f"Set {VARIABLE} to the module with the contracts of the domain.")
    contracts: DomainContracts = import_module(module).CONTRACTS
    return contracts
