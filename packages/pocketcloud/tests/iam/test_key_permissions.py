"""A principal that uses what a customer-managed key encrypts needs the key as well."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from small_world import World, arn, entry

from pocketcloud import OfflineCloud

ROLE = "arn:aws:iam::123456789012:role/reader"
ROOT = "arn:aws:iam::123456789012:root"
EVERYTHING_BUT_KEYS = {"Action": ["sqs:*", "sns:*", "dynamodb:*", "kinesis:*", "secretsmanager:*"]}
USES: list[tuple[str, str, dict[str, Any]]] = [
    ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "m"}),
    ("sqs", "ReceiveMessage", {"QueueUrl": "q"}),
    ("sns", "Publish", {"TopicArn": arn("sns", "t"), "Message": "m"}),
    ("dynamodb", "PutItem", {"TableName": "log", "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}}),
    ("dynamodb", "Scan", {"TableName": "log"}),
    ("kinesis", "PutRecord", {"StreamName": "s", "Data": b"d", "PartitionKey": "p"}),
    ("secretsmanager", "GetSecretValue", {"SecretId": "secret"}),
]


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud(seed=1) as cloud:
        yield cloud


def key_policy(**statement: Any) -> str:
    line = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [line]})


def a_key(cloud: OfflineCloud, **statement: Any) -> str:
    policy = key_policy(**{"Principal": {"AWS": ROOT}, **statement})
    return str(cloud.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])


def encrypt(cloud: OfflineCloud, key: str) -> None:
    """Create a resource of each kind with the key."""
    queue = cloud.client("sqs").create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})
    assert queue["QueueUrl"].endswith("/q")
    cloud.client("sns").create_topic(Name="t", Attributes={"KmsMasterKeyId": key})
    cloud.client("dynamodb").create_table(
        TableName="log",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    kinesis = cloud.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    cloud.client("secretsmanager").create_secret(Name="secret", SecretString="x", KmsKeyId=key)


def reader(cloud: OfflineCloud, *more: dict[str, Any]) -> None:
    """Make a role that may do everything but use keys, and these statements."""
    lines = [{"Effect": "Allow", "Resource": "*", **each} for each in (EVERYTHING_BUT_KEYS, *more)]
    iam = cloud.client("iam")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    document = json.dumps({"Version": "2012-10-17", "Statement": lines})
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=document)


def use(cloud: OfflineCloud, service: str, operation: str, parameters: dict[str, Any]) -> None:
    client = cloud.client(service, role=ROLE)
    if "QueueUrl" in parameters:
        url = cloud.client("sqs").get_queue_url(QueueName=parameters["QueueUrl"])["QueueUrl"]
        parameters = {**parameters, "QueueUrl": url}
    getattr(client, xform_name(operation))(**parameters)


@pytest.mark.parametrize(("service", "operation", "parameters"), USES, ids=str)
def test_use_is_denied_without_the_key(
    cloud: OfflineCloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    encrypt(cloud, key := a_key(cloud))
    reader(cloud)
    with pytest.raises(ClientError, match="is not authorized to perform"):
        use(cloud, service, operation, parameters)
    (denial,) = cloud.access.denials
    assert denial.action.startswith("kms:")
    assert denial.resource == key


@pytest.mark.parametrize(("service", "operation", "parameters"), USES, ids=str)
def test_use_is_allowed_through_the_granted_service(
    cloud: OfflineCloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    encrypt(cloud, key := a_key(cloud))
    via = {"StringEquals": {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"}}
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    reader(cloud, {"Action": actions, "Resource": key, "Condition": via})
    use(cloud, service, operation, parameters)
    assert cloud.access.denials == []


def test_use_is_denied_through_another_service(cloud: OfflineCloud) -> None:
    encrypt(cloud, a_key(cloud))
    via = {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}}
    reader(cloud, {"Action": "kms:*", "Condition": via})
    with pytest.raises(ClientError, match=r"KMS\.AccessDeniedException.*kms:Decrypt"):
        use(cloud, *USES[0])


def test_use_is_denied_when_the_key_policy_names_nobody(cloud: OfflineCloud) -> None:
    encrypt(cloud, a_key(cloud, Principal={"Service": "sns.amazonaws.com"}))
    reader(cloud, {"Action": "kms:*"})
    with pytest.raises(ClientError):
        use(cloud, *USES[0])
    (denial,) = cloud.access.denials
    assert denial.reason == "because no resource-based policy allows the kms:Decrypt action"


def test_key_that_aws_manages_needs_no_grant(cloud: OfflineCloud) -> None:
    encrypt(cloud, "alias/aws/sqs")
    reader(cloud)
    use(cloud, *USES[0])
    assert cloud.access.denials == []


@pytest.mark.parametrize(("source", "delivered"), [("rule/default-to-q", True), ("rule/other", False)])
def test_rule_reaches_a_queue_whose_key_admits_it(
    cloud: OfflineCloud, source: str, *, delivered: bool
) -> None:
    condition = {"ArnEquals": {"aws:SourceArn": arn("events", source)}}
    key = a_key(cloud, Principal={"Service": "events.amazonaws.com"}, Condition=condition)
    world = World(cloud)
    world.queue("q", KmsMasterKeyId=key)
    events = cloud.client("events")
    events.put_rule(Name="default-to-q", EventPattern='{"source": ["orders"]}')
    events.put_targets(Rule="default-to-q", Targets=[{"Id": "1", "Arn": arn("sqs", "q")}])
    cloud.put_events([entry()])
    cloud.settle()
    assert [denial.action for denial in cloud.access.denials][:1] == ([] if delivered else ["kms:Decrypt"])
    url = cloud.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    assert ("Messages" in cloud.client("sqs").receive_message(QueueUrl=url)) is delivered


def test_new_key_policy_takes_effect_at_once(cloud: OfflineCloud) -> None:
    encrypt(cloud, key := a_key(cloud))
    reader(cloud, {"Action": "kms:*"})
    use(cloud, *USES[0])
    closed = key_policy(Principal={"Service": "sns.amazonaws.com"})
    cloud.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=closed)
    with pytest.raises(ClientError):
        use(cloud, *USES[0])
