"""Every call of a function is granted and can be sent; every grant is used or has a reason."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from infrastructure.orderbus import ORDERBUS
from pocketcloud import OfflineCloud
from tests.permissions.grants import Grant, roles, unused
from tests.permissions.paths import walk
from tests.workflow.shop import PREFIX, Shop

REASONS = {
    ("xray:PutTelemetryRecords", "*"): "Lambda's own tracing does it; X-Ray's part is not played offline",
    ("xray:PutTraceSegments", "*"): "as above",
    ("dynamodb:GetItem", "contacts"): "an address stored since its batch was read; test_notifications",
    ("dynamodb:GetItem", "attempts"): "a charge that succeeds after its cancellation; test_payment_unknown",
    (
        "dynamodb:GetItem",
        "stock",
    ): "hot SKUs are summed up; the stage has none, test_hot_skus does it",
    ("dynamodb:GetItem", "event-log"): "the shortage of a hot SKU is looked up, as above",
}
"""Grants that no path uses."""

KINESIS = frozenset({"kinesis"})
CALLS_OF_OTHER_STAGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("secretsmanager", "GetSecretValue", {"SecretId": "s"}),  # Stripe, Kafka, RabbitMQ
    (
        "dynamodb",
        "TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": "t", "Key": {"k": {"S": "v"}}}}]},
    ),
    ("kinesis", "ListShards", {"StreamName": "s", "MaxResults": 1}),  # analytics
    ("kinesis", "PutRecords", {"StreamName": "s", "Records": [{"Data": "d", "PartitionKey": "k"}]}),  # stream
)
"""A call of each operation that only a stage with another gateway, a bridge or a stream makes."""


def unreasoned(cloud: OfflineCloud) -> list[Grant]:
    """The grants that are neither used nor have a reason."""
    return [grant for grant in unused(cloud) if named(grant) not in REASONS]


def named(grant: Grant) -> tuple[str, str]:
    return grant.action, grant.resource.rpartition("/")[2].removeprefix(f"{PREFIX}-")


@pytest.fixture(scope="module")
def walked() -> Iterator[OfflineCloud]:
    """A cloud of its own, on which every path was walked since its deployment."""
    with OfflineCloud.start() as cloud:
        cloud.calls.keep = True
        walk(Shop(cloud))
        yield cloud


def test_every_call_of_a_function_is_granted(walked: OfflineCloud) -> None:
    assert walked.access.denials == []
    assert sum(walked.access.uses.values()) > 500


def test_every_function_runs_in_its_own_role(walked: OfflineCloud) -> None:
    workers = {use.principal.rpartition("/")[2] for use in walked.access.uses if ":role/" in use.principal}
    assert workers == set(roles(walked).values())


def test_every_grant_is_used_or_has_a_reason(walked: OfflineCloud) -> None:
    assert [str(grant) for grant in unreasoned(walked)] == []


def test_every_reason_explains_an_unused_grant(walked: OfflineCloud) -> None:
    assert set(map(named, unused(walked))) == set(REASONS)


def test_check_fails_when_a_grant_is_unused(walked: OfflineCloud) -> None:
    function = f"{PREFIX}-inventory"
    superfluous = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "dynamodb:DeleteItem", "Resource": "arn:aws:x:::t"}],
    }
    iam, role = walked.client("iam"), roles(walked)[function]
    iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=json.dumps(superfluous))
    try:
        idle = unreasoned(walked)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="more")
    assert idle == [Grant(function, f"{role}/more[0]", "dynamodb:DeleteItem", "arn:aws:x:::t")]


def test_botocore_of_layer_sends_the_same_requests(walked: OfflineCloud) -> None:
    kinds = {(each.service, each.operation, *sorted(each.parameters)): each for each in walked.calls.log}
    calls: list[list[Any]] = [[each.service, each.operation, each.parameters] for each in kinds.values()]
    calls += map(list, CALLS_OF_OTHER_STAGES)
    assert {call[0] for call in calls} == ORDERBUS.bundles.aws_services | KINESIS
    assert {xform_name(call[1]) for call in calls} >= operations_in_code()
    layer = ORDERBUS.bundles.layer(more_services=KINESIS) / "python"
    assert requests_of(calls, PYTHONPATH=str(layer)) == requests_of(calls)


def operations_in_code() -> set[str]:
    """Every operation of these services that the code of a function names, of any stage."""
    loader, services = Session().get_component("data_loader"), ORDERBUS.bundles.aws_services | KINESIS
    known = {
        xform_name(operation)
        for service in services
        for operation in loader.load_service_model(service, "service-2")["operations"]
    }
    sources = (file.read_text() for file in (Path(__file__).parents[2] / "functions").rglob("*.py"))
    called = {
        node.attr for each in sources for node in ast.walk(ast.parse(each)) if isinstance(node, ast.Attribute)
    }
    return called & known


def requests_of(calls: list[list[Any]], **environment: str) -> list[list[str | Mapping[str, str]]]:
    program = str(Path(__file__).with_name("sent_requests.py"))
    done = subprocess.run(
        [sys.executable, "-B", program],  # -B: the layer is deployed as it is
        input=json.dumps(calls),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sent: list[list[str | Mapping[str, str]]] = json.loads(done.stdout)
    assert len(sent) == len(calls)
    return sent
