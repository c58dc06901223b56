"""A function's role allows exactly its work."""

import pytest

from infrastructure import topology
from infrastructure.names import Names
from infrastructure.services import Function, Service
from tests.infrastructure.graph import Graph, arn, every

NAMES = Names("dev")
LOG = arn("dynamodb", "table/orderbus-dev-event-log")
XRAY = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}


def actions(graph: Graph, function: str, resource: str) -> set[str]:
    """Return the actions of the function on the resource."""
    return {
        action
        for owner, line in graph.roles()
        if owner == function and resource in every(line["Resource"])
        for action in every(line["Action"])
    }


def functions_of(service: Service) -> list[str]:
    return [NAMES.function(service.name, each.module) for each in in_dev(service)]


def in_dev(service: Service) -> list[Function]:
    """The functions that the stage `dev` has, with its simulated gateway."""
    return [each for each in service.functions if each.only_when != topology.WITH_STRIPE]


def test_function_has_a_role_that_only_lambda_assumes(dev: Graph) -> None:
    roles = [(each.stack, each.properties["Role"]) for each in dev.of("Lambda::Function")]
    assert len(set(roles)) == len(roles) == len(dev.of("IAM::Role"))
    for role in dev.of("IAM::Role"):
        assert "ManagedPolicyArns" not in role.properties
        (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_wildcards_are_limited_to_xray_and_email(
    dev: Graph,
) -> None:
    for owner, line in dev.roles():
        assert line["Effect"] == "Allow"
        assert not [action for action in every(line["Action"]) if "*" in action], owner
        if line["Resource"] == "*":
            assert set(every(line["Action"])) == XRAY, owner
            continue
        for resource in every(line["Resource"]):
            if every(line["Action"]) == ["ses:SendEmail"]:
                continue  # see the last test
            # A log group's own ARN ends in `:*`: its streams, which Lambda names.
            assert "*" not in resource.removesuffix(":*"), owner
            assert resource.endswith(":*") == (f":log-group:/aws/lambda/{owner}:" in resource), owner


@pytest.mark.parametrize(
    "service",
    [each for each in topology.SERVICES if topology.publishes_facts(each)],
    ids=lambda service: service.name,
)
def test_service_appends_only_its_own_facts(dev: Graph, service: Service) -> None:
    writers = {
        owner: line
        for owner, line in dev.roles()
        if line["Resource"] == LOG and "dynamodb:PutItem" in every(line["Action"])
    }
    expected = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{service.name}#*"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    for function in functions_of(service):
        assert set(writers[function]["Action"]) == {"dynamodb:GetItem", "dynamodb:PutItem"}
        assert writers[function]["Condition"] == expected


def test_only_services_with_claims_claim_and_nobody_else(dev: Graph) -> None:
    claims = arn("dynamodb", f"table/{NAMES.claims}")
    granted = {
        (owner, *every(line["Action"])) for owner, line in dev.roles() if claims in every(line["Resource"])
    }
    assert granted == {
        (function, "dynamodb:PutItem")
        for service in topology.SERVICES
        if service.claims
        for function in functions_of(service)
    }


def test_no_role_changes_or_deletes_logged_facts(dev: Graph) -> None:
    granted = {
        action
        for owner, line in dev.roles()
        if LOG in every(line["Resource"])
        for action in every(line["Action"])
    }
    assert granted == {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
    }


def test_only_declared_functions_read_the_event_log(dev: Graph) -> None:
    readers = {
        owner
        for owner, line in dev.roles()
        if LOG in every(line["Resource"]) and "dynamodb:BatchGetItem" in every(line["Action"])
    }
    assert readers == {
        NAMES.function(service.name, function.module)
        for service in topology.SERVICES
        for function in service.functions
        if function.reads_event_log
    }


def test_table_permissions_are_exactly_the_topologys(dev: Graph) -> None:
    for service in topology.SERVICES:
        users = {NAMES.function(service.name, each.module): each.uses for each in in_dev(service)}
        indexes = [f"{table.name}/index/{index.name}" for table in service.tables for index in table.indexes]
        for used in (*(table.name for table in service.tables), *indexes):
            name = f"{service.name}-{used}" if used == "idempotency" else used
            resource = arn("dynamodb", f"table/orderbus-dev-{name}")
            granted = {
                owner: actions(dev, owner, resource)
                for owner, line in dev.roles()
                if resource in every(line["Resource"])
            }
            assert granted == {
                user: {f"dynamodb:{action}" for action in uses[used]}
                for user, uses in users.items()
                if used in uses
            }


def test_service_without_facts_cannot_use_the_log(dev: Graph) -> None:
    silent = {f"orderbus-dev-{each.name}" for each in topology.SERVICES if not topology.publishes_facts(each)}
    assert silent
    assert not silent & {owner for owner, line in dev.roles() if LOG in every(line["Resource"])}


def test_consumer_polls_and_dead_letters_in_its_own_queues(dev: Graph) -> None:
    for service in topology.SERVICES:
        name = f"orderbus-dev-{service.name}"
        assert actions(dev, name, arn("sqs", name)) == {
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        }
        assert actions(dev, name, arn("sqs", f"{name}-dlq")) == {"sqs:SendMessage"}


def test_the_relay_alone_publishes_and_reads_the_stream(dev: Graph) -> None:
    bus, stream = arn("events", "event-bus/orderbus-dev-order-bus"), f"{LOG}/stream/label"
    assert actions(dev, "orderbus-dev-relay", bus) == {"events:PutEvents"}
    assert actions(dev, "orderbus-dev-relay", stream) == {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    }
    assert {owner for owner, line in dev.roles() if {bus, stream} & set(every(line["Resource"]))} == {
        "orderbus-dev-relay"
    }


def test_only_the_email_sender_may_send_as_the_stage(dev: Graph) -> None:
    (sender,) = dev.of("SES::EmailIdentity")
    lines = [(owner, line) for owner, line in dev.roles() if "ses:SendEmail" in every(line["Action"])]
    assert lines == [
        (
            f"orderbus-dev-{service.name}",
            {
                "Effect": "Allow",
                "Action": "ses:SendEmail",
                # In the SES sandbox a recipient's own identity is asked about as well.
                "Resource": arn("ses", "identity/*"),
                "Condition": {"StringEquals": {"ses:FromAddress": sender.properties["EmailIdentity"]}},
            },
        )
        for service in topology.SERVICES
        if service.email_sender
    ]
