# Copied from functions/shared/contracts/domain_contracts.py by `python -m client_package`: change the original.
"""The parts of a domain that the shared library uses."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

from msgspec import Struct

from orderbus_client.contracts.shared.fact import Fact

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


@cache
def domain_contracts() -> DomainContracts:
    """Return the contracts of Orderbus, the only domain of this package."""
    contracts: DomainContracts = import_module("orderbus_client.contracts.registry").CONTRACTS
    return contracts
