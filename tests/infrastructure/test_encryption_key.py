"""A stage with a key encrypts all that it stores with it, and nobody uses the key beyond the stage."""

from typing import Any

import pytest

from infrastructure.components.key_uses import key_uses
from tests.infrastructure.graph import KEY, Graph, Resource, arn, every

WHERE = {
    "DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "SQS::Queue": ("KmsMasterKeyId",),
    "SNS::Topic": ("KmsMasterKeyId",),
    "Logs::LogGroup": ("KmsKeyId",),
    "Events::Archive": ("KmsKeyIdentifier",),
    "Kinesis::Stream": ("StreamEncryption", "KeyId"),
    "SecretsManager::Secret": ("KmsKeyId",),
    "CloudTrail::Trail": ("KMSKeyId",),
    "Backup::BackupVault": ("EncryptionKeyArn",),
}
"""The property that names the key, for every type that stores something."""
ROOT = "arn:aws:iam::123456789012:root"
ACCOUNT = {"aws:SourceAccount": "123456789012"}


def key_in(resource: Resource, where: tuple[str, ...]) -> Any:
    value: Any = resource.properties
    for name in where:
        value = (value or {}).get(name)
    return value


def statements(graph: Graph) -> dict[str, dict[str, Any]]:
    (key,) = graph.of("KMS::Key")
    return {line["Sid"]: line for line in key.properties["KeyPolicy"]["Statement"]}


def test_all_that_a_stage_stores_has_its_key(encrypted: Graph, stripe: Graph) -> None:
    for graph in (encrypted, stripe):
        for kind, where in WHERE.items():
            assert {key_in(each, where) for each in graph.any_of(kind)} <= {KEY}, kind
    assert stripe.of("SecretsManager::Secret")
    for kind in WHERE.keys() - {"SecretsManager::Secret"}:
        assert encrypted.of(kind), kind


def test_stage_without_the_setting_has_no_key(dev: Graph, prod: Graph) -> None:
    for graph in (dev, prod):
        assert graph.any_of("KMS::Key") == []
        assert not any("kms:" in action for _, line in graph.roles() for action in every(line["Action"]))
        for kind, where in WHERE.items():
            # `alias/aws/kinesis` is the key that AWS manages.
            assert {key_in(each, where) for each in graph.any_of(kind)} <= {None, "alias/aws/kinesis"}, kind


def test_key_rotates_and_has_a_stack_of_its_own(encrypted: Graph) -> None:
    (key,) = encrypted.of("KMS::Key")
    assert key.properties["EnableKeyRotation"] is True
    assert key.properties["PendingWindowInDays"] == 30
    assert [each.stack for each in encrypted.resources].count("orderbus-dev-key") == 1
    assert key.stack == "orderbus-dev-key"


def test_key_is_used_only_through_services(encrypted: Graph) -> None:
    lines = statements(encrypted)
    assert not any("*" in action for line in lines.values() for action in every(line["Action"]))
    administration = set(lines["Administration"]["Action"])
    assert not {action for action in administration if "crypt" in action or "GenerateDataKey" in action}
    use = lines["UseThroughServices"]
    assert use["Principal"] == {"AWS": ROOT}
    assert use["Condition"]["StringEquals"]["kms:CallerAccount"] == "123456789012"
    assert use["Condition"]["StringEquals"]["kms:ViaService"] == [
        f"{name}.eu-west-1.amazonaws.com"
        for name in ("dynamodb", "kinesis", "secretsmanager", "sns", "sqs", "events", "s3", "backup")
    ]
    assert {sid for sid, line in lines.items() if line["Principal"] == {"AWS": ROOT}} == {
        "Administration",
        "UseThroughServices",
    }


@pytest.mark.parametrize(
    ("sid", "service", "source"),
    [
        ("Topics", "sns", arn("sns", "orderbus-dev-*")),
        ("Rules", "events", arn("events", "rule/orderbus-dev-*")),
        ("Alarms", "cloudwatch", arn("cloudwatch", "alarm:orderbus-dev-*")),
    ],
)
def test_service_uses_the_key_for_the_stage_alone(
    encrypted: Graph, sid: str, service: str, source: str
) -> None:
    line = statements(encrypted)[sid]
    assert line["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert line["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert line["Condition"] == {"StringEquals": ACCOUNT, "ArnLike": {"aws:SourceArn": source}}


def test_logs_and_archive_use_the_key_in_their_context(encrypted: Graph) -> None:
    lines = statements(encrypted)
    (context,) = lines["Logs"]["Condition"].values()
    groups = context["kms:EncryptionContext:aws:logs:arn"]
    for group in encrypted.of("Logs::LogGroup"):
        folder, _, name = group.name.rpartition("/")
        assert arn("logs", f"log-group:{folder}/orderbus-dev-*") in groups
        assert name.startswith("orderbus-dev-")
    (archive,) = encrypted.of("Events::Archive")
    (context,) = lines["Archive"]["Condition"].values()
    assert archive.properties["SourceArn"] in context["kms:EncryptionContext:aws:events:event-bus:arn"]


def test_function_uses_the_key_as_its_grants_say(encrypted: Graph) -> None:
    functions = {owner for owner, _ in encrypted.roles()}
    for function in functions:
        lines = [line for owner, line in encrypted.roles() if owner == function]
        actions = [action for line in lines for action in every(line["Action"])]
        found = {
            line["Condition"]["StringEquals"]["kms:ViaService"].split(".")[0]: tuple(every(line["Action"]))
            for line in lines
            if line["Resource"] == KEY
        }
        assert found == key_uses(actions)
    assert len(functions) > 10


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sqs:SendMessage", {"sqs": ("kms:Decrypt", "kms:GenerateDataKey")}),
        ("dynamodb:PutItem", {"dynamodb": ("kms:Decrypt",)}),
        ("dynamodb:DescribeTable", {}),
        ("events:PutEvents", {}),
    ],
)
def test_action_needs_its_own_use_of_the_key(action: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert key_uses([action]) == expected
