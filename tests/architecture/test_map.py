"""The map, the contracts, the handlers and the schemas tell one story."""

import importlib
from pathlib import Path

import pytest

from functions.contracts.registry import FACTS as CONTRACTS
from infrastructure import topology
from infrastructure.services import Fact, Service
from infrastructure.topology import FACTS, OUTSIDERS, SERVICES
from infrastructure.triggers import TableStream

ROOT = Path(__file__).parents[2]


def test_the_map_and_the_contracts_know_the_same_facts() -> None:
    mapped = {(fact.name, fact.owner, fact.version) for fact in FACTS}
    typed = {(name, contract.owner, contract.version) for name, contract in CONTRACTS.items()}
    assert mapped == typed


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_fact_has_a_consumer_or_a_reason_to_have_none(fact: Fact) -> None:
    heard = bool(topology.consumers_of(fact.name))
    assert heard != bool(fact.no_consumer_because)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_fact_is_owned_by_a_service_or_comes_from_outside(fact: Fact) -> None:
    assert fact.owner in {*OUTSIDERS, *(service.name for service in SERVICES)}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_consumer_reacts_to_just_the_facts_the_map_sends_it(service: Service) -> None:
    handler = importlib.import_module(f"functions.{service.name}.handler")
    assert {fact.__name__ for fact in handler.REACTIONS} == set(service.reacts_to)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_reaction_is_named_after_its_fact(service: Service) -> None:
    handler = importlib.import_module(f"functions.{service.name}.handler")
    for fact, reaction in handler.REACTIONS.items():
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in fact.__name__)
        assert reaction.__name__ == f"on{snake}"


@pytest.mark.parametrize("service", [each for each in SERVICES if each.routes], ids=lambda s: s.name)
def test_every_api_answers_just_the_routes_of_the_map(service: Service) -> None:
    api = importlib.import_module(f"functions.{service.name}.api")
    assert set(api.ROUTES) == set(service.routes)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_function_of_the_map_has_a_handler(service: Service) -> None:
    for function in service.functions:
        assert callable(importlib.import_module(f"functions.{service.name}.{function.module}").handle)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_function_reads_the_stream_of_a_table_that_has_one(service: Service) -> None:
    streams = {table.name for table in service.tables if table.streams}
    read = {each.trigger.table for each in service.functions if isinstance(each.trigger, TableStream)}
    assert read == streams


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_an_index_holds_attributes_of_a_table_that_the_service_has(service: Service) -> None:
    known = {table.name for table in service.tables}
    known |= {f"{table.name}/index/{index.name}" for table in service.tables for index in table.indexes}
    assert {used for function in service.functions for used in function.uses} <= known


def test_every_folder_of_functions_is_a_service_of_the_map_or_the_relay() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/__init__.py")}
    assert folders == {*(service.name for service in SERVICES), "relay", "shared", "contracts"}


def test_every_environment_variable_a_service_reads_is_one_its_deployment_sets() -> None:
    common = {"EVENT_LOG_TABLE", "DEAD_LETTER_QUEUE_URL", "MAX_RECEIVE_COUNT"}
    for service in SERVICES:
        given = {f"{table.name.upper()}_TABLE" for table in service.tables} | common
        given |= {*service.settings, *(name for each in service.functions for name in each.settings)}
        given |= {each.variable for each in (service.secret, service.email_sender) if each}
        source = "".join(path.read_text() for path in (ROOT / "functions" / service.name).glob("*.py"))
        read = {part.split('"')[0] for part in source.split('required("')[1:]}
        assert read <= given, service.name
