"""Topology, contracts, handlers and schemas agree."""

import importlib
from datetime import date
from pathlib import Path

import pytest

from functions.contracts.registry import FACTS as CONTRACTS
from infrastructure import topology
from infrastructure.services import FactDeclaration, Service
from infrastructure.stream_consumers import STREAM_CONSUMERS
from infrastructure.topology import FACTS, OUTSIDERS, SERVICES
from infrastructure.triggers import TableStream

ROOT = Path(__file__).parents[2]


def test_topology_and_contracts_have_the_same_facts() -> None:
    mapped = {(fact.name, fact.owner, fact.version) for fact in FACTS}
    typed = {(name, contract.owner, contract.version) for name, contract in CONTRACTS.items()}
    assert mapped == typed


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_older_version_has_a_last_day(fact: FactDeclaration) -> None:
    assert fact.older_until.keys() == CONTRACTS[fact.name].older.keys()
    assert all(date.fromisoformat(last_day) for last_day in fact.older_until.values())


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_fact_has_a_consumer_or_a_reason(fact: FactDeclaration) -> None:
    is_consumed = bool(topology.consumers_of(fact.name))
    assert is_consumed != bool(fact.no_consumer_because)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_fact_is_owned_by_a_service_or_an_outsider(fact: FactDeclaration) -> None:
    assert fact.owner in {*OUTSIDERS, *(service.name for service in SERVICES)}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_consumer_reacts_to_exactly_its_facts(service: Service) -> None:
    handler = importlib.import_module(f"functions.{service.name}.handler")
    assert {fact.__name__ for fact in handler.REACTIONS} == set(service.reacts_to)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_reaction_is_named_after_its_fact(service: Service) -> None:
    handler = importlib.import_module(f"functions.{service.name}.handler")
    if set(handler.REACTIONS.values()) == {getattr(handler, "on_every_fact", None)}:
        return
    for fact, reaction in handler.REACTIONS.items():
        snake = "".join(f"_{each.lower()}" if each.isupper() else each for each in fact.__name__)
        assert reaction.__name__ == f"on{snake}"


@pytest.mark.parametrize(
    "service",
    [each for each in (*SERVICES, *STREAM_CONSUMERS) if each.routes or each.operator_routes],
    ids=lambda service: service.name,
)
def test_api_has_exactly_the_routes_of_the_topology(service: Service) -> None:
    api = importlib.import_module(f"functions.{service.name}.api")
    assert set(api.ROUTES) == {*service.routes, *service.operator_routes}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_function_has_a_handler(service: Service) -> None:
    for function in service.functions:
        assert callable(importlib.import_module(f"functions.{service.name}.{function.module}").handle)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_stream_of_a_table_is_read(service: Service) -> None:
    streams = {table.name for table in service.tables if table.streams}
    read = {each.trigger.table for each in service.functions if isinstance(each.trigger, TableStream)}
    assert read == streams


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_functions_use_only_tables_of_their_service(service: Service) -> None:
    known = {table.name for table in service.tables}
    known |= {f"{table.name}/index/{index.name}" for table in service.tables for index in table.indexes}
    assert {used for function in service.functions for used in function.uses} <= known


def test_folder_of_functions_is_a_known_service() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/__init__.py")}
    services = {service.name for service in topology.TOPOLOGY.every_service}
    assert folders == {*services, "relay", "stream", "shared", "contracts", "bridges"}


def test_deployment_sets_every_environment_variable_read() -> None:
    common = {"EVENT_LOG_TABLE", "DEAD_LETTER_QUEUE_URL", "MAX_RECEIVE_COUNT"}
    common |= {
        "SUCCESS_LOG_SALT",
        "INGRESS_BUS",
        "INGRESS_SOURCES",
    }  # of each function that puts events on the ingress bus
    for service in topology.TOPOLOGY.services + topology.TOPOLOGY.bridges:
        set_here = {f"{table.name.upper()}_TABLE" for table in service.tables} | common
        set_here |= {*service.settings, *(name for each in service.functions for name in each.settings)}
        set_here |= {each.variable for each in (service.secret, service.email_sender) if each}
        folders = [ROOT / "functions" / folder for folder in (*service.folders, service.name)]
        source = "".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
        read = {part.split('"')[0] for part in source.split('required("')[1:]}
        assert read <= set_here, service.name
