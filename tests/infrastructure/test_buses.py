"""The policies of the buses, the archive and the schema registry."""

import json
import re

from contract_files.versions import released
from infrastructure.components.schema_registry import schema_name
from infrastructure.orderbus import ORDERBUS
from tests.infrastructure.graph import Graph, arn


def policy_of(graph: Graph, bus: str) -> dict[str, object]:
    (policy,) = [
        each for each in graph.of("Events::EventBusPolicy") if each.properties["EventBusName"] == bus
    ]
    statement: dict[str, object] = policy.properties["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Action"] == "events:PutEvents"
    assert statement["Resource"] == arn("events", f"event-bus/{bus}")
    return statement


def test_event_bus_accepts_only_the_relay(dev: Graph) -> None:
    relay = dev.named("Lambda::Function", "orderbus-dev-relay").properties["Role"]
    condition = policy_of(dev, "orderbus-dev-order-bus")["Condition"]
    assert condition == {
        "StringNotEquals": {"aws:PrincipalArn": relay},
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    }


def test_ingress_bus_rejects_a_request_with_one_unknown_source(dev: Graph) -> None:
    condition = policy_of(dev, "orderbus-dev-ingress-bus")["Condition"]
    assert condition == {"ForAnyValue:StringNotEquals": {"events:source": ["storefront", "warehouse"]}}


def test_all_facts_are_archived(dev: Graph) -> None:
    (archive,) = dev.of("Events::Archive")
    assert archive.properties["ArchiveName"] == "orderbus-dev-order-archive"
    assert archive.properties["SourceArn"] == arn("events", "event-bus/orderbus-dev-order-bus")
    assert "EventPattern" not in archive.properties


def test_the_registry_holds_every_schema_file_and_no_example(dev: Graph) -> None:
    files = {
        schema_name(path): json.loads(path.read_text())
        for path in ORDERBUS.schemas.glob("*/*.v*.json")
        if ".example." not in path.name
    }
    registered = {
        schema.properties["SchemaName"]: json.loads(schema.properties["Content"])
        for schema in dev.of("EventSchemas::Schema")
    }
    assert registered == files
    for schema in dev.of("EventSchemas::Schema"):
        assert schema.properties["RegistryName"] == "orderbus-dev"
        assert schema.properties["Type"] == "JSONSchemaDraft4"


def test_registry_names_suit_code_bindings_and_are_unique(dev: Graph) -> None:
    names = [schema.properties["SchemaName"] for schema in dev.of("EventSchemas::Schema")]
    assert len(names) == len(set(names)) == len(list(released()))
    assert all(re.fullmatch(r"[a-z]+@[A-Z][A-Za-z]+(V[0-9]+)?", name) for name in names)
    assert {"orders@OrderCreated", "orders@OrderCreatedV2"} <= set(names)


def test_registered_content_is_what_the_class_says(dev: Graph) -> None:
    contents = [json.loads(schema.properties["Content"]) for schema in dev.of("EventSchemas::Schema")]
    assert {each["id"]: each for each in contents} == {each.urn: each.schema() for each in released()}
