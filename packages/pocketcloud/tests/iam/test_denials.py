"""Denied calls fail with their service's error; denied deliveries are dead-lettered or dropped."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, entry

from pocketcloud import OfflineCloud
from pocketcloud.iam.unsupported import UnsupportedPolicyError

CALLING = """
    import boto3
    def handle(event, context):
        client = boto3.client(event["service"])
        try:
            return {"response": str(getattr(client, event["method"])(**event["parameters"]))}
        except client.exceptions.ClientError as error:
            return {**error.response["Error"], "status": error.response["ResponseMetadata"]["HTTPStatusCode"]}
"""
SESSION = "arn:aws:sts::123456789012:assumed-role/poor/f"
LOG, SENDER = arn("dynamodb", "table/log"), arn("ses", "identity/a@example.com")
ROLE = "arn:aws:iam::123456789012:role/poor"


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud(seed=1) as cloud:
        yield cloud


@pytest.fixture
def world(cloud: OfflineCloud) -> World:
    """A function `f` whose role allows nothing, and a resource of each common kind."""
    world = World(cloud)
    world.queue("q")
    world.topic("t")
    world.table("log")
    world.function("f", CALLING)
    cloud.client("iam").create_role(
        RoleName="poor", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    cloud.client("lambda").update_function_configuration(FunctionName="f", Role=ROLE)
    return world


def grant(world: World, **statement: Any) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
    world.cloud.client("iam").put_role_policy(
        RoleName="poor", PolicyName="p", PolicyDocument=json.dumps(document)
    )


def call(world: World, service: str, method: str, **parameters: Any) -> dict[str, Any]:
    event = {"service": service, "method": method, "parameters": parameters}
    payload: dict[str, Any] = world.cloud.invoke("f", event).payload
    return payload


ITEM = {"TableName": "log", "Item": {"pk": {"S": "orders#1"}}}
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"
EMAIL = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}}}


@pytest.mark.parametrize(
    ("service", "method", "parameters", "code", "status", "words"),
    [
        (
            "dynamodb",
            "put_item",
            ITEM,
            "AccessDeniedException",
            400,
            f"User: {SESSION} is not authorized to perform: dynamodb:PutItem on resource: {LOG} because no",
        ),
        (
            "sqs",
            "send_message",
            {"QueueUrl": QUEUE_URL, "MessageBody": "b"},
            "AccessDenied",
            403,
            f"sqs:sendmessage on resource: {arn('sqs', 'q')} because no identity-based policy allows the",
        ),
        (
            "sns",
            "publish",
            {"TopicArn": arn("sns", "t"), "Message": "m"},
            "AuthorizationError",
            403,
            f"perform: SNS:Publish on resource: {arn('sns', 't')} because",
        ),
        (
            "events",
            "put_events",
            {"Entries": [entry()]},
            "AccessDeniedException",
            400,
            f"perform: events:PutEvents on resource: {arn('events', 'event-bus/default')} because",
        ),
        (
            "sesv2",
            "send_email",
            {"FromEmailAddress": "Shop <a@example.com>", "Content": EMAIL},
            "AccessDeniedException",
            403,
            f"User `{SESSION}' is not authorized to perform `ses:SendEmail' on resource `{SENDER}'",
        ),
    ],
    ids=["dynamodb", "sqs", "sns", "events", "ses"],
)
def test_denied_call_fails_with_the_services_error(  # noqa: PLR0913, PLR0917 - the columns of the table
    world: World, service: str, method: str, parameters: dict[str, Any], code: str, status: int, words: str
) -> None:
    response = call(world, service, method, **parameters)
    assert (response["Code"], response["status"]) == (code, status)
    assert words in response["Message"]


def test_grant_is_effective_until_it_is_removed(world: World) -> None:
    grant(world, Action="dynamodb:PutItem", Resource=arn("dynamodb", "table/log"))
    assert "response" in call(world, "dynamodb", "put_item", **ITEM)
    world.cloud.client("iam").delete_role_policy(RoleName="poor", PolicyName="p")
    assert call(world, "dynamodb", "put_item", **ITEM)["Code"] == "AccessDeniedException"


def test_transaction_is_authorized_item_by_item(world: World) -> None:
    check = {"ConditionCheck": {"TableName": "log", "Key": {"pk": {"S": "b"}}, "ConditionExpression": "x"}}
    items = [{"Put": ITEM}, {**check}]
    grant(world, Action=["dynamodb:PutItem", "dynamodb:TransactWriteItems"])
    denied = call(world, "dynamodb", "transact_write_items", TransactItems=items)
    assert "perform: dynamodb:ConditionCheckItem" in denied["Message"]


@pytest.mark.parametrize(("key", "allowed"), [("orders#1", True), ("payments#1", False)])
def test_leading_keys_come_from_the_request(world: World, key: str, *, allowed: bool) -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["orders#*"]}}
    grant(world, Action="dynamodb:*", Condition={**condition, "Null": {"dynamodb:LeadingKeys": "false"}})
    values = {":k": {"S": key}}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("put_item", {"TableName": "log", "Item": {"pk": {"S": key}}}),
        ("get_item", {"TableName": "log", "Key": {"pk": {"S": key}}}),
        (
            "batch_get_item",
            {"RequestItems": {"log": {"Keys": [{"pk": {"S": "orders#1"}}, {"pk": {"S": f"{key}0"}}]}}},
        ),
        ("batch_write_item", {"RequestItems": {"log": [{"DeleteRequest": {"Key": {"pk": {"S": key}}}}]}}),
        (
            "query",
            {
                "TableName": "log",
                "KeyConditionExpression": "#p = :k",
                "ExpressionAttributeNames": {"#p": "pk"},
                "ExpressionAttributeValues": values,
            },
        ),
    ]
    for method, parameters in requests:
        assert ("response" in call(world, "dynamodb", method, **parameters)) is allowed, method
    assert call(world, "dynamodb", "scan", TableName="log")["Code"] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("SET n = :n", True),
        ("SET #n = if_not_exists(n, :n)", True),
        ("SET n = :n REMOVE price", False),
        ("SET #p.deep = :n", False),
        ("ADD price :n", False),
    ],
)
def test_attributes_come_from_the_request(world: World, expression: str, *, allowed: bool) -> None:
    condition = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "n"]}}
    grant(world, Action="dynamodb:*", Condition={**condition, "Null": {"dynamodb:Attributes": "false"}})
    names = {name: full for name, full in {"#n": "n", "#p": "price"}.items() if name in expression}
    update = {
        "TableName": "log",
        "Key": {"pk": {"S": "orders#1"}},
        "UpdateExpression": expression,
        "ExpressionAttributeValues": {":n": {"N": "1"}},
        **({"ExpressionAttributeNames": names} if names else {}),
    }
    response = call(world, "dynamodb", "update_item", **update)
    assert (response.get("Code") != "AccessDeniedException") is allowed
    assert call(world, "dynamodb", "scan", TableName="log")["Code"] == "AccessDeniedException"


@pytest.mark.parametrize("missing", ["archive/a", "event-bus/mine", "replay/views-1"])
def test_replay_needs_permission_for_archive_bus_and_replay(world: World, missing: str) -> None:
    world.bus("mine")
    events = world.cloud.client("events")
    archive = events.create_archive(ArchiveName="a", EventSourceArn=arn("events", "event-bus/mine"))
    wanted = [arn("events", each) for each in ("archive/a", "event-bus/mine", "replay/views-*")]
    grant(
        world,
        Action="events:StartReplay",
        Resource=[each for each in wanted if not each.startswith(arn("events", missing.rstrip("1")))],
    )
    now = datetime.now(UTC)
    with pytest.raises(ClientError, match=f"events:StartReplay on resource: {arn('events', missing)}"):
        world.cloud.client("events", role=ROLE).start_replay(
            ReplayName="views-1",
            EventSourceArn=archive["ArchiveArn"],
            EventStartTime=now - timedelta(hours=1),
            EventEndTime=now,
            Destination={"Arn": arn("events", "event-bus/mine")},
        )


def test_only_entries_of_the_denied_bus_fail(world: World) -> None:
    world.bus("mine")
    grant(world, Action="events:PutEvents", Resource=arn("events", "event-bus/mine"))
    entries = [entry(), entry(bus="mine"), entry()]
    response = call(world, "events", "put_events", Entries=entries)["response"]
    assert response.count("'ErrorCode': 'AccessDeniedException'") == 2
    assert response.count("'EventId'") == 1
    assert "'FailedEntryCount': 2" in response


def test_operation_without_known_resource_needs_all_of_them(world: World) -> None:
    request = {"service": "sns", "method": "list_platform_applications", "parameters": {}}
    assert "AuthorizationError" in str(world.cloud.invoke("f", request).payload)
    grant(world, Action="sns:List*", Resource=arn("sns", "t"))
    limited = world.cloud.invoke("f", request).error
    assert limited is not None
    assert "the resource of sns:ListPlatformApplications is not known offline" in limited.message
    grant(world, Action="sns:List*", Resource="*")
    assert "PlatformApplications" in str(world.cloud.invoke("f", request).payload)


def test_mapping_is_rejected_when_the_role_may_not_poll(world: World) -> None:
    with pytest.raises(ClientError, match="does not have permissions to call ReceiveMessage on SQS"):
        world.mapping(arn("sqs", "q"), "f")


def test_mapping_waits_until_its_grant_is_restored(world: World) -> None:
    grant(world, Action=["sqs:*", "logs:*"])
    world.mapping(arn("sqs", "q"), "f")
    world.cloud.client("iam").delete_role_policy(RoleName="poor", PolicyName="p")
    world.send("q", "{}")
    world.cloud.settle()
    assert world.cloud.deliveries == []
    grant(world, Action=["sqs:*", "logs:*"])
    world.cloud.advance(minutes=2)  # `f` fails, so the message comes back for days
    assert len(world.cloud.deliveries) >= 1


def test_function_without_log_permission_writes_no_log(world: World) -> None:
    source = 'def handle(event, context):\n    print("hello")\n'
    world.function("g", source)
    world.cloud.client("lambda").update_function_configuration(FunctionName="g", Role=ROLE)
    world.cloud.invoke("g", {})
    assert world.cloud.logs("g") == []
    grant(world, Action="logs:*")
    world.cloud.invoke("g", {})
    assert world.cloud.logs("g") == ["hello"]


def test_event_is_dead_lettered_when_the_target_denies_it(world: World) -> None:
    closed = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": []})}
    world.cloud.client("sqs").create_queue(QueueName="closed", Attributes=closed)
    world.queue("dlq")
    target = {"Arn": arn("sqs", "closed"), "DeadLetterConfig": {"Arn": arn("sqs", "dlq")}}
    world.rule("all", {"source": ["orders"]}, target)
    world.cloud.put_events([entry()])
    world.cloud.settle()
    (dead,) = world.messages("dlq")
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert dead["MessageAttributes"]["RETRY_ATTEMPTS"]["StringValue"] == "0"


def test_event_is_dropped_when_its_dead_letter_queue_denies(world: World) -> None:
    for name in ("closed", "closed-dlq"):
        world.cloud.client("sqs").create_queue(QueueName=name)
    policy = json.dumps({"deadLetterTargetArn": arn("sqs", "closed-dlq")})
    world.subscribe(arn("sns", "t"), arn("sqs", "closed"), RedrivePolicy=policy)
    world.cloud.client("sns").publish(TopicArn=arn("sns", "t"), Message="m")
    world.cloud.settle()
    (lost,) = world.cloud.undelivered
    assert "NO_PERMISSIONS" in lost.reason
    assert "its dead-letter queue denies access" in lost.reason
    assert world.bodies("closed-dlq") == []


def test_client_has_only_the_permissions_of_its_role(world: World) -> None:
    events = world.cloud.client("events", role=ROLE)
    with pytest.raises(ClientError, match="User: arn:aws:iam::123456789012:role/poor is not authorized"):
        events.put_events(Entries=[entry()])
    with pytest.raises(LookupError, match="role/nobody does not exist"):
        world.cloud.client("events", role="arn:aws:iam::123456789012:role/nobody")


def test_unsupported_condition_key_is_rejected_by_name(world: World) -> None:
    grant(world, Action="*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})
    with pytest.raises(UnsupportedPolicyError, match="the condition key aws:sourcevpc is not evaluated"):
        world.cloud.client("sqs", role=ROLE).list_queues()
