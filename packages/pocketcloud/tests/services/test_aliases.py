"""A function invoked through an alias: the version it names runs, under the function's own name."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, zipped

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

TELLING = """
import os
def handle(event, context):
    print("{text}", context.function_version, os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
          context.log_stream_name.split("[")[1].split("]")[0])
    return context.invoked_function_arn
"""
ALIAS = arn("lambda", "function:teller:live")


def publish(world: World, text: str) -> str:
    """Another version of the function, which says the text."""
    client = world.cloud.client("lambda")
    code = zipped({"handler.py": TELLING.format(text=text)})
    client.update_function_code(FunctionName="teller", ZipFile=code)
    return str(client.publish_version(FunctionName="teller")["Version"])


@pytest.fixture
def teller(world: World) -> World:
    """A function with two versions and the alias `live`, which names the first."""
    world.function("teller", TELLING.format(text="one"))
    client = world.cloud.client("lambda")
    client.publish_version(FunctionName="teller")
    client.create_alias(FunctionName="teller", Name="live", FunctionVersion="1")
    publish(world, "two")
    return world


def said(world: World) -> list[str]:
    return world.cloud.logs("teller")


def test_the_version_the_alias_names_runs_and_is_told_which_it_is(teller: World) -> None:
    assert teller.cloud.invoke("teller:live", {}).payload == ALIAS
    assert said(teller) == ["one 1 1 1"]


def test_without_an_alias_the_latest_code_runs(teller: World) -> None:
    assert teller.cloud.invoke("teller", {}).payload == ALIAS.removesuffix(":live")
    assert said(teller) == ["two $LATEST $LATEST $LATEST"]


def test_a_client_reaches_a_version_and_an_alias_by_its_qualifier(teller: World) -> None:
    client = teller.cloud.client("lambda")
    for qualifier in ("live", "2"):
        client.invoke(FunctionName="teller", Qualifier=qualifier, Payload=json.dumps({}))
    client.invoke(FunctionName="teller", Payload=json.dumps({"qualifier": "live"}))
    assert said(teller) == ["one 1 1 1", "two 2 2 2", "two $LATEST $LATEST $LATEST"]


def test_a_mapping_to_an_alias_follows_it_to_another_version(teller: World) -> None:
    teller.queue("q")
    client = teller.cloud.client("lambda")
    uuid = teller.mapping(arn("sqs", "q"), "teller:live")
    assert client.get_event_source_mapping(UUID=uuid)["FunctionArn"] == ALIAS
    teller.send("q", "a")
    teller.cloud.settle()
    client.update_alias(FunctionName="teller", Name="live", FunctionVersion="2")
    teller.send("q", "b")
    teller.cloud.settle()
    assert said(teller) == ["one 1 1 1", "two 2 2 2"]


def test_a_mapping_that_is_moved_to_an_alias_keeps_to_it(teller: World) -> None:
    teller.queue("q")
    uuid = teller.mapping(arn("sqs", "q"), "teller")
    answer = teller.cloud.client("lambda").update_event_source_mapping(UUID=uuid, FunctionName=ALIAS)
    assert answer["FunctionArn"] == ALIAS


def test_the_journal_and_the_deliveries_name_the_function_and_not_its_alias(teller: World) -> None:
    teller.queue("q")
    teller.mapping(arn("sqs", "q"), ALIAS)
    teller.send("q", "a")
    teller.cloud.settle()
    assert [delivery.function for delivery in teller.cloud.deliveries] == ["teller"]
    assert [hop.destination for hop in teller.hops(Kind.INVOKED)] == ["function/teller"]


def test_a_stream_reaches_the_version_that_the_alias_names(teller: World) -> None:
    stream = teller.table()
    teller.mapping(stream, ALIAS, StartingPosition="TRIM_HORIZON")
    teller.put("k")
    teller.cloud.settle()
    assert said(teller) == ["one 1 1 1"]
    assert {hop.destination for hop in teller.hops(Kind.INVOKED)} == {"function/teller"}


def test_a_mapping_to_an_alias_that_is_not_there_is_refused(teller: World) -> None:
    teller.queue("q")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        teller.mapping(arn("sqs", "q"), "teller:gone")


@pytest.mark.parametrize("operation", ["create_alias", "update_alias"])
def test_an_alias_that_would_split_its_traffic_is_refused_by_name(teller: World, operation: str) -> None:
    request: dict[str, Any] = {
        "FunctionName": "teller",
        "Name": "live" if operation == "update_alias" else "split",
        "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}},
    }
    with pytest.raises(UnsupportedOfflineError, match="AdditionalVersionWeights"):
        getattr(teller.cloud.client("lambda"), operation)(**request)
