"""Resources that AWS would reject are rejected at deployment, with the reason."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from pocketcloud.cloudformation.deployment import DeploymentResult
from pocketcloud.cloudformation.errors import ResourceError

DeployResources = Callable[[dict[str, Any]], DeploymentResult]

GONE = "arn:aws:sqs:eu-west-1:123456789012:gone"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}


def of_type(name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": name, "Properties": properties}


def a_queue(**properties: Any) -> dict[str, Any]:
    return of_type("AWS::SQS::Queue", **properties)


def a_mapped_function(
    *, timeout: int = 30, queue: dict[str, Any] | None = None, **mapping: Any
) -> dict[str, Any]:
    return {
        "Role": of_type("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Function": of_type(
            "AWS::Lambda::Function",
            Code={"S3Bucket": "cdk-assets-123456789012-eu-west-1", "S3Key": "code.zip"},
            Handler="app.handler.handle",
            Runtime="python3.13",
            Role={"Fn::GetAtt": "Role.Arn"},
            Timeout=timeout,
        ),
        "Queue": a_queue(VisibilityTimeout=180) if queue is None else queue,
        "Mapping": of_type(
            "AWS::Lambda::EventSourceMapping",
            **{
                "EventSourceArn": {"Fn::GetAtt": "Queue.Arn"},
                "FunctionName": {"Ref": "Function"},
                **mapping,
            },
        ),
    }


def a_rule(*targets: dict[str, Any], bus: str = "default") -> dict[str, Any]:
    return of_type(
        "AWS::Events::Rule", EventBusName=bus, EventPattern={"source": ["a"]}, Targets=list(targets)
    )


def a_target(number: int, **options: Any) -> dict[str, Any]:
    return {"Id": f"t{number}", "Arn": "arn:aws:sqs:eu-west-1:123456789012:jobs", **options}


def a_table(*attributes: str, **properties: Any) -> dict[str, Any]:
    return of_type(
        "AWS::DynamoDB::Table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        **properties,
    )


def a_schema(**properties: Any) -> dict[str, Any]:
    given = {
        "RegistryName": "shop",
        "SchemaName": "s",
        "Type": "JSONSchemaDraft4",
        "Content": "{}",
        **properties,
    }
    return {
        "Registry": of_type("AWS::EventSchemas::Registry", RegistryName="shop"),
        "Schema": {**of_type("AWS::EventSchemas::Schema", **given), "DependsOn": "Registry"},
    }


REDRIVE_TO_GONE = {"deadLetterTargetArn": GONE, "maxReceiveCount": 3}

INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "a visibility timeout below the function's timeout": (
        a_mapped_function(timeout=31, queue=a_queue(VisibilityTimeout=30)),
        r"Mapping .* visibility timeout of 30 s is shorter than the function's timeout of 31 s",
    ),
    "a batch above ten without a window": (
        a_mapped_function(BatchSize=11),
        r"Mapping .*BatchSize: 11 is above 10 and needs MaximumBatchingWindowInSeconds",
    ),
    "a window on a FIFO queue": (
        a_mapped_function(
            queue=a_queue(FifoQueue=True, VisibilityTimeout=180), MaximumBatchingWindowInSeconds=1
        ),
        r"Mapping .*BatchSize: the maximum for a FIFO queue is 10, without a batching window",
    ),
    "a mapping from a queue that does not exist": (
        a_mapped_function(EventSourceArn=GONE),
        rf"Mapping .*queue {GONE} does not exist",
    ),
    "a mapping to a function that does not exist": (
        a_mapped_function(FunctionName="gone"),
        r"Mapping .*gone",
    ),
    "a mapping whose failures go to a queue that does not exist": (
        a_mapped_function(DestinationConfig={"OnFailure": {"Destination": GONE}}),
        rf"Mapping .*queue {GONE} does not exist",
    ),
    "a filter that is not JSON": (
        a_mapped_function(FilterCriteria={"Filters": [{"Pattern": "{"}]}),
        r"Mapping .*FilterCriteria: the pattern is not JSON",
    ),
    "a queue whose dead-letter queue does not exist": (
        {"Q": a_queue(RedrivePolicy=REDRIVE_TO_GONE)},
        rf"Q .*queue {GONE} does not exist",
    ),
    "a standard queue with a FIFO dead-letter queue": (
        {
            "Dead": a_queue(FifoQueue=True),
            "Q": a_queue(
                RedrivePolicy={"deadLetterTargetArn": {"Fn::GetAtt": "Dead.Arn"}, "maxReceiveCount": 3}
            ),
        },
        r"Q .*must both be FIFO, or neither",
    ),
    "a subscription whose dead-letter queue does not exist": (
        {
            "Topic": of_type("AWS::SNS::Topic"),
            "S": of_type(
                "AWS::SNS::Subscription",
                TopicArn={"Ref": "Topic"},
                Protocol="sqs",
                Endpoint=GONE,
                RedrivePolicy=REDRIVE_TO_GONE,
            ),
        },
        rf"S .*queue {GONE} does not exist",
    ),
    "a subscription to a topic of another region": (
        {"S": of_type("AWS::SNS::Subscription", Region="us-east-1")},
        r"S .*Region: only eu-west-1 is supported offline",
    ),
    "a rule with six targets": (
        {"R": a_rule(*(a_target(number) for number in range(6)))},
        r"R .*can have 5 targets, not 6",
    ),
    "a rule on a bus that does not exist": ({"R": a_rule(bus="gone")}, r"R .*Event bus gone does not exist"),
    "a target whose dead-letter queue does not exist": (
        {"R": a_rule(a_target(1, DeadLetterConfig={"Arn": GONE}))},
        rf"R .*queue {GONE} does not exist",
    ),
    "an archive of a bus that does not exist": (
        {
            "A": of_type(
                "AWS::Events::Archive", SourceArn="arn:aws:events:eu-west-1:123456789012:event-bus/gone"
            )
        },
        r"A .*Event bus gone does not exist",
    ),
    "a key that no attribute defines": ({"T": a_table()}, r"T .*\[\] are defined, but keys use \['pk'\]"),
    "an attribute that no key uses": ({"T": a_table("pk", "colour")}, r"T .*keys use \['pk'\]"),
    "a replica in another region": (
        {"T": of_type("AWS::DynamoDB::GlobalTable", Replicas=[{"Region": "us-east-1"}])},
        r"T .*exactly one replica, in eu-west-1, not \['us-east-1'\]",
    ),
    "a schema in no registry": (
        a_schema(RegistryName="gone"),
        r"Schema .*schema registry 'gone' does not exist",
    ),
    "a schema of another type": (a_schema(Type="OpenApi3"), r"Schema .*only JSONSchemaDraft4"),
    "a schema that is not JSON": (a_schema(Content="{"), r"Schema .*Content: not JSON"),
    "a schema that is not draft 4": (
        a_schema(Content='{"type": "text"}'),
        r"Schema .*Content: not JSON Schema draft 4: .*'text'",
    ),
    "a schema that exists already": (
        {**a_schema(), "Again": a_schema()["Schema"]},
        r"(Again|Schema) .*schema 's' already exists in 'shop'",
    ),
}


@pytest.mark.parametrize(("resources", "problem"), INVALID.values(), ids=INVALID)
def test_resource_is_rejected_when_aws_would_reject_it(
    deploy_resources: DeployResources, resources: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ResourceError, match=rf"(?s)^shop/{problem}"):
        deploy_resources(resources)


def test_mapping_within_the_limits_is_created_as_declared(
    deploy_resources: DeployResources, session: boto3.Session
) -> None:
    deployed = deploy_resources(
        a_mapped_function(
            BatchSize=100,
            MaximumBatchingWindowInSeconds=1,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 2},
            FilterCriteria={"Filters": [{"Pattern": "{}"}]},
        )
    )
    identity = deployed.resources["shop"]["Mapping"].physical_id
    mapping = session.client("lambda").get_event_source_mapping(UUID=identity)
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 1)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert mapping["FilterCriteria"] == {"Filters": [{"Pattern": "{}"}]}
