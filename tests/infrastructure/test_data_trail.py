"""A stage with a trail records each write that could forge an event, and keeps the record."""

from typing import Any

import pytest

from infrastructure.deployer.template import deployer_template
from infrastructure.names import Names
from tests.infrastructure.graph import KEY, Graph, arn, every

NAMES = Names("dev")
TRAIL = arn("cloudtrail", "trail/orderbus-dev-data-events")
FORGEABLE = (
    ("DynamoDB::Table", arn("dynamodb", f"table/{NAMES.event_log}")),
    ("DynamoDB::Table", arn("dynamodb", f"table/{NAMES.audit}")),
    ("SQS::Queue", arn("sqs", NAMES.queue("payments"))),
    ("SNS::Topic", arn("sns", NAMES.topic("PaymentProcessed"))),
    ("Events::EventBus", arn("events", f"event-bus/{NAMES.event_bus}")),
    ("Events::EventBus", arn("events", f"event-bus/{NAMES.ingress_bus}")),
    ("Lambda::Function", arn("lambda", f"function:{NAMES.relay}")),
    ("Lambda::Function", arn("lambda", f"function:{NAMES.stream}")),
)
"""Resources that an operator or an administrator could write to in the name of a service."""


def selectors(graph: Graph) -> dict[str, dict[str, dict[str, Any]]]:
    """The conditions of each selector by field, by its type of resource."""
    (trail,) = graph.of("CloudTrail::Trail")
    found = {}
    for each in trail.properties["AdvancedEventSelectors"]:
        fields = {field["Field"]: field for field in each["FieldSelectors"]}
        found[fields["resources.type"]["Equals"][0]] = fields
    return found


def test_stage_without_the_setting_has_no_trail(dev: Graph, prod: Graph) -> None:
    for graph in (dev, prod):
        assert graph.any_of("CloudTrail::Trail") == []
        assert graph.any_of("S3::Bucket") == []


@pytest.mark.parametrize(("kind", "resource"), FORGEABLE)
def test_write_that_could_forge_an_event_is_selected(encrypted: Graph, kind: str, resource: str) -> None:
    fields = selectors(encrypted)[f"AWS::{kind}"]
    assert fields["eventCategory"]["Equals"] == ["Data"]
    assert fields["readOnly"]["Equals"] == ["false"]
    assert any(resource.startswith(begin) for begin in fields["resources.ARN"]["StartsWith"])


def test_only_the_functions_own_sessions_are_left_out(encrypted: Graph) -> None:
    own = "arn:aws:sts::123456789012:assumed-role/orderbus-dev-"
    for fields in selectors(encrypted).values():
        assert fields["userIdentity.arn"]["NotStartsWith"] == [own]
        assert not any("orderbus-prod".startswith(each) for each in fields["resources.ARN"]["StartsWith"])
    # CloudFormation names a role after its stack.
    assert {each.stack.startswith("orderbus-dev-") for each in encrypted.of("IAM::Role")} == {True}


def test_files_are_encrypted_versioned_private_and_expire(encrypted: Graph) -> None:
    (bucket,) = encrypted.of("S3::Bucket")
    (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    (expiry,) = bucket.properties["LifecycleConfiguration"]["Rules"]
    assert expiry["ExpirationInDays"] == expiry["NoncurrentVersionExpiration"]["NoncurrentDays"] == 365
    assert bucket.deletion_policy == "RetainExceptOnCreate"
    (trail,) = encrypted.of("CloudTrail::Trail")
    assert trail.properties["EnableLogFileValidation"] is True


def test_only_the_trail_writes_files_and_only_over_tls(encrypted: Graph) -> None:
    (policy,) = encrypted.of("S3::BucketPolicy")
    plain, *admitted = policy.properties["PolicyDocument"]["Statement"]
    assert plain["Effect"] == "Deny"
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert {action for line in admitted for action in every(line["Action"])} == {
        "s3:GetBucketAcl",
        "s3:PutObject",
    }
    for line in admitted:
        assert line["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        assert line["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL


def test_limited_deployer_cannot_stop_the_trail(encrypted: Graph) -> None:
    (trail,) = encrypted.of("CloudTrail::Trail")
    (bucket,) = encrypted.of("S3::Bucket")
    assert trail.stack == bucket.stack == "orderbus-dev-trail"
    resources = deployer_template(encrypted.templates.values(), NAMES)["Resources"]
    actions = {
        action
        for each in resources.values()
        for line in each["Properties"]["PolicyDocument"]["Statement"]
        for action in line["Action"]
    }
    assert not {action for action in actions if action.startswith(("cloudtrail:", "s3:Put", "s3:Delete"))}
