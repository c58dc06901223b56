"""Each check of a shape reports a missing, different or additional property."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.infrastructure.graph import Graph
from tests.infrastructure.topology import environment, shape
from tests.infrastructure.topology.breaking import Fault, Properties, broken, drop, put

QUEUE, TOPIC, RULE = "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Events::Rule"
MAPPING, TABLE, FUNCTION = "AWS::Lambda::EventSourceMapping", "AWS::DynamoDB::Table", "AWS::Lambda::Function"
SUBSCRIPTION, BUS = "AWS::SNS::Subscription", "AWS::Events::EventBus"
CONSUMERS, DEAD_LETTERS = '"RedrivePolicy"', '"RedriveAllowPolicy"'
HOUR = 3600


def setting(**variables: str) -> Callable[[Properties], object]:
    return lambda properties: properties["Environment"]["Variables"].update(variables)


def without_variables(properties: Properties) -> None:
    properties["Environment"]["Variables"] = {}


def received(count: int) -> Callable[[Properties], object]:
    return lambda properties: properties["RedrivePolicy"].update(maxReceiveCount=count)


def target(**changes: Any) -> Callable[[Properties], object]:
    return lambda properties: properties["Targets"][0].update(changes)


def two_targets(properties: Properties) -> None:
    properties["Targets"] *= 2


def of(check: Any, kind: str, words: str, *faults: tuple[Callable[[Properties], object], str]) -> list[Fault]:
    return [Fault(check, kind, words, do, report) for do, report in faults]


EXPIRES = {"AttributeName": "expires_at", "Enabled": True}

FAULTS = (
    *of(
        shape.queues_have_their_shape,
        QUEUE,
        CONSUMERS,
        (put(MessageRetentionPeriod=HOUR), "MessageRetentionPeriod is 3600"),
        (put(MessageRetentionPeriod=14 * 24 * HOUR), "MessageRetentionPeriod is 1209600"),
        (drop("MessageRetentionPeriod"), "has no MessageRetentionPeriod"),
        (put(DelaySeconds=60), "has DelaySeconds"),
        (put(FifoQueue=True), "has FifoQueue"),
        (put(ReceiveMessageWaitTimeSeconds=20), "has ReceiveMessageWaitTimeSeconds"),
        (put(MaximumMessageSize=1024), "has MaximumMessageSize"),
        (put(SqsManagedSseEnabled=False), "SqsManagedSseEnabled is False"),
        (put(VisibilityTimeout=30), "VisibilityTimeout is 30"),
        (received(1), "RedrivePolicy is"),
        (put(QueueName="elsewhere"), "there is no SQS::Queue orderbus-dev-"),
    ),
    *of(
        shape.queues_have_their_shape,
        QUEUE,
        DEAD_LETTERS,
        (put(MessageRetentionPeriod=HOUR), "MessageRetentionPeriod is 3600"),
        (put(DelaySeconds=1), "has DelaySeconds"),
        (drop("RedriveAllowPolicy"), "has no RedriveAllowPolicy"),
    ),
    *of(
        shape.subscriptions_have_their_shape,
        SUBSCRIPTION,
        "sqs",
        (put(FilterPolicy={"kind": ["gold"]}), "has FilterPolicy"),
        (put(FilterPolicyScope="MessageBody"), "has FilterPolicyScope"),
        (put(DeliveryPolicy={}), "has DeliveryPolicy"),
        (put(RawMessageDelivery=False), "RawMessageDelivery is False"),
        (drop("RawMessageDelivery"), "has no RawMessageDelivery"),
        (drop("RedrivePolicy"), "has no RedrivePolicy"),
        (put(TopicArn="arn:aws:sns:eu-west-1:123456789012:other"), "which no service reacts to"),
        (put(TopicArn="arn:aws:sns:eu-west-1:123456789012:other"), "nothing subscribes"),
    ),
    *of(
        shape.mappings_have_their_shape,
        MAPPING,
        "Queue",
        (put(BatchSize=7), "BatchSize is 7"),
        (put(MaximumBatchingWindowInSeconds=20), "has MaximumBatchingWindowInSeconds"),
        (put(Enabled=False), "has Enabled"),
        (put(FilterCriteria={"Filters": []}), "has FilterCriteria"),
        (drop("FunctionResponseTypes"), "has no FunctionResponseTypes"),
        (drop("ScalingConfig"), "has no ScalingConfig"),
        (put(FunctionName="orderbus-dev-other:live"), "FunctionName is"),
        (put(EventSourceArn="arn:aws:sqs:eu-west-1:123456789012:other"), "no function reads"),
    ),
    *of(
        shape.mappings_have_their_shape,
        MAPPING,
        "Stream",
        (drop("MaximumRetryAttempts"), "has no MaximumRetryAttempts"),
        (put(MaximumRetryAttempts=0), "MaximumRetryAttempts is 0"),
        (drop("MaximumRecordAgeInSeconds"), "has no MaximumRecordAgeInSeconds"),
        (drop("BisectBatchOnFunctionError"), "has no BisectBatchOnFunctionError"),
        (drop("DestinationConfig"), "has no DestinationConfig"),
        (drop("FilterCriteria"), "has no FilterCriteria"),
        (put(ParallelizationFactor=10), "ParallelizationFactor is 10"),
        (put(TumblingWindowInSeconds=1), "has TumblingWindowInSeconds"),
        (put(EventSourceArn="arn:aws:dynamodb:eu-west-1:123456789012:table/x"), "no function reads"),
    ),
    *of(
        shape.topics_and_buses_have_their_shape,
        TOPIC,
        "-order-created",
        (put(FifoTopic=True), "has FifoTopic"),
        (put(ArchivePolicy={"MessageRetentionPeriod": 30}), "has ArchivePolicy"),
        (put(TopicName="elsewhere"), "there is no SNS::Topic"),
    ),
    *of(
        shape.topics_and_buses_have_their_shape,
        BUS,
        "order-bus",
        (put(EventSourceName="aws.partner/x"), "has EventSourceName"),
    ),
    *of(
        shape.rules_have_their_shape,
        RULE,
        "EventPattern",
        (put(State="DISABLED"), "State is DISABLED"),
        (drop("State"), "has no State"),
        (target(InputPath="$.detail"), "'InputPath'"),
        (target(RetryPolicy={"MaximumRetryAttempts": 0}), "'RetryPolicy'"),
        (target(RoleArn="arn:aws:iam::123456789012:role/other"), "'RoleArn'"),
        (two_targets, "has a target"),
    ),
    *of(
        shape.rules_have_their_shape,
        RULE,
        "ScheduleExpression",
        (put(ScheduleExpression="rate(1 hour)"), "ScheduleExpression is rate(1 hour)"),
        (put(State="DISABLED"), "State is DISABLED"),
        (target(Input="{}"), "'Input'"),
    ),
    *of(
        shape.tables_have_their_shape,
        TABLE,
        "TimeToLiveSpecification",
        (drop("TimeToLiveSpecification"), "has no TimeToLiveSpecification"),
        (put(TimeToLiveSpecification={**EXPIRES, "Enabled": False}), "TimeToLiveSpecification is"),
        (put(TimeToLiveSpecification={**EXPIRES, "AttributeName": "ttl"}), "TimeToLiveSpecification is"),
        (put(BillingMode="PROVISIONED"), "BillingMode is PROVISIONED"),
        (put(KeySchema=[]), "KeySchema is []"),
    ),
    *of(
        shape.tables_have_their_shape,
        TABLE,
        "event-log",
        (put(TimeToLiveSpecification=EXPIRES), "has TimeToLiveSpecification"),
        (drop("StreamSpecification"), "has no StreamSpecification"),
        (put(StreamSpecification={"StreamViewType": "KEYS_ONLY"}), "StreamSpecification is"),
        (put(TableName="elsewhere"), "there is no DynamoDB::Table orderbus-dev-event-log"),
    ),
    *of(
        shape.tables_have_their_shape,
        TABLE,
        "open-attempts",
        (drop("GlobalSecondaryIndexes"), "has no GlobalSecondaryIndexes"),
    ),
    *of(
        environment.functions_know_their_queues,
        FUNCTION,
        "MAX_RECEIVE_COUNT",
        (setting(MAX_RECEIVE_COUNT="4"), "'MAX_RECEIVE_COUNT': '4'"),
        (setting(DEAD_LETTER_QUEUE_URL="https://sqs.eu-west-1.amazonaws.com/1/x"), "amazonaws.com/1/x"),
        (without_variables, "has {} in its environment"),
    ),
    *of(environment.functions_know_their_queues, QUEUE, CONSUMERS, (received(4), "'MAX_RECEIVE_COUNT': '4'")),
    *of(
        environment.functions_know_their_queues,
        FUNCTION,
        "functions.orders.api.handle",
        (setting(MAX_RECEIVE_COUNT="5"), "should have {}"),
    ),
    *of(
        environment.functions_know_their_queues,
        FUNCTION,
        "functions.relay.handler.handle",
        (setting(DEAD_LETTER_QUEUE_URL="https://sqs.eu-west-1.amazonaws.com/1/x"), "amazonaws.com/1/x"),
    ),
    *of(
        environment.functions_know_tables_that_exist,
        FUNCTION,
        "STOCK_TABLE",
        (setting(STOCK_TABLE="orderbus-prod-stock"), "orderbus-prod-stock as STOCK_TABLE"),
    ),
    *of(
        environment.functions_have_their_properties,
        FUNCTION,
        "functions.payments.handler.handle",
        (put(ReservedConcurrentExecutions=1), "ReservedConcurrentExecutions"),
        (drop("TracingConfig"), "TracingConfig"),
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_broken_shape_is_reported(dev: Graph, fault: Fault) -> None:
    reports = list(fault.check(broken(dev, fault)))
    assert any(fault.report in each for each in reports), reports
