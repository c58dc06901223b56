"""Invoke a function through an alias: the alias's version runs, under the function's name."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, zip_files

from pocketcloud import Kind

PRINTING = """
import os
def handle(event, context):
    print("{text}", context.function_version, os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
          context.log_stream_name.split("[")[1].split("]")[0])
    return context.invoked_function_arn
"""
ALIAS = arn("lambda", "function:printer:live")


def publish(world: World, text: str) -> str:
    """Publish a version of the function that prints the text."""
    client = world.cloud.client("lambda")
    code = zip_files({"handler.py": PRINTING.format(text=text)})
    client.update_function_code(FunctionName="printer", ZipFile=code)
    return str(client.publish_version(FunctionName="printer")["Version"])


@pytest.fixture
def printer(world: World) -> World:
    """A function with two versions, and the alias `live` for the first."""
    world.function("printer", PRINTING.format(text="one"))
    client = world.cloud.client("lambda")
    client.publish_version(FunctionName="printer")
    client.create_alias(FunctionName="printer", Name="live", FunctionVersion="1")
    publish(world, "two")
    return world


def printed(world: World) -> list[str]:
    return world.cloud.logs("printer")


def test_alias_runs_its_version(printer: World) -> None:
    assert printer.cloud.invoke("printer:live", {}).payload == ALIAS
    assert printed(printer) == ["one 1 1 1"]


def test_latest_code_runs_without_an_alias(printer: World) -> None:
    assert printer.cloud.invoke("printer", {}).payload == ALIAS.removesuffix(":live")
    assert printed(printer) == ["two $LATEST $LATEST $LATEST"]


def test_client_invokes_a_version_or_alias_by_qualifier(printer: World) -> None:
    client = printer.cloud.client("lambda")
    for qualifier in ("live", "2"):
        client.invoke(FunctionName="printer", Qualifier=qualifier, Payload=json.dumps({}))
    client.invoke(FunctionName="printer", Payload=json.dumps({"qualifier": "live"}))
    assert printed(printer) == ["one 1 1 1", "two 2 2 2", "two $LATEST $LATEST $LATEST"]


def test_mapping_to_an_alias_follows_it(printer: World) -> None:
    printer.queue("q")
    client = printer.cloud.client("lambda")
    uuid = printer.mapping(arn("sqs", "q"), "printer:live")
    assert client.get_event_source_mapping(UUID=uuid)["FunctionArn"] == ALIAS
    printer.send("q", "a")
    printer.cloud.settle()
    client.update_alias(FunctionName="printer", Name="live", FunctionVersion="2")
    printer.send("q", "b")
    printer.cloud.settle()
    assert printed(printer) == ["one 1 1 1", "two 2 2 2"]


def test_mapping_updated_to_an_alias_follows_it(printer: World) -> None:
    printer.queue("q")
    uuid = printer.mapping(arn("sqs", "q"), "printer")
    response = printer.cloud.client("lambda").update_event_source_mapping(UUID=uuid, FunctionName=ALIAS)
    assert response["FunctionArn"] == ALIAS


def test_journal_names_the_function_not_its_alias(printer: World) -> None:
    printer.queue("q")
    printer.mapping(arn("sqs", "q"), ALIAS)
    printer.send("q", "a")
    printer.cloud.settle()
    assert [delivery.function for delivery in printer.cloud.deliveries] == ["printer"]
    assert [hop.destination for hop in printer.hops(Kind.INVOKED)] == ["function/printer"]


def test_stream_mapping_runs_the_version_of_the_alias(printer: World) -> None:
    stream = printer.table()
    printer.mapping(stream, ALIAS, StartingPosition="TRIM_HORIZON")
    printer.put("k")
    printer.cloud.settle()
    assert printed(printer) == ["one 1 1 1"]
    assert {hop.destination for hop in printer.hops(Kind.INVOKED)} == {"function/printer"}


def test_mapping_to_a_missing_alias_is_rejected(printer: World) -> None:
    printer.queue("q")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        printer.mapping(arn("sqs", "q"), "printer:gone")


def test_weighted_alias_runs_both_versions(printer: World) -> None:
    client = printer.cloud.client("lambda")
    routing = {"AdditionalVersionWeights": {"2": 0.3}}
    client.create_alias(FunctionName="printer", Name="split", FunctionVersion="1", RoutingConfig=routing)
    for _ in range(100):
        client.invoke(FunctionName="printer", Qualifier="split")
    second = sum(line.startswith("two") for line in printed(printer))
    assert 15 <= second <= 45


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ({"2": 1.5}, "weight from 0 to 1"),
        ({"1": 0.1, "2": 0.1}, "must name one version"),
        ({"$LATEST": 0.1}, "LATEST is not supported"),
        ({"9": 0.1}, "Function not found"),
    ],
)
@pytest.mark.parametrize("operation", ["create_alias", "update_alias"])
def test_wrong_weights_are_rejected(
    printer: World, operation: str, weights: dict[str, float], reason: str
) -> None:
    request: dict[str, Any] = {
        "FunctionName": "printer",
        "Name": "live" if operation == "update_alias" else "split",
        "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": weights},
    }
    with pytest.raises(ClientError, match=reason):
        getattr(printer.cloud.client("lambda"), operation)(**request)
